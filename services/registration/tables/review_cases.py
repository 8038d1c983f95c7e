"""Review cases of decided filings, closed by the governance office, which decides appeals: who took a decision does not review it."""

from chassis.review_cases import ReviewCases
from contracts.vocabulary import Role, Unit
from services.registration.tables.rows import RegistrationRow

REVIEW_CASES = ReviewCases(RegistrationRow.metadata, "filing_id", (Role.REVIEWER, Unit.MGO))
