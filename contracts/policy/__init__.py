"""The policy sets: rules, switches, clauses and texts as data, and the object that decisions are taken with."""

from contracts.policy.document import LARGEST_VERSION, Mark, PolicySet, Rule, SwitchNote, Text
from contracts.policy.periods import rules_that_end_early
from contracts.policy.policy import Policy
from contracts.policy.quotes import DOCUMENTS, foreign_quotes, stands_in_its_paper
from contracts.policy.reasons import Reason
from contracts.policy.shelf import CURRENT, FIRST, PolicyNotFoundError, load_policy, policy_at
from contracts.policy.switches import Switches
from contracts.policy.wordings import missing_wordings

__all__ = [
    "CURRENT",
    "DOCUMENTS",
    "FIRST",
    "LARGEST_VERSION",
    "Mark",
    "Policy",
    "PolicyNotFoundError",
    "PolicySet",
    "Reason",
    "Rule",
    "SwitchNote",
    "Switches",
    "Text",
    "foreign_quotes",
    "load_policy",
    "missing_wordings",
    "policy_at",
    "rules_that_end_early",
    "stands_in_its_paper",
]
