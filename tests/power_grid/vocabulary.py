"""Words for the tests of power_grid: requests as they are asked, and the service without or with its HTTP side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from chassis.clock import FixedClock, rfc3339
from chassis.database import Database
from chassis.messages import Result
from chassis.service import Service
from chassis.testing import NOON, client, command, database, principal, received, run_handler
from contracts.envelope import Event
from contracts.vocabulary import InstallKind
from services.power_grid import app, consumers, handlers, tables
from services.power_grid.app import create
from services.power_grid.domain import Clearance, InstallRequest, SiteKey, TokenClaims
from services.power_grid.handlers import SiteThen, SiteView
from services.power_grid.settings import PowerGridSettings
from tests.power_grid.events import HOUSE

MIGRATIONS = Path(app.__file__).parent / "migrations"

company = principal("grid", sub="psc-1", unit="PSC")
HEARERS: dict[type[Event], Any] = {line.event: line.handler for line in consumers.SUBSCRIPTIONS}
_numbers = count(1)


def asked(code: str | None = HOUSE, *, industry: str | None = None, filing: str | None = None, **more: Any) -> InstallRequest:
    """A request for a new 315 kVA transformer, or another as ``more`` says."""
    return InstallRequest(
        **{
            "request_id": f"PSC-{next(_numbers)}",
            "kind": InstallKind.NEW_THREE_PHASE_TRANSFORMER,
            "parcel_code": code,
            "unit_number": None,
            "filing_id": filing,
            "capacity_kva": 315.0,
            "existing_capacity_kva": None,
            "applicant_type": "owner",
            "applicant_name": "某房东",
            "applicant_uscc": None,
            "declared_industry_code": industry,
            **more,
        }
    )


class Grid:
    """power_grid without its HTTP side: hears events, answers requests, looks at sites."""

    def __init__(self, db: Database, clock: FixedClock) -> None:
        self.db, self.clock = db, clock
        self.said: list[Event] = []

    def _ran(self, result: Result) -> Result:
        self.said += [message.event for message in result.messages]
        return result

    def hear(self, *events: Event) -> None:
        """Each event in a transaction of its own."""
        for event in events:
            self.hear_together([event])

    def hear_together(self, events: Sequence[Event]) -> None:
        """Events of one handler in one batch."""
        self._ran(run_handler(self.db, HEARERS[type(events[0])], [received(event) for event in events]))

    def do(self, handler: Any, data: Any, by: Any = company) -> Any:
        return self._ran(run_handler(self.db, handler, [command(data, by)])).answers[0]

    def ask(self, request: InstallRequest) -> Clearance:
        clearance: Clearance = self.do(handlers.request_installs, request).clearance
        return clearance

    def clearance(self, earlier: Clearance) -> Clearance:
        return self.db.read_sync(lambda tx: tables.load_clearances(tx, [earlier.clearance_id]))[earlier.clearance_id]

    def commit(self, clearance: Clearance, epoch: int | None = None) -> Any:
        assert clearance.site is not None
        epoch = clearance.site_epoch if epoch is None else epoch
        claims = TokenClaims(clearance.clearance_id, clearance.site, epoch, NOON + timedelta(days=30))
        return self.do(handlers.commit_clearances, handlers.Commit(clearance.clearance_id, claims))

    def site(self, code: str = HOUSE, unit: str | None = None) -> SiteView:
        return self.db.read_sync(lambda tx: handlers.look_at_site(tx, SiteKey(code, unit)))

    def site_then(self, then: datetime, code: str = HOUSE, unit: str | None = None) -> SiteThen:
        return self.db.read_sync(lambda tx: handlers.look_back_at_site(tx, SiteKey(code, unit), rfc3339(then)))

    def feed(self) -> list[tuple[str, str, int]]:
        entries = self.db.read_sync(lambda tx: tables.feed_after(tx, 0, 500))
        return [(entry.type, entry.site.parcel_code, entry.streamseq) for _, entry in entries]

    def told(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.said if type(event) is kind]


@contextmanager
def grid() -> Iterator[Grid]:
    clock = FixedClock(NOON)
    with database(migrations=MIGRATIONS, clock=clock) as db:
        yield Grid(db, clock)


def codes(clearance: Clearance) -> list[str]:
    return [str(reason.code) for reason in clearance.answer.reasons]


@asynccontextmanager
async def running(folder: Path, clock: FixedClock | None = None, peers: httpx.AsyncClient | None = None) -> AsyncIterator[Service]:
    """The whole service over a data directory of its own."""
    service = create(PowerGridSettings(data=folder), clock=clock or FixedClock(NOON), peers=peers)
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


def caller(service: Service, role: str, **more: Any) -> httpx.AsyncClient:
    return client(service, [role], **more)
