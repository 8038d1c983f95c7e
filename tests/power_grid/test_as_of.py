"""What was known and decided about a site at a moment gone by: what was answered then, whatever has happened since."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from chassis import policies, testing
from chassis.clock import FixedClock, SystemClock, rfc3339
from chassis.database import Database
from chassis.migrations import migrate
from chassis.service import Service
from chassis.testing import NOON, principal, received, run_handler
from contracts.envelope import Event
from contracts.policy import CURRENT
from contracts.policy_activation import PolicyActivated
from contracts.vocabulary import Action, Grade, LandVerdict, PowerDecision, Unit
from services.power_grid import handlers
from services.power_grid.domain import SiteKey
from services.power_grid.handlers import SiteView
from tests.power_grid.events import FACTORY, FAR, HOUSE, MAKER, SHA, USCC_A, XINPU, Filed, graded, parcel
from tests.power_grid.test_api import hear
from tests.power_grid.test_interleavings import PLACES, UNITS, streams
from tests.power_grid.vocabulary import MIGRATIONS, Grid, asked, caller, grid, running

HOUR = timedelta(hours=1)


class Witness:
    """Looks at every place whenever something has happened, and remembers what it saw."""

    def __init__(self, power: Grid) -> None:
        self.power = power
        self.seen: list[tuple[datetime, dict[tuple[str, str | None], SiteView]]] = []

    def look(self) -> None:
        now = self.power.clock.now()
        self.seen.append((now, {(code, unit): self.power.site(code, unit) for code in PLACES for unit in (None, *UNITS)}))

    def is_borne_out(self) -> None:
        """What is told of each moment is what was seen then, and still at the last moment before the next thing happened."""
        ends = [moment - timedelta(microseconds=1) for moment, _ in self.seen[1:]]
        for (moment, views), end in zip(self.seen, [*ends, self.seen[-1][0]], strict=True):
            for (code, unit), view in views.items():
                then = self.power.site_then(moment, code, unit)
                assert then.view == view, (moment, code, unit)
                if end.date() == moment.date():
                    later = self.power.site_then(end, code, unit).view
                    assert (later.answer, later.manufacturing, later.epoch, later.block_id) == (
                        view.answer,
                        view.manufacturing,
                        view.epoch,
                        view.block_id,
                    )


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    every = draw(streams())
    left = [iter(stream) for stream in every]
    return [next(left[turn]) for turn in draw(st.permutations([number for number, stream in enumerate(every) for _ in stream]))]


# no shrinking: an example is a whole history
@settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(events=histories(), asks=st.sets(st.integers(0, 20), max_size=3))
def test_whatever_happened_each_moment_is_told_as_it_was_answered_then(events: list[Event], asks: set[int]) -> None:
    with grid() as power:
        witness = Witness(power)
        witness.look()
        for number, event in enumerate(events):
            power.clock.advance(timedelta(minutes=1))
            if number in asks:
                power.ask(asked(PLACES[number % 2], industry=MAKER, request_id=f"declared-{number}", applicant_type="enterprise"))
            power.hear(event)
            witness.look()
        witness.is_borne_out()


@pytest.mark.usefixtures("backend")
def test_a_place_of_many_turns_is_told_as_it_was_at_each_of_them() -> None:
    maker, mover = Filed("fil-1", FACTORY, uscc=USCC_A), Filed("fil-2", HOUSE, action=Action.AMEND_PREMISES, uscc=USCC_A)
    finding = handlers.RecordFinding("manufacturing_use", SiteKey(HOUSE, None), MAKER, None, date(2026, 11, 21), "冲压", None)
    officer = principal("township_officer", townships=[XINPU])
    with grid() as power:
        witness = Witness(power)

        def then(*events: Event) -> None:
            power.clock.advance(HOUR)
            power.hear(*events)
            witness.look()

        then()
        then(parcel(HOUSE), parcel(FACTORY, LandVerdict.TRANSITION, planned=FAR))
        then(maker.submitted(), maker.judged(LandVerdict.TRANSITION))
        then(graded(USCC_A, Grade.D))
        then(graded(USCC_A, Grade.A))
        then(maker.accepted(power.clock.now()))
        power.clock.advance(HOUR)
        seen = power.do(handlers.record_findings, finding, officer)
        witness.look()
        block = power.site(HOUSE).block_id
        assert block is not None
        for unit in ("MGO", "PSC"):
            sign = handlers.SignOverride(block, "个案", SHA)
            power.do(handlers.sign_overrides, sign, principal("admin", sub=unit, unit=unit))
        assert power.site(HOUSE).answer.decision is PowerDecision.ALLOW
        witness.seen.pop()  # found and overridden within one moment: its end is what is told
        witness.look()
        power.clock.advance(HOUR)
        power.do(handlers.close_findings, handlers.CloseFinding(seen.finding_id, "已停产"), officer)
        witness.look()
        then(mover.submitted(), mover.judged(LandVerdict.NON_INDUSTRIAL), mover.accepted(power.clock.now() + HOUR))
        assert power.site(FACTORY).manufacturing == ()
        then(parcel(HOUSE, LandVerdict.INDUSTRIAL, version=2, at=power.clock.now() + HOUR))
        assert power.site(HOUSE).answer.decision is PowerDecision.ALLOW
        witness.is_borne_out()
        told = [power.site_then(moment, HOUSE).view.answer.decision for moment, _ in witness.seen]
    assert told == ["hold"] * 6 + ["allow", "hold", "block", "allow"]


@pytest.mark.usefixtures("backend")
def test_a_shop_left_and_a_watch_ended_by_the_day_that_was_then() -> None:
    filing = Filed()
    with grid() as power:
        witness = Witness(power)
        power.hear(parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.withdrawn(NOON))
        witness.look()
        for days in (1, CURRENT.switches.withdrawn_watch_days - 1, 1):  # a day on, the last of the watch, the day after
            power.clock.advance(timedelta(days=days))
            run_handler(power.db, lambda _batch, tx: handlers.judge_due_sites(tx), [])
            witness.look()
        witness.is_borne_out()
        assert [views[HOUSE, None].watch_until is None for _, views in witness.seen] == [False, False, False, True]


@pytest.mark.usefixtures("backend")
def test_each_moment_is_judged_by_the_policy_set_that_was_in_force_then() -> None:
    turned = CURRENT.with_switches({"unknown_parcel_power": "block"}).switches.model_dump(mode="json")
    later = NOON + HOUR
    activated = PolicyActivated(
        policy_id=CURRENT.ref.id,
        version=2,
        effective_from=date(2026, 11, 1),
        reason="另一种读法",
        signed_by=(Unit.MGO, Unit.AMR),
        policy_set={**CURRENT.set.model_dump(mode="json"), "version": 2, "switches": turned},
        activated_at=later,
    )
    with grid() as power:
        power.hear(parcel(verdict=LandVerdict.UNKNOWN))
        before = power.site()
        power.clock.advance(HOUR)
        run_handler(power.db, policies.hear, [received(activated)])
        for _ in range(2):
            run_handler(power.db, lambda _batch, tx: handlers.judge_under_another_policy(tx), [])
        assert (power.site_then(NOON).view, power.site_then(later).view) == (before, power.site())
        assert (before.answer.decision, power.site().answer.decision) == (PowerDecision.HOLD, PowerDecision.BLOCK)
        assert (before.policy.version, power.site().policy.version) == (1, 2)


[KEEPING_BEGINS] = (MIGRATIONS / "versions").glob("*_recorded.py")
BEFORE = re.findall(r'^down_revision = "(\d+)"', KEEPING_BEGINS.read_text(encoding="utf-8"), re.MULTILINE)[0]
UNDONE = ("DROP TABLE recorded", f"UPDATE alembic_version SET version_num = '{BEFORE}'")  # noqa: S608 - a number of ours


def history_until_then(folder: Path) -> Path:
    """The schema's history up to the revision with which the keeping begins."""
    kept = folder / "migrations"
    (kept / "versions").mkdir(parents=True)
    copy(MIGRATIONS / "env.py", kept)
    for revision in (MIGRATIONS / "versions").glob("*.py"):
        if revision.name <= KEEPING_BEGINS.name:
            copy(revision, kept / "versions")
    return kept


