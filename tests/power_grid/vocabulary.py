"""Words for the tests of power_grid: parcels, filings and verdicts as they are heard, requests as they are asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.messages import Result
from chassis.service import Service
from chassis.testing import NOON, client, command, database, principal, received, run_handler
from contracts.envelope import Event
from contracts.land_check import GradeRecorded, LandFindings, LandVerdictIssued, ParcelChanged, StatementView, UnitVerdict
from contracts.policy import CURRENT
from contracts.registration import (
    DecisionSummary,
    FilingAccepted,
    FilingAmended,
    FilingClosed,
    FilingEvent,
    FilingFacts,
    FilingHeld,
    FilingRefused,
    FilingSubmitted,
    FilingWithdrawn,
)
from contracts.vocabulary import Action, FilingStatus, Grade, InstallKind, LandVerdict, Outcome, Premises, StatementOutcome, SubjectType
from services.power_grid import consumers, handlers, tables
from services.power_grid.app import create
from services.power_grid.domain import Clearance, InstallRequest, SiteKey, TokenClaims
from services.power_grid.handlers import SiteView
from services.power_grid.settings import PowerGridSettings
from services.power_grid.tables.rows import FEED_HEADS

LATER = NOON + timedelta(hours=1)
XINPU, ZHOUXIANG = "330282112", "330282121"
HOUSE, FACTORY, SHOP = "330282112001JC00001", "330282121001GB00001", "330282121001GB00002"
USCC_A, USCC_B = "91330282MA2AAAAA1C", "91330282MA2BBBBB1L"
NAME = "慈溪某某电器有限公司"
FAR, NEAR = date(2040, 1, 1), date(2029, 1, 1)
MAKER, TRADER = "3851", "5212"
SHA = "0" * 64

company = principal("grid", sub="psc-1", unit="PSC")
_numbers = count(1)


def parcel(
    code: str = HOUSE,
    verdict: LandVerdict = LandVerdict.NON_INDUSTRIAL,
    *,
    version: int = 1,
    units: dict[str, LandVerdict] | None = None,
    planned: date | None = None,
    at: datetime = NOON,
) -> ParcelChanged:
    """A parcel as land_check tells of it."""
    return ParcelChanged(
        parcel_code=code,
        township_code=XINPU,
        version=version,
        land_verdict=verdict,
        units=tuple(UnitVerdict(unit_number=unit, land_verdict=land) for unit, land in (units or {}).items()),
        planned_implementation=planned,
        policy=CURRENT.ref,
        changed_at=at,
    )


def _filed(code: str | None, unit: str | None, industry: str, action: Action, uscc: str | None, name: str) -> FilingFacts:
    return FilingFacts(
        action=action,
        subject_type=SubjectType.COMPANY,
        enterprise_name=name,
        uscc=uscc,
        industry_code=industry,
        premises=Premises(township_code=XINPU, address="新浦镇某村1号", parcel_code=code, unit_number=unit),
        submitted_at=NOON,
    )


class Filed:
    """One filing, told event by event: each call is the next event of its stream."""

    def __init__(
        self,
        filing_id: str = "fil-1",
        code: str | None = HOUSE,
        *,
        unit: str | None = None,
        industry: str = MAKER,
        action: Action = Action.ESTABLISH,
        uscc: str | None = None,
        name: str = NAME,
    ) -> None:
        self.filing_id, self.code, self.unit, self.industry = filing_id, code, unit, industry
        self.action, self.uscc, self.name = action, uscc, name
        self.version, self.revision = 0, 1

    @property
    def manufacturing(self) -> bool:
        return CURRENT.is_manufacturing(self.industry)

    def _event(self, kind: type[FilingEvent], **more: Any) -> Any:
        self.version += 1
        return kind.model_validate(
            {
                "filing_id": self.filing_id,
                "version": self.version,
                "revision": self.revision,
                "enterprise_name": self.name,
                "uscc": self.uscc,
                "township_code": XINPU,
                "parcel_code": self.code,
                "unit_number": self.unit,
                **more,
            }
        )

    def _facts(self) -> FilingFacts:
        return _filed(self.code, self.unit, self.industry, self.action, self.uscc, self.name)

    def submitted(self) -> FilingSubmitted:
        event: FilingSubmitted = self._event(FilingSubmitted, filing=self._facts())
        return event

    def amended(self, code: str | None) -> FilingAmended:
        self.revision += 1
        self.code = code
        event: FilingAmended = self._event(FilingAmended, filing=self._facts())
        return event

    def given_uscc(self, uscc: str) -> FilingAmended:
        self.uscc = uscc
        event: FilingAmended = self._event(FilingAmended, filing=self._facts())
        return event

    def _decided(self, kind: type[FilingEvent], status: FilingStatus, outcome: Outcome, at: datetime) -> Any:
        decision = DecisionSummary(
            outcome=outcome,
            land_verdict=LandVerdict.INDUSTRIAL,
            statement=StatementOutcome.NOT_REQUIRED,
            policy=CURRENT.ref,
            decided_at=at,
        )
        return self._event(
            kind, status=status, action=self.action, industry_code=self.industry, manufacturing=self.manufacturing, decision=decision
        )

    def held(self) -> FilingHeld:
        event: FilingHeld = self._decided(FilingHeld, FilingStatus.HELD, Outcome.HOLD, NOON)
        return event

    def accepted(self, at: datetime = NOON) -> FilingAccepted:
        event: FilingAccepted = self._decided(FilingAccepted, FilingStatus.ACCEPTED, Outcome.ACCEPT, at)
        return event

    def refused(self) -> FilingRefused:
        event: FilingRefused = self._decided(FilingRefused, FilingStatus.REFUSED, Outcome.REFUSE, NOON)
        return event

    def withdrawn(self, at: datetime = NOON) -> FilingWithdrawn:
        event: FilingWithdrawn = self._event(FilingWithdrawn, manufacturing=self.manufacturing, withdrawn_at=at)
        return event

    def closed(self, duplicate_of: str) -> FilingClosed:
        decision = self.held().decision
        event: FilingClosed = self._event(FilingClosed, duplicate_of=duplicate_of, decision=decision)
        return event

    def judged(
        self,
        verdict: LandVerdict,
        *,
        statement: StatementOutcome = StatementOutcome.NOT_REQUIRED,
        at: datetime = NOON,
        code: str | None = "",
        planned: date | None = None,
    ) -> LandVerdictIssued:
        """The verdict on the filing as it is now; ``code``: the parcel matched, by default the one filed."""
        matched = self.code if code == "" else code
        land = LandFindings(
            land_verdict=verdict,
            township_code=XINPU,
            parcel_code=matched,
            unit_number=self.unit,
            planned_implementation=planned,
            statement=StatementView(outcome=statement, statement_id="stm-1"),
        )
        return LandVerdictIssued(
            filing_id=self.filing_id,
            enterprise_name=self.name,
            township_code=XINPU,
            parcel_code=matched,
            unit_number=self.unit,
            revision=self.revision,
            land=land,
            policy=CURRENT.ref,
            judged_at=at,
        )


def graded(uscc: str, grade: Grade, year: int = 2025) -> GradeRecorded:
    return GradeRecorded(uscc=uscc, year=year, grade=grade)


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
        hearers = {line.event: line.handler for line in consumers.SUBSCRIPTIONS}
        for event in events:
            self._ran(run_handler(self.db, hearers[type(event)], [received(event)]))

    def hear_together(self, events: Sequence[Event]) -> None:
        """Events of one type in one batch."""
        hearers = {line.event: line.handler for line in consumers.SUBSCRIPTIONS}
        self._ran(run_handler(self.db, hearers[type(events[0])], [received(event) for event in events]))

    def do(self, handler: Any, data: Any, by: Any = company) -> Any:
        return self._ran(run_handler(self.db, handler, [command(data, by)])).answers[0]

    def ask(self, request: InstallRequest) -> Clearance:
        clearance: Clearance = self.do(handlers.request_installs, request).clearance
        return clearance

    def clearance(self, earlier: Clearance) -> Clearance:
        return self.db.read_sync(lambda tx: tables.load_clearances(tx, [earlier.clearance_id]))[earlier.clearance_id]

    def commit(self, clearance: Clearance, epoch: int | None = None) -> Any:
        claims = TokenClaims(clearance.clearance_id, clearance.site_epoch if epoch is None else epoch, NOON + timedelta(days=30))
        return self.do(handlers.commit_clearances, handlers.Commit(clearance.clearance_id, claims))

    def site(self, code: str = HOUSE, unit: str | None = None) -> SiteView:
        return self.db.read_sync(lambda tx: handlers.look_at_site(tx, SiteKey(code, unit)))

    def feed(self) -> list[tuple[str, str, int]]:
        entries = self.db.read_sync(lambda tx: tables.feed_after(tx, 0, 500))
        return [(entry.type, entry.site.parcel_code, entry.streamseq) for _, entry in entries]

    def told(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.said if type(event) is kind]


@contextmanager
def grid() -> Iterator[Grid]:
    clock = FixedClock(NOON)
    with database(tables.METADATA, clock=clock) as db:
        # the migration history, which the tests of the whole service run, ends with this row
        db.write_sync(lambda tx: tx.insert(FEED_HEADS, [{"name": "blocks", "position": 0}]))
        yield Grid(db, clock)


def codes(clearance: Clearance) -> list[str]:
    return [str(reason.code) for reason in clearance.answer.reasons]


@asynccontextmanager
async def running(folder: Path, clock: FixedClock | None = None) -> AsyncIterator[Service]:
    """The whole service over a data directory of its own."""
    service = create(PowerGridSettings(data=folder), clock=clock or FixedClock(NOON))
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


def caller(service: Service, role: str, **more: Any) -> httpx.AsyncClient:
    return client(service, [role], **more)
