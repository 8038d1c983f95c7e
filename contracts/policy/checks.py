"""What must hold of a set that is handed in, beside its shape: it quotes the papers, its rules last, and it words every case."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.policy.document import WORDED_LATER, PolicySet, SetFault
from contracts.policy.quotes import foreign_quotes
from contracts.policy.shelf import CURRENT

ENDS_EARLY = "规则不能早于政策集终止，请另行提交一份政策集 / a rule cannot end before its set: hand in another set for the time after"
NOT_WORDED = "缺少这一情形的文字，请补上 / the wording for this case is missing: add it"


def faults_of(policy_set: PolicySet) -> Iterator[SetFault]:
    """All of them."""
    yield from foreign_quotes(policy_set)
    yield from rules_that_end_early(policy_set)
    yield from missing_wordings(policy_set)


def rules_that_end_early(policy_set: PolicySet) -> Iterator[SetFault]:
    """A rule is ended by another set, so that two people see what decides without it. In the order of the rules."""
    for number, rule in enumerate(policy_set.rules):
        if rule.effective_to is not None and (policy_set.effective_to is None or rule.effective_to < policy_set.effective_to):
            yield SetFault(("rules", number, "effective_to"), rule.id, "rule-ends-before-set", ENDS_EARLY)


def missing_wordings(policy_set: PolicySet) -> Iterator[SetFault]:
    """The variants of the shipped set that are not in this one: rules pick them by name, whatever set they judge by.

    That no code goes without words, the set itself sees to.
    """
    for key in CURRENT.set.reasons:
        code, _, variant = key.partition(":")
        if variant and code not in WORDED_LATER and key not in policy_set.reasons:
            yield SetFault(("reasons", key), key, "wording-missing", NOT_WORDED)
