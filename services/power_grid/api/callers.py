"""Who may call what: 404 to those who may not see a thing, 403 to those who see it but do not act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends

from chassis.auth import Principal, requires, with_one_of
from contracts import reference
from contracts.vocabulary import Role, Unit
from services.power_grid.errors import block_not_found, clearance_not_found, may_not_appeal, not_the_governance_office

CLEARANCE_READERS = (Role.GRID, Role.CLERK, Role.MAP_OFFICER, Role.REVIEWER, Role.AUDITOR, Role.ADMIN)

SEE_ALL_DUE = CLEARANCE_READERS
"""Who sees what falls due everywhere; a supervisor in its group, a township officer in its townships."""

Anybody = Annotated[Principal, Depends(requires())]
PowerCompany = Annotated[Principal, Depends(requires(Role.GRID))]
ClearanceLister = Annotated[Principal, Depends(requires(*CLEARANCE_READERS))]
SiteReader = Annotated[Principal, Depends(requires(Role.GRID, Role.MAP_OFFICER, Role.CLERK, Role.AUDITOR))]
FeedReader = Annotated[Principal, Depends(requires(Role.GRID, Role.AUDITOR, Role.ADMIN))]
DueLister = Annotated[Principal, Depends(requires(*SEE_ALL_DUE, Role.SUPERVISOR, Role.TOWNSHIP_OFFICER))]
Observer = Annotated[Principal, Depends(requires(Role.TOWNSHIP_OFFICER, Role.MAP_OFFICER, Role.GRID))]
Adviser = Annotated[Principal, Depends(requires(Role.ADMIN, Role.AUDITOR))]


async def _clearance_reader(principal: Anybody) -> Principal:
    if not principal.has(*CLEARANCE_READERS):
        raise clearance_not_found()
    return principal


ClearanceReader = Annotated[Principal, Depends(_clearance_reader)]


async def _block_reader(principal: Anybody) -> Principal:
    if not principal.has(*CLEARANCE_READERS):
        raise block_not_found()
    return principal


BlockReader = Annotated[Principal, Depends(_block_reader)]


def _on_clearance(*roles: Role) -> Callable[[Principal], Awaitable[Principal]]:
    async def allowed(principal: ClearanceReader) -> Principal:
        return with_one_of(roles, principal)

    return allowed


def _on_block(*roles: Role) -> Callable[[Principal], Awaitable[Principal]]:
    async def allowed(principal: BlockReader) -> Principal:
        return with_one_of(roles, principal)

    return allowed


Committer = Annotated[Principal, Depends(_on_clearance(Role.GRID))]
HoldOwner = Annotated[Principal, Depends(_on_clearance(Role.REVIEWER, Role.MAP_OFFICER))]
Acknowledger = Annotated[Principal, Depends(_on_block(Role.GRID, Role.ADMIN))]
Signatory = Annotated[Principal, Depends(_on_block(Role.GRID, Role.ADMIN))]


async def _appellant(principal: BlockReader) -> Principal:
    if not principal.has(Role.CLERK, Role.GRID):
        raise may_not_appeal()
    return principal


async def _governance_office(principal: BlockReader) -> Principal:
    if not principal.has(Role.REVIEWER) or principal.unit != Unit.MGO:
        raise not_the_governance_office()
    return principal


Appellant = Annotated[Principal, Depends(_appellant)]
"""Files an appeal for the party concerned."""

GovernanceOffice = Annotated[Principal, Depends(_governance_office)]


def townships_seen(principal: Principal) -> frozenset[str] | None:
    """The townships in which the caller sees what falls due; None: all, and the places of no township too."""
    if principal.has(*SEE_ALL_DUE):
        return None
    own = principal.townships if principal.has(Role.TOWNSHIP_OFFICER) else ()
    return reference.codes_watched(own, principal.unit if principal.has(Role.SUPERVISOR) else None)
