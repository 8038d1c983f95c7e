"""The same city weeks and months later: the clock is moved forward between two lives of the system on the same data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx

from deploy.demo.city import LAND, City, Record
from deploy.running import Embedded
from deploy.services import SERVICES
from tests.journeys.playing import Play
from tests.journeys.test_policies import activated


@contextmanager
def days_later(data: Path, days: int) -> Iterator[City]:
    with Embedded(SERVICES, data, clock_offset=timedelta(days=days)) as system:
        city = City(system.url, system.token)
        try:
            yield city
        finally:
            city.close()


def answer(city: City, play: Play, request: str) -> Record:
    play.city = city
    play.ask(request)
    return play.seen(("answer",))


def test_the_watch_after_a_withdrawal_lasts_180_days(tmp_path: Path) -> None:
    with days_later(tmp_path, 0) as city:
        play = Play(city, "0702", "3311")
        play.run("file; withdraw")
        assert answer(city, play, "new owner 5212") == {"answer": "hold watch_period"}
    with days_later(tmp_path, 180) as city:
        assert answer(city, play, "new owner 5212") == {"answer": "hold watch_period"}
    with days_later(tmp_path, 181) as city:
        assert answer(city, play, "new owner 5212") == {"answer": "allow"}


def test_a_statement_not_used_in_its_180_days_carries_no_filing(tmp_path: Path) -> None:
    with days_later(tmp_path, 0) as city:
        play, late = Play(city, "0702", "3311"), Play(city, "0702", "3311")
        for each in (play, late):
            each.run("paper unbound issued=+0d")
    with days_later(tmp_path, 180) as city:
        play.city = city
        play.run("file")
        assert play.seen(("outcome", "statement")) == {"outcome": "accept_flagged", "statement": "required_valid"}
    with days_later(tmp_path, 181) as city:
        play.city = late.city = city
        late.run("file")
        assert late.seen(("outcome", "statement", "why")) == {
            "outcome": "hold",
            "statement": "required_invalid",
            "why": "statement_invalid",
        }
        assert play.seen(("outcome", "statement")) == {"outcome": "accept_flagged", "statement": "required_valid"}


def test_a_plan_that_comes_within_five_years_holds_what_was_confirmed(tmp_path: Path) -> None:
    with days_later(tmp_path, 0) as city:
        play = Play(city, "0601 plan=+5y+30d", "3311 uscc")
        play.run("grade A; file; ask new filing uscc; clear transition_confirmation")
        assert city.until(lambda: play.seen(("answer",)), lambda seen: seen == {"answer": "allow"}) == {"answer": "allow"}
    with days_later(tmp_path, 31) as city:
        assert answer(city, play, "new filing uscc") == {"answer": "hold transition_due"}


def test_a_statement_whose_last_day_goes_by_carries_on_what_was_filed_with_it(tmp_path: Path) -> None:
    """Before the decision, after it, before and after the connection; under the reading in which a statement opens the power gate."""
    with days_later(tmp_path, 0) as city:
        activated(city, 2, three_phase_ban_scope="without_statement")
        held, asked, connected = Play(city, "0702", "3311 spraying"), Play(city, "0702", "3311"), Play(city, "0702", "3311")
        held.run("file; paper until=+1d")
        asked.run("file; paper until=+1d; accepted; ask new filing; allowed")
        connected.run("file; paper until=+1d; accepted; ask new filing; commit")
        assert state(city, asked) == "valid"
    with days_later(tmp_path, 2) as city:
        for each in (held, asked, connected):
            each.city = city
            assert state(city, each) == "expired"
        held.run("review EEB high_pollution_review clear; accepted")
        assert held.seen(("outcome", "statement")) == {"outcome": "accept_flagged", "statement": "required_valid"}
        assert asked.seen(("outcome", "answer", "cases")) == {"outcome": "accept_flagged", "answer": "allow", "cases": "-"}
        asked.run("commit")
        for each in (asked, connected):
            assert each.seen(("outcome", "answer", "cases")) == {"outcome": "accept_flagged", "answer": "allow", "cases": "-"}
            assert answer(city, each, "new filing") == {"answer": "allow"}


def state(city: City, play: Play) -> str:
    """What anyone is told who looks up the statement of the place by its code."""
    paper = city.call("clerk", "GET", f"{LAND}/statements", parcel_code=play.place.code)["items"][0]
    told = httpx.get(f"{city.url}{LAND}/statement-checks/{paper['check_code']}")
    return str(told.json()["state"])


def test_whoever_is_to_look_at_what_falls_due_is_told_as_the_lists_of_deadlines_show(tmp_path: Path) -> None:
    with days_later(tmp_path, 0) as city:
        Play(city, "0702", "3311").run("file; ask new filing")
    with days_later(tmp_path, 7) as city:
        lists = [f"/{service}/v1/deadlines" for service in ("registration", "land-check", "power-grid")]
        shown = [item for path in lists for item in city.call("auditor", "GET", path)["items"] if item["escalation"] is not None]

        def told() -> int:
            lines = city.call("auditor", "GET", "/notifier/v1/deliveries", limit=500)["items"]
            return len([line for line in lines if line["event_type"] == "notifier.reminder_issued.v1"])

        assert city.until(told, lambda number: number == len(shown)) == len(shown)
