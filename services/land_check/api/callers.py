"""Who may call what, and how far each sees: 404 to those who may not see a thing, 403 to those who see it but do not act."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import Depends

from chassis.auth import Principal, requires, with_one_of
from chassis.database import Transaction
from contracts import reference
from contracts.vocabulary import Role
from services.land_check.domain import Statement
from services.land_check.errors import not_found, statement_not_found
from services.land_check.handlers.territory import own_townships
from services.land_check.tables.rows import STATEMENT
from services.land_check.tables.search import one
from services.land_check.tables.statements import statement_of

SEE_ALL = (Role.CLERK, Role.MAP_OFFICER, Role.AUDITOR, Role.REVIEWER)
ENTRY_READERS = (*SEE_ALL, Role.TOWNSHIP_OFFICER, Role.SUPERVISOR)

Anyone = Annotated[Principal, Depends(requires())]
MapOfficer = Annotated[Principal, Depends(requires(Role.MAP_OFFICER))]
TownshipOfficer = Annotated[Principal, Depends(requires(Role.TOWNSHIP_OFFICER))]
StatementLister = Annotated[Principal, Depends(requires(*SEE_ALL, Role.TOWNSHIP_OFFICER))]
EntryKeeper = Annotated[Principal, Depends(requires(Role.MAP_OFFICER, Role.TOWNSHIP_OFFICER))]
EntryLister = Annotated[Principal, Depends(requires(*ENTRY_READERS))]
GradeReader = Annotated[Principal, Depends(requires(*SEE_ALL))]


def townships_seen(principal: Principal) -> frozenset[str] | None:
    """The townships whose papers and entries the caller sees; None: all."""
    if principal.has(*SEE_ALL):
        return None
    seen = own_townships(principal) if principal.has(Role.TOWNSHIP_OFFICER) else frozenset()
    if principal.has(Role.SUPERVISOR):
        seen |= {unit.code for unit in reference.townships() if unit.group is not None and unit.group == principal.unit}
    return seen


def sees(principal: Principal, township_code: str | None) -> bool:
    """Whether the caller sees what belongs to that township."""
    seen = townships_seen(principal)
    return seen is None or township_code in seen


def statement_seen(tx: Transaction, principal: Principal, statement_id: str) -> Statement:
    """The statement. Raises 404 also where the caller does not see it."""
    row = one(tx, STATEMENT, statement_id)
    if row is None or not sees(principal, row.township_code):
        raise statement_not_found()
    return statement_of(row)


def _actor(readers: Sequence[Role], *roles: Role) -> Callable[[Principal], Principal]:
    """Those of ``readers`` who have one of the roles."""

    def allowed(principal: Anyone) -> Principal:
        if not principal.has(*readers):
            raise not_found("", "record")
        return with_one_of(roles or readers, principal)

    return allowed


PAPER_READERS = (*SEE_ALL, Role.TOWNSHIP_OFFICER)
FILING_READERS = (*SEE_ALL, Role.INTEGRATOR)
"""An integrator sees its own filings; whose a filing is, is not known here."""

Reader = Annotated[Principal, Depends(_actor(PAPER_READERS))]
TownshipActor = Annotated[Principal, Depends(_actor(PAPER_READERS, Role.TOWNSHIP_OFFICER))]
ForgeryReporter = Annotated[Principal, Depends(_actor(PAPER_READERS, Role.TOWNSHIP_OFFICER, Role.CLERK))]
EntryActor = Annotated[Principal, Depends(_actor(ENTRY_READERS, Role.MAP_OFFICER, Role.TOWNSHIP_OFFICER))]
MapActor = Annotated[Principal, Depends(_actor(FILING_READERS, Role.MAP_OFFICER))]
