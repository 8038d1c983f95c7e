"""The policy sets: rules, switches, clauses and texts as data, and the object that decisions are taken with."""

from contracts.policy.checks import faults_of, missing_wordings
from contracts.policy.document import LARGEST_VERSION, Mark, PolicySet, Rule, SetFault, SwitchNote, Text
from contracts.policy.policy import Policy
from contracts.policy.quotes import DOCUMENTS, stands_in_its_paper
from contracts.policy.reasons import Reason
from contracts.policy.shelf import CURRENT, FIRST, PolicyNotFoundError, load_policy, policy_at
from contracts.policy.switches import Switches

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
    "SetFault",
    "SwitchNote",
    "Switches",
    "Text",
    "faults_of",
    "load_policy",
    "missing_wordings",
    "policy_at",
    "stands_in_its_paper",
]
