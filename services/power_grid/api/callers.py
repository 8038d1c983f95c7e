"""Who may call what."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from chassis.auth import Principal, requires
from contracts.vocabulary import Role
from services.power_grid.errors import clearance_not_found

CLEARANCE_READERS = (Role.GRID, Role.CLERK, Role.MAP_OFFICER, Role.REVIEWER, Role.AUDITOR, Role.ADMIN)

Anybody = Annotated[Principal, Depends(requires())]
PowerCompany = Annotated[Principal, Depends(requires(Role.GRID))]
ClearanceLister = Annotated[Principal, Depends(requires(*CLEARANCE_READERS))]
SiteReader = Annotated[Principal, Depends(requires(Role.GRID, Role.MAP_OFFICER, Role.CLERK, Role.AUDITOR))]
FeedReader = Annotated[Principal, Depends(requires(Role.GRID, Role.AUDITOR, Role.ADMIN))]
Acknowledger = Annotated[Principal, Depends(requires(Role.GRID, Role.ADMIN))]
Signatory = Annotated[Principal, Depends(requires(Role.GRID, Role.ADMIN))]
Observer = Annotated[Principal, Depends(requires(Role.TOWNSHIP_OFFICER, Role.MAP_OFFICER, Role.GRID))]
HoldOwner = Annotated[Principal, Depends(requires(Role.REVIEWER, Role.MAP_OFFICER))]
Adviser = Annotated[Principal, Depends(requires(Role.ADMIN, Role.AUDITOR))]


async def _clearance_reader(principal: Anybody) -> Principal:
    if not principal.has(*CLEARANCE_READERS):
        raise clearance_not_found()
    return principal


ClearanceReader = Annotated[Principal, Depends(_clearance_reader)]
