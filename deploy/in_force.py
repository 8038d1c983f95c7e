"""The policy set in force, as the running system says; where none can be asked, the one shipped with the software, and that it is this."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from rich.console import Console

from contracts.vocabulary import Role
from deploy.activation import POLICIES
from deploy.calling import HERE, Answer, get, token_of
from deploy.configuration import stop

if TYPE_CHECKING:
    from contracts.policy import PolicySet

SHIPPED = "随软件提供的政策集，不一定是现行的 / the set shipped with the software, which need not be the one in force"
PAGE = 500
SECONDS = 60.0


class InForce(NamedTuple):
    """A set, and in both languages where it is said to be in force."""

    set: PolicySet
    told: str


def set_in_force(url: str | None, token_file: Path | None, data: Path | None) -> InForce:
    """Asked of the system at ``url``, else of one on this machine.

    A system that was named and does not answer ends the command. Where none was named the shipped set stands in, and standard error
    says why.
    """
    from contracts.policy import CURRENT

    try:
        return _asked(url or HERE, token_file, data)
    except typer.Exit:
        if url is not None or token_file is not None:
            raise
    Console(stderr=True).print(f"以下为{SHIPPED}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    return InForce(CURRENT.set, SHIPPED)


def _asked(url: str, token_file: Path | None, data: Path | None) -> InForce:
    from contracts.policy import PolicySet

    token = token_of(token_file, data, "policy-show", Role.AUDITOR)
    found, cursor = None, None
    while found is None:
        page = _body(get(url, POLICIES, token, seconds=SECONDS, limit=PAGE, **({} if cursor is None else {"cursor": cursor})))
        found = next((one for one in page["items"] if one["in_force"]), None)
        cursor = page["next_cursor"]
        if found is None and cursor is None:
            stop("该系统未列出现行政策集 / the system lists no set that is in force")
    whole = _body(get(url, f"{POLICIES}/{found['id']}/{found['version']}", token, seconds=SECONDS))
    day = found["effective_from"]
    return InForce(PolicySet.model_validate(whole["policy_set"]), f"{url} 现行，自 {day} 起 / in force at {url} since {day}")


def _body(answer: Answer) -> dict[str, Any]:
    if answer.status != 200:
        stop(answer.detail)
    return answer.body
