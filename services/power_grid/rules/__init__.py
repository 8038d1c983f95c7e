"""Pure decisions of power_grid: what stands at a place, what may be added there, who is told."""

from services.power_grid.rules.acknowledging import seen_by
from services.power_grid.rules.decision import OBSTACLES, OPENINGS, decide
from services.power_grid.rules.manufacturing import comes_newly, known_at, manufacturing_at, means_the_same
from services.power_grid.rules.places import QUIET, covers, land_for_others, land_of_filing
from services.power_grid.rules.questions import declared_use_of, question_of_check, question_of_request, question_of_site
from services.power_grid.rules.signing import may_sign, signatories
from services.power_grid.rules.standing import (
    fingerprint,
    grade_counts_at,
    is_quiet,
    next_look,
    standing_of,
    stands_anyway,
    stays_meanwhile,
)
from services.power_grid.rules.telling import units_told

__all__ = [
    "OBSTACLES",
    "OPENINGS",
    "QUIET",
    "comes_newly",
    "covers",
    "decide",
    "declared_use_of",
    "fingerprint",
    "grade_counts_at",
    "is_quiet",
    "known_at",
    "land_for_others",
    "land_of_filing",
    "manufacturing_at",
    "may_sign",
    "means_the_same",
    "next_look",
    "question_of_check",
    "question_of_request",
    "question_of_site",
    "seen_by",
    "signatories",
    "standing_of",
    "stands_anyway",
    "stays_meanwhile",
    "units_told",
]