@pytest.mark.usefixtures("backend")
def test_what_was_known_before_the_keeping_began_is_told_from_then_on_and_said_not_to_be_kept_before(tmp_path: Path) -> None:
    url, history = testing.places.named(tmp_path, "power_grid"), history_until_then(tmp_path)
    clock, filing = FixedClock(SystemClock().now() - HOUR), Filed(uscc=USCC_A)
    migrate(url, history)
    with closing(Database(url, clock)) as db:
        power = Grid(db, clock)
        power.hear(parcel(), graded(USCC_A, Grade.B))
        power.hear(filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.accepted())
        seen = power.site()
        db.write_sync(lambda tx: [tx.execute(text(statement)) for statement in UNDONE])
    migrate(url, history)
    begun = SystemClock().now()
    with closing(Database(url, clock)) as db:
        power = Grid(db, clock)
        assert power.site() == seen
        now, before = power.site_then(begun), power.site_then(clock.now())
        assert now.view == replace(seen, as_of=begun)
        assert (now.known, before.known, before.copied) == (True, False, True)
        assert rfc3339(clock.now()) < str(before.recorded_from) <= rfc3339(begun)
        is_unknown(before.view)
        clock.set(begun + HOUR)
        power.hear(filing.given_uscc(USCC_A), parcel(verdict=LandVerdict.INDUSTRIAL, version=2, at=clock.now()))
        assert power.site_then(begun).view == now.view
        assert power.site_then(clock.now()).view == power.site()


