"""Registration, land check and power side by side on databases of their own, with a slow and moody post between them."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from chassis import policies
from chassis.clock import FixedClock
from chassis.database import Database
from chassis.testing import NOON, command, database, received, run_handler
from contracts.land_check import LandVerdictIssued
from contracts.policy import CURRENT
from contracts.policy_activation import PolicyActivated
from contracts.vocabulary import InstallKind, ListStatus, ListType, Unit
from services.land_check import consumers as land_consumers
from services.land_check.api.parcel_bodies import ParcelSent
from services.land_check.api.statements import StatementSent
from services.land_check.domain import Statement
from services.land_check.handlers.answering import requests_answered
from services.land_check.handlers.lists import Move, NewEntry, entries_closed, entries_opened
from services.land_check.handlers.parcels import PutParcel, put_parcels
from services.land_check.handlers.statements import Withdraw, statements_recorded, statements_reported_forged, statements_revoked
from services.land_check.tables.search import find_entries, find_requests
from services.power_grid import consumers as power_consumers
from services.power_grid import handlers as power
from services.power_grid.domain import Answer, SiteKey, TokenClaims
from services.power_grid.tables import load_clearances
from services.registration import consumers as registration_consumers
from services.registration import handlers as registration
from services.registration import tables
from services.registration.domain import Filing
from tests.land_check.vocabulary import MIGRATIONS as LAND_MIGRATIONS
from tests.land_check.vocabulary import VILLAGE_LAND, map_officer, officer, paper_sent, parcel_sent
from tests.power_grid.vocabulary import MIGRATIONS as POWER_MIGRATIONS
from tests.power_grid.vocabulary import asked, company
from tests.registration.vocabulary import MIGRATIONS as REGISTRATION_MIGRATIONS
from tests.registration.vocabulary import clerk, submission

GRIDS = ("power", "power again")
HEARD_BY = {
    "registration": registration_consumers.SUBSCRIPTIONS,
    "land": land_consumers.SUBSCRIPTIONS,
    **dict.fromkeys(GRIDS, power_consumers.SUBSCRIPTIONS),
}
MIGRATIONS = {"registration": REGISTRATION_MIGRATIONS, "land": LAND_MIGRATIONS, **dict.fromkeys(GRIDS, POWER_MIGRATIONS)}
PLACE = VILLAGE_LAND


class Offices:
    """What is said reaches each hearer in the order of its key, otherwise in any: by ``chance``, or one box after the other.

    Two power sides hear the same, each in an order of its own.
    """

    def __init__(self, databases: dict[str, Database], clock: FixedClock, chance: Random | None) -> None:
        self.db, self._clock, self._chance = databases, clock, chance
        self._hearers = {name: {on.event: on.handler for on in lines} for name, lines in HEARD_BY.items()}
        self._post: dict[tuple[str, str, str], deque[Any]] = defaultdict(deque)
        self.findings: dict[str, Any] = {}
        self.filings: list[str] = []
        self.papers: list[str] = []
        self.revoked: list[str] = []
        self.clearances: list[tuple[str | None, dict[str, str]]] = []
        self._entry: str | None = None

    # deeds of people

    def under(self, switches: dict[str, Any]) -> None:
        """Every office has heard that other switches are in force."""
        turned = CURRENT.with_switches(switches).switches.model_dump(mode="json")
        policy_set = {**CURRENT.set.model_dump(mode="json"), "version": 2, "switches": turned}
        event = PolicyActivated(
            policy_id=CURRENT.ref.id,
            version=2,
            effective_from=date(2026, 11, 1),
            reason="另一种读法",
            signed_by=(Unit.MGO, Unit.AMR),
            policy_set=policy_set,
            activated_at=NOON,
        )
        for office in self.db:
            self._run(office, policies.hear, received(event))

    def record(self, uses: list[dict[str, str]]) -> None:
        sent = ParcelSent.model_validate(parcel_sent(PLACE, registered_use=uses, in_village=False)).record()
        self._do("land", put_parcels, PutParcel(sent), map_officer)

    def file(self, name: str, action: str = "establish", **more: Any) -> None:
        sent = submission(enterprise_name=name, action=action, premises__parcel_code=PLACE, **more)
        now = sent.facts.model_copy(update={"submitted_at": self._clock.now()})
        self.filings.append(self._do("registration", registration.submit, replace(sent, facts=now), clerk).filing_id)

    def paper(self, name: str, result: str) -> None:
        sent = StatementSent.model_validate(paper_sent(parcel_code=PLACE, enterprise_name=name, result=result)).paper()
        self.papers.append(self._do("land", statements_recorded, sent, officer).statement_id)

    def revoke(self) -> None:
        if left := [paper for paper in self.papers if paper not in self.revoked]:
            self.revoked.append(left[-1])
            self._do("land", statements_revoked, Withdraw(left[-1], "复核不实"), officer)

    def report_forged(self) -> None:
        self._do("land", statements_reported_forged, Withdraw(self.papers[-1], "印章不符"), officer)

    def answer_request(self, what: Any) -> None:
        """The township answers the pending request: ``what`` makes the reply from its number."""
        row = self.db["land"].read_sync(lambda tx: find_requests(tx, None, 1, None, status="pending"))[0]
        answer = self._do("land", requests_answered, what(row.statement_request_id), officer)
        if isinstance(answer, Statement):
            self.papers.append(answer.statement_id)

    def commit(self, clearance_id: str) -> None:
        """The power company connects."""
        clearance = self.db[GRIDS[0]].read_sync(lambda tx: load_clearances(tx, [clearance_id]))[clearance_id]
        assert clearance.site is not None
        claims = TokenClaims(clearance_id, clearance.site, clearance.site_epoch, NOON + timedelta(days=30))
        committed = self._do(GRIDS[0], power.commit_clearances, power.Commit(clearance_id, claims), company)
        assert committed.committed_at is not None

    def power_for(self, filing_id: str, kind: InstallKind = InstallKind.NEW_THREE_PHASE_TRANSFORMER) -> str:
        """The clearance a factory asks for."""
        request = asked(None, industry="3851", filing=filing_id, kind=kind)
        clearance_id: str = self._do(GRIDS[0], power.request_installs, request, company).clearance.clearance_id
        return clearance_id

    def clearance(self, clearance_id: str) -> Any:
        return self.db[GRIDS[0]].read_sync(lambda tx: load_clearances(tx, [clearance_id]))[clearance_id]

    def withdraw(self, number: int) -> None:
        if number < len(self.filings) and (filing := self.filing(self.filings[number])).status in ("under_review", "held"):
            act = registration.Act(filing.filing_id, filing.version, None)
            self._do("registration", registration.withdraw, act, clerk)

    def enlist(self) -> None:
        if self._entry is None:
            entry = NewEntry(ListType.INEFFICIENT, "旧厂", None, None, PLACE, None, date(2026, 10, 1), None)
            self._entry = self._do("land", entries_opened, entry, map_officer)["entry_id"]

    def delist(self) -> None:
        if self._entry is not None:
            self._do("land", entries_closed, Move(self._entry, ListStatus.DELISTED, "达标"), map_officer)
            self._entry = None

    def ask(self, number: int | None = None) -> None:
        """A shop asks for a transformer on both sides, for the place or for a filing."""
        filing = None if number is None or number >= len(self.filings) else self.filings[number]
        self.clearances.append((filing, {grid: self._asked(grid, filing) for grid in GRIDS}))

    # the post

    def deliver(self, most: int | None = None) -> None:
        """So many letters, or all."""
        while (most is None or most > 0) and (full := sorted(key for key, letters in self._post.items() if letters)):
            hearer, _, _ = box = full[0] if self._chance is None else self._chance.choice(full)
            event = self._post[box].popleft()
            self._run(hearer, self._hearers[hearer][type(event)], received(event))
            most = None if most is None else most - 1

    # what came of it

    def filing(self, filing_id: str) -> Filing:
        row = self.db["registration"].read_sync(lambda tx: tables.by_id(tx, filing_id))
        assert row is not None
        return tables.filing_of(row)

    def site(self, grid: str) -> power.SiteView:
        return self.db[grid].read_sync(lambda tx: power.look_at_site(tx, SiteKey(PLACE, None)))

    def causes(self) -> list[str]:
        rows = self.db["land"].read_sync(lambda tx: find_entries(tx, None, 100, None))
        return [row.cause for row in rows if row.list == ListType.SOURCE_CONTROL]

    def answers(self, grid: str) -> list[tuple[str | None, Answer, Answer]]:
        """Of every request: its filing, its answer now, and that of the same request made now."""
        ids = [on[grid] for _, on in self.clearances]
        known = self.db[grid].read_sync(lambda tx: load_clearances(tx, ids))
        now = [self._asked(grid, filing) for filing, _ in self.clearances]
        fresh = self.db[grid].read_sync(lambda tx: load_clearances(tx, now))
        return [(on[0], known[old].answer, fresh[new].answer) for on, old, new in zip(self.clearances, ids, now, strict=True)]

    def _asked(self, grid: str, filing: str | None) -> str:
        request = asked(None if filing else PLACE, industry="5212", filing=filing)
        clearance_id: str = self._do(grid, power.request_installs, request, company).clearance.clearance_id
        return clearance_id

    def _do(self, office: str, handler: Any, data: Any, by: Any) -> Any:
        return self._run(office, handler, command(data, by)).answers[0]

    def _run(self, office: str, handler: Any, cause: Any) -> Any:
        self._clock.set(self._clock.now() + timedelta(seconds=1))
        result = run_handler(self.db[office], handler, [cause])
        for message in result.messages:
            event = message.event
            if isinstance(event, LandVerdictIssued):
                self.findings[event.filing_id] = event.land
            for hearer, lines in self._hearers.items():
                if type(event) in lines and not (office == GRIDS[1] and hearer not in GRIDS):
                    self._post[hearer, event.topic, event.key()].append(event)
        return result


@contextmanager
def offices(chance: Random | None = None) -> Iterator[Offices]:
    clock = FixedClock(NOON)
    with (
        database(migrations=MIGRATIONS["registration"], clock=clock) as first,
        database(migrations=MIGRATIONS["land"], clock=clock) as second,
        database(migrations=MIGRATIONS["power"], clock=clock) as third,
        database(migrations=MIGRATIONS["power again"], clock=clock) as fourth,
    ):
        yield Offices(dict(zip(HEARD_BY, (first, second, third, fourth), strict=True)), clock, chance)
