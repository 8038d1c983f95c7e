"""Who may call what: 404 to those who may not see filings at all, 403 to those who see them but do not act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends

from chassis.auth import Principal, requires
from chassis.preconditions import if_match
from contracts import reference
from contracts.vocabulary import Role
from services.registration.errors import filing_not_found, may_not_act
from services.registration.handlers import READERS

SEE_ALL_DUE = (Role.CLERK, Role.REVIEWER, Role.AUDITOR)
"""Who sees what falls due everywhere; a supervisor in its group, a township officer in its townships."""

APPLICANTS = (Role.CLERK, Role.INTEGRATOR)

Anybody = Annotated[Principal, Depends(requires())]
Submitter = Annotated[Principal, Depends(requires(*APPLICANTS))]
Admin = Annotated[Principal, Depends(requires(Role.ADMIN))]
PolicyReader = Annotated[Principal, Depends(requires(Role.ADMIN, Role.AUDITOR))]
DueLister = Annotated[Principal, Depends(requires(*SEE_ALL_DUE, Role.SUPERVISOR, Role.TOWNSHIP_OFFICER))]
Lister = Annotated[Principal, Depends(requires(*READERS, Role.INTEGRATOR))]


async def _reader(principal: Annotated[Principal, Depends(requires())]) -> Principal:
    if not principal.has(*READERS, Role.INTEGRATOR):
        raise filing_not_found()
    return principal


Reader = Annotated[Principal, Depends(_reader)]


def _actor(*roles: Role) -> Callable[[Principal], Principal]:
    def allowed(principal: Reader) -> Principal:
        if not principal.has(*roles):
            raise may_not_act()
        return principal

    return allowed


ApplicantsSide = Annotated[Principal, Depends(_actor(*APPLICANTS))]
Reviewer = Annotated[Principal, Depends(_actor(Role.REVIEWER, Role.MAP_OFFICER))]
ReviewerAlone = Annotated[Principal, Depends(_actor(Role.REVIEWER))]
Clerk = Annotated[Principal, Depends(_actor(Role.CLERK))]

Seen = Annotated[int, Depends(if_match)]
"""The version the caller has seen, from ``If-Match``: 428 without it."""


def townships_seen(principal: Principal) -> frozenset[str] | None:
    """The townships in which the caller sees what falls due; None: all of them."""
    if principal.has(*SEE_ALL_DUE):
        return None
    own = principal.townships if principal.has(Role.TOWNSHIP_OFFICER) else ()
    return reference.codes_watched(own, principal.unit if principal.has(Role.SUPERVISOR) else None)