def is_unknown(view: SiteView) -> None:
    assert (view.land, view.manufacturing, view.township_code, view.block_id, view.epoch) == (LandVerdict.UNKNOWN, (), None, None, 0)
    assert (view.answer.decision, [reason.code for reason in view.answer.reasons]) == (PowerDecision.HOLD, ["land_unknown"])


def test_before_anything_was_known_the_place_is_unknown_and_nobody_may_connect() -> None:
    with grid() as power:
        power.hear(Filed().submitted(), parcel())
        before = power.site_then(NOON - HOUR)
        is_unknown(before.view)
        assert (before.known, before.copied, before.recorded_from) == (False, False, rfc3339(NOON))
        never = power.site_then(NOON, "330282112001JC99999")
        is_unknown(never.view)
        assert (never.known, never.copied, never.recorded_from) == (False, False, None)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
async def power(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Service]:
    async with running(tmp_path, clock) as service:
        yield service


async def test_the_surface_answers_as_it_did_then(power: Service, clock: FixedClock) -> None:
    filing, path = Filed(), f"/power-grid/v1/sites/{HOUSE}"
    async with caller(power, "clerk") as clerk:
        await hear(power, parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.held())
        blocked = (await clerk.get(path)).json()
        clock.advance(timedelta(days=1))
        await hear(power, parcel(verdict=LandVerdict.INDUSTRIAL, version=2, at=clock.now()))
        today = (await clerk.get(path)).json()
        assert (blocked["three_phase"], today["three_phase"]) == ("block", "allow")

        async def then(as_of: str) -> Any:
            answer = await clerk.get(path, params={"as_of": as_of})
            assert (answer.status_code, "etag" in answer.headers) == (200, False), answer.text
            return answer.json()

        assert await then(blocked["as_of"]) == blocked
        assert await then("2026-11-22") == {**blocked, "as_of": "2026-11-22T15:59:59.999999Z"}
        assert await then("2026-11-23") == {**today, "as_of": "2026-11-23T15:59:59.999999Z"}
        before = await then("2026-11-21")
        assert (before["land_verdict"], before["three_phase"], before["manufacturing"]) == ("unknown", "hold", [])
        assert before["recorded_from"] == rfc3339(NOON)
        assert before["note"].keys() == {"zh", "en"}
        assert (await then("0001-01-01"))["three_phase"] == "hold"
        unit = await clerk.get(path, params={"as_of": "2026-11-22", "unit_number": "1-101"})
        assert (unit.json()["unit_number"], unit.json()["three_phase"]) == ("1-101", "block")
        refused = [await clerk.get(path, params={"as_of": as_of}) for as_of in ("2026-11-24", "2026-11-22T09:00:00", "9" * 20)]
        assert [answer.status_code for answer in refused] == [422] * 3
        assert [answer.json()["code"] for answer in refused[:1]] == ["as-of-to-come"]
    async with caller(power, "township_officer") as officer:
        assert (await officer.get(path, params={"as_of": "2026-11-22"})).status_code == 403
