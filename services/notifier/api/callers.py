"""Who may call what: 404 to those who may not see a thing, 403 to those who see it but do not act."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from chassis.auth import Principal, requires
from chassis.problems import Problem
from contracts.vocabulary import Role, Unit
from services.notifier.errors import delivery_not_found, digest_not_found, endpoint_not_found

LEDGER_READERS = (Role.ADMIN, Role.AUDITOR)
"""They see endpoints and deliveries; only an admin acts on them."""

SEE_ALL_DIGESTS = (Role.AUDITOR, Role.ADMIN)
NOBODYS = ""
"""Whose digests a supervisor of no group sees: nothing is addressed to it."""

Anybody = Annotated[Principal, Depends(requires())]
Admin = Annotated[Principal, Depends(requires(Role.ADMIN))]
LedgerLister = Annotated[Principal, Depends(requires(*LEDGER_READERS))]


async def _endpoint_reader(principal: Anybody) -> Principal:
    if not principal.has(*LEDGER_READERS):
        raise endpoint_not_found()
    return principal


async def _delivery_reader(principal: Anybody) -> Principal:
    if not principal.has(*LEDGER_READERS):
        raise delivery_not_found()
    return principal


EndpointReader = Annotated[Principal, Depends(_endpoint_reader)]
DeliveryReader = Annotated[Principal, Depends(_delivery_reader)]


async def _endpoint_keeper(principal: EndpointReader) -> Principal:
    return _acting(principal)


async def _sender(principal: DeliveryReader) -> Principal:
    return _acting(principal)


EndpointKeeper = Annotated[Principal, Depends(_endpoint_keeper)]
Sender = Annotated[Principal, Depends(_sender)]


def _acting(principal: Principal) -> Principal:
    if not principal.has(Role.ADMIN):
        raise Problem(
            403, "forbidden", "您可以查看，但无权办理：需要 admin 角色", "you may see this but not do it: the role admin is needed"
        )
    return principal


def _digests_of(principal: Principal, refusal: Problem) -> str | None:
    """Whose digests the caller sees; None: everybody's. Raises ``refusal`` where it sees none."""
    if principal.has(*SEE_ALL_DIGESTS) or (principal.has(Role.REVIEWER) and principal.unit == Unit.MGO):
        return None
    if principal.has(Role.SUPERVISOR):
        return principal.unit or NOBODYS
    raise refusal


async def _digest_lister(principal: Anybody) -> str | None:
    zh, en = "周报供督查指导组和市制造业治理办公室查看", "digests are for the supervision groups and for MGO"
    return _digests_of(principal, Problem(403, "forbidden", zh, en))


async def _digest_reader(principal: Anybody) -> str | None:
    return _digests_of(principal, digest_not_found())


DigestsListed = Annotated[str | None, Depends(_digest_lister)]
DigestsSeen = Annotated[str | None, Depends(_digest_reader)]
