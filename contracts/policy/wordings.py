"""Whether a set words every case that its decisions may speak of: rules pick a variant by its name, whatever set they judge by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from contracts.policy.document import WORDED_LATER, PolicySet
from contracts.policy.shelf import CURRENT

MESSAGE = "缺少这一情形的文字，请补上 / the wording for this case is missing: add it"


class NotWorded(NamedTuple):
    """A case without words: where in the set it belongs, which it is, and what to do (zh / en)."""

    path: tuple[str | int, ...]
    key: str
    code: str = "wording-missing"
    message: str = MESSAGE


def missing_wordings(policy_set: PolicySet) -> Iterator[NotWorded]:
    """The variants of the shipped set that are not in this one. That no code goes without words, the set itself sees to."""
    for key in CURRENT.set.reasons:
        code, _, variant = key.partition(":")
        if variant and code not in WORDED_LATER and key not in policy_set.reasons:
            yield NotWorded(("reasons", key), key)
