"""Review cases of committed clearances, closed by the governance office, as those of filings are."""

from chassis.review_cases import ReviewCases
from contracts.vocabulary import Role, Unit
from services.power_grid.tables.rows import METADATA

REVIEW_CASES = ReviewCases(METADATA, "clearance_id", (Role.REVIEWER, Unit.MGO))
