"""Whether the rules of a set last as long as the set: a rule is ended by another set, so that two people see what decides without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from contracts.policy.document import PolicySet

MESSAGE = "规则不能早于政策集终止，请另行提交一份政策集 / a rule cannot end before its set: hand in another set for the time after"


class EndsEarly(NamedTuple):
    """A rule that ends before its set: where in the set, which rule, and what to do (zh / en)."""

    path: tuple[str | int, ...]
    rule: str
    code: str = "rule-ends-before-set"
    message: str = MESSAGE


def rules_that_end_early(policy_set: PolicySet) -> Iterator[EndsEarly]:
    """In the order of the rules."""
    for number, rule in enumerate(policy_set.rules):
        if rule.effective_to is not None and (policy_set.effective_to is None or rule.effective_to < policy_set.effective_to):
            yield EndsEarly(("rules", number, "effective_to"), rule.id)
