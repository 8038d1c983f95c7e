"""Pure decisions of registration: may this filing be registered, must it wait and for what, or is it refused.

``GATES`` end the question, ``RULES`` are all asked, ``FLAGS`` and ``TAGS`` mark the answer. Time and policy arrive as arguments.
"""

from services.registration.rules.case import DECLINED
from services.registration.rules.decision import (
    GATES,
    decide,
    duplicate_of,
    has_moved_away,
    held_again,
    may_declare_no_statement,
    with_the_verdict_of,
    withdrawn,
)
from services.registration.rules.marks import FLAGS, TAGS
from services.registration.rules.reasons import RULES
from services.registration.rules.set_aside import appeal_of_this_decision, reopened
from services.registration.rules.words import GIVEN_FOR, is_about

__all__ = [
    "DECLINED",
    "FLAGS",
    "GATES",
    "GIVEN_FOR",
    "RULES",
    "TAGS",
    "appeal_of_this_decision",
    "decide",
    "duplicate_of",
    "has_moved_away",
    "held_again",
    "is_about",
    "may_declare_no_statement",
    "reopened",
    "with_the_verdict_of",
    "withdrawn",
]
