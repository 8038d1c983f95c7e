"""Words for the tests of land_check: parcels and filings as they come, papers, a service to call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.messages import Result
from chassis.service import Service
from chassis.testing import NOON, command, database, principal, received, run_handler
from contracts.envelope import Event
from contracts.policy import CURRENT
from contracts.registration import (
    DecisionSummary,
    FilingAccepted,
    FilingAmended,
    FilingFacts,
    FilingHeld,
    FilingRefused,
    FilingSubmitted,
    FilingWithdrawn,
)
from contracts.vocabulary import Action, FilingStatus, Flag, LandVerdict, Outcome, Premises, StatementOutcome, SubjectType
from services.land_check import app
from services.land_check.api.parcel_bodies import ParcelSent
from services.land_check.domain import Parcel, PlannedUse, Site, Use
from services.land_check.handlers.filings import filings_amended, filings_ended, filings_held, filings_submitted
from services.land_check.handlers.parcels import PutParcel, put_parcels
from services.land_check.settings import LandCheckSettings
from services.land_check.tables.search import find_entries, find_requests

MIGRATIONS = Path(app.__file__).parent / "migrations"
XINPU, ZHOUXIANG, LONGSHAN, HIGH_TECH, ANDONG, BAISHALU = "330282112", "330282121", "330282123", "330282403", "330282118", "330282005"
HOMESTEAD, VILLAGE_LAND = "330282112001JC00001", "330282112001JB00002"
FACTORY = "330282121001GB00001"
USCC_A, USCC_B = "91330282MA2AAAAA1C", "91330282MA2BBBBB1L"
SHA = "0" * 64
NAME = "慈溪某某电器有限公司"
INDUSTRIAL = {"scheme": "GB/T21010-2017", "code": "0601"}
SHOP = {"scheme": "GB/T21010-2017", "code": "0501"}
HOUSE = {"scheme": "GB/T21010-2017", "code": "0702"}

SQUARE = {"type": "Polygon", "coordinates": [[[121.2, 30.1], [121.201, 30.1], [121.201, 30.101], [121.2, 30.101], [121.2, 30.1]]]}

map_officer = principal("map_officer", sub="map-1", unit="NRP")
officer = principal("township_officer", sub="officer-1", name="王五", townships=[XINPU])
elsewhere = principal("township_officer", sub="officer-2", name="赵六", townships=[ZHOUXIANG])


def parcel_sent(code: str = HOMESTEAD, **changes: Any) -> dict[str, Any]:
    """A homestead in a village of 新浦镇, as the map office sends it."""
    body: dict[str, Any] = {
        "parcel_code": code,
        "township_code": code[:6] + "112" if code[6:9] == "112" else code[:9],
        "in_village": True,
        "in_qianwan": None,
        "registered_use": [HOUSE],
        "survey_use": None,
        "planned_use": "unchanged",
        "transition": None,
        "inside_control_line": None,
        "park_id": None,
        "units": [],
        "addresses": [],
        "geometry": None,
        "source": "不动产登记簿",
        "as_of": "2026-01-01",
    }
    return body | changes


def factory_sent(code: str = FACTORY, **changes: Any) -> dict[str, Any]:
    return parcel_sent(code, **{"in_village": False, "registered_use": [INDUSTRIAL], **changes})


def parcel(code: str = FACTORY, *uses: tuple[str, str], township: str = ZHOUXIANG, **changes: Any) -> Parcel:
    """A parcel as the rules see it, registered with these (scheme, code)."""
    plain: dict[str, Any] = {
        "survey": None,
        "planned_use": PlannedUse.UNCHANGED,
        "planned_implementation": None,
        "in_village": None,
        "in_qianwan": None,
        "inside_control_line": None,
        "park_id": None,
        "units": {},
        "source": "test",
        "as_of": "2026-01-01",
    }
    return Parcel(code, township, 1, tuple(Use(*use) for use in uses), **{**plain, **changes})


def site(on: Parcel | None, township: str | None = None, **changes: Any) -> Site:
    return Site(township or (on.township_code if on else ZHOUXIANG), on.code if on else None, parcel=on, **changes)


def place(parcel_code: str | None = HOMESTEAD, **changes: Any) -> Premises:
    given: dict[str, Any] = {"township_code": XINPU, "address": "新浦镇某村1号", "parcel_code": parcel_code, "used_for_production": True}
    return Premises(**{**given, **changes})


def facts(parcel_code: str | None = HOMESTEAD, **changes: Any) -> FilingFacts:
    """A new manufacturer of household appliances; ``premises`` may be given whole."""
    given: dict[str, Any] = {
        "action": Action.ESTABLISH,
        "subject_type": SubjectType.COMPANY,
        "enterprise_name": NAME,
        "uscc": None,
        "industry_code": "3851",
        "premises": place(parcel_code),
        "submitted_at": NOON,
    }
    return FilingFacts(**{**given, **changes})


def paper_sent(**changes: Any) -> dict[str, Any]:
    """A paper of 新浦镇 for the homestead, as its officer records it."""
    body: dict[str, Any] = {
        "filing_id": None,
        "issuer": {"type": "township", "township_code": XINPU, "name": "新浦镇人民政府"},
        "result": "supports",
        "enterprise_name": NAME,
        "uscc": None,
        "parcel_code": HOMESTEAD,
        "unit_number": None,
        "owner": "李四",
        "basis": "农村宅基地使用权",
        "second_officer": "陈七",
        "issued_on": "2026-11-01",
        "valid_to": "2027-05-01",
        "document_sha256": SHA,
        "in_village": None,
    }
    return body | changes


def issue_sent(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "result": "supports",
        "owner": "李四",
        "basis": "农村宅基地使用权",
        "second_officer": "陈七",
        "valid_to": None,
        "document_sha256": SHA,
        "in_village": None,
    }
    return body | changes


class Office:
    """A land check of its own: handlers run one after the other on a real database; ``said`` are the events so far."""

    def __init__(self, db: Database, clock: FixedClock) -> None:
        self.db, self.clock = db, clock
        self.said: list[Event] = []

    def run(self, handler: Any, *batch: Any) -> Result:
        result = run_handler(self.db, handler, batch)
        self.said += [message.event for message in result.messages]
        return result

    def put(self, sent: dict[str, Any]) -> Any:
        return self.run(put_parcels, command(PutParcel(ParcelSent.model_validate(sent).record()), map_officer)).answers[0]

    def submit(self, filing_id: str = "F1", filed: FilingFacts | None = None) -> Any:
        """File, and what was found."""
        self.run(filings_submitted, received(submitted(filing_id, filed)))
        return self.findings(filing_id)

    def amend(self, filing_id: str, filed: FilingFacts, revision: int = 2) -> Any:
        self.run(filings_amended, received(FilingAmended(**_common(filing_id, filed, revision=revision), filing=filed), seq=2))
        return self.findings(filing_id)

    def accept(self, filing_id: str = "F1", flags: tuple[Flag, ...] = ()) -> None:
        self.run(filings_ended, received(FilingAccepted(**_decided(filing_id, FilingStatus.ACCEPTED, Outcome.ACCEPT, flags)), seq=9))

    def refuse(self, filing_id: str = "F1") -> None:
        self.run(filings_ended, received(FilingRefused(**_decided(filing_id, FilingStatus.REFUSED, Outcome.REFUSE)), seq=9))

    def hold(self, filing_id: str = "F1", land: LandVerdict | None = None, due: date | None = None) -> None:
        """Registration holds a filing; ``due``: for a paper that does not hold, on land that is ``land``."""
        event = FilingHeld(**_decided(filing_id, FilingStatus.HELD, Outcome.HOLD))
        if land is not None:
            reasons = (CURRENT.reason("statement_invalid").ref(due=due),)
            event = event.model_copy(update={"decision": event.decision.model_copy(update={"reasons": reasons, "land_verdict": land})})
        self.run(filings_held, received(event, seq=10))

    def set_aside(self, filing_id: str = "F1") -> None:
        """Registration set its own decision aside and holds the filing."""
        event = FilingHeld(**_decided(filing_id, FilingStatus.HELD, Outcome.HOLD))
        reasons = (CURRENT.reason("set_aside_review").ref(),)
        told = event.model_copy(update={"decision": event.decision.model_copy(update={"reasons": reasons})})
        self.run(filings_held, received(told, seq=10))

    def withdraw(self, filing_id: str = "F1") -> None:
        event = FilingWithdrawn(**_common(filing_id, facts()), manufacturing=True, withdrawn_at=NOON)
        self.run(filings_ended, received(event, seq=9))

    def findings(self, filing_id: str = "F1") -> Any:
        """The newest findings said about a filing, None if nothing was said."""
        return next((event.land for event in reversed(self.told("LandVerdictIssued")) if event.filing_id == filing_id), None)

    def told(self, kind: str) -> list[Any]:
        return [event for event in self.said if type(event).__name__ == kind]

    def requests(self, status: str | None = None) -> list[Any]:
        return list(self.db.read_sync(lambda tx: find_requests(tx, None, 100, None, status=status)))

    def entries(self) -> list[Any]:
        return list(self.db.read_sync(lambda tx: find_entries(tx, None, 100, None)))


@contextmanager
def office(at: datetime = NOON) -> Iterator[Office]:
    clock = FixedClock(at)
    with database(migrations=MIGRATIONS, clock=clock) as db:
        yield Office(db, clock)


@asynccontextmanager
async def land_check(folder: Path, at: datetime = NOON, peers: httpx.AsyncClient | None = None, **settings: Any) -> AsyncIterator[Service]:
    service = app.create(LandCheckSettings(data=folder, **settings), clock=FixedClock(at), peers=peers)
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


async def filed(service: Service, filing_id: str = "F1", filing: FilingFacts | None = None) -> None:
    """A filing as it reaches the service over the bus."""

    def work(tx: Any) -> None:
        service.publish(tx, filings_submitted([received(submitted(filing_id, filing))], tx).messages)

    await service.database.write(work)


def submitted(filing_id: str = "F1", filed: FilingFacts | None = None) -> FilingSubmitted:
    filed = filed or facts()
    return FilingSubmitted(**_common(filing_id, filed), filing=filed)


def day(text: str) -> date:
    return date.fromisoformat(text)


def noon(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T04:00:00").replace(tzinfo=UTC)


def _common(filing_id: str, filed: FilingFacts, revision: int = 1) -> dict[str, Any]:
    where = filed.production_place or filed.premises
    return {
        "filing_id": filing_id,
        "version": revision,
        "revision": revision,
        "enterprise_name": filed.enterprise_name,
        "uscc": filed.uscc,
        "township_code": where.township_code,
        "parcel_code": where.parcel_code,
        "unit_number": where.unit_number,
    }


def _decided(filing_id: str, status: FilingStatus, outcome: Outcome, flags: tuple[Flag, ...] = ()) -> dict[str, Any]:
    decision = DecisionSummary(
        outcome=outcome,
        flags=flags,
        land_verdict=LandVerdict.NON_INDUSTRIAL,
        statement=StatementOutcome.UNDETERMINED,
        policy=CURRENT.ref,
        decided_at=NOON,
    )
    more = {"status": status, "action": Action.ESTABLISH, "industry_code": "3851", "manufacturing": True, "decision": decision}
    return _common(filing_id, facts()) | more
