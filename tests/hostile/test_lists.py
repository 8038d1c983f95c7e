"""Lists and waits with cursors, limits and times that nobody sane would send."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest

from tests.hostile.world import LAND, NOTIFIER, POWER, REGISTRATION, Answer, World, filing, first, made, settled

LISTS = {
    f"{REGISTRATION}/filings": "clerk",
    f"{LAND}/parcels": "map_office",
    f"{LAND}/parcels/{{parcel}}/history": "map_office",
    f"{LAND}/statement-requests": "officer",
    f"{LAND}/statements": "officer",
    f"{LAND}/grades": "map_office",
    f"{LAND}/list-entries": "officer",
    f"{POWER}/clearances": "grid",
    f"{NOTIFIER}/endpoints": "admin",
    f"{NOTIFIER}/deliveries": "admin",
}


def cursor(key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


NO_CURSORS = ["", "x", "%%%", "é", "null", "A" * 5000, *map(cursor, [{}, None, [], [None], [[1]], [True], [1.5], ["a", "b", "c"], ["\0"]])]
NO_KEYS = [cursor(key) for key in ([1], ["a"], [2**63], [-(2**70)], [1, "a"], ["a", 1])]


def refused(answer: Answer, pointer: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), answer.text
    for error in answer.json()["errors"]:
        assert (error["pointer"], " / " in error["message"]) == (pointer, True)


@pytest.mark.parametrize(("path", "office"), LISTS.items())
def test_a_cursor_that_is_none_is_refused_and_no_cursor_does_harm(world: World, path: str, office: str) -> None:
    ask = getattr(world, office)
    for wrong in NO_CURSORS:
        answer = ask.get(path.format(**world.ids), params={"cursor": wrong})
        refused(answer, "/query/cursor")
        assert answer.json()["code"] == "bad-cursor"
    kinds = [ask.get(path.format(**world.ids), params={"cursor": other}).status_code for other in NO_KEYS]
    assert set(kinds) == {200, 422}
    assert kinds.count(200) <= 2


@pytest.mark.parametrize(("path", "office"), LISTS.items())
def test_a_limit_beyond_1_to_500_is_refused(world: World, path: str, office: str) -> None:
    ask = getattr(world, office)
    for limit in ("0", "-1", "501", "1e3", "9" * 30, "", "１x", "NaN"):
        refused(ask.get(path.format(**world.ids), params={"limit": limit}), "/query/limit")
    for most in (1, 500):
        assert len(made(ask.get(path.format(**world.ids), params={"limit": most}))["items"]) <= most


@pytest.mark.parametrize("path", [REGISTRATION + "/filings", NOTIFIER + "/deliveries"])
def test_pages_of_one_show_each_record_once(world: World, path: str) -> None:
    ask = world.by("auditor")
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 1}
    for _ in range(5):
        page = made(ask.get(path, params=query))
        seen += [next(iter(item.values())) for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) > 0


def test_times_without_a_zone_and_days_that_do_not_exist_are_refused(world: World) -> None:
    for name in ("from", "to"):
        for wrong in (
            "2026-02-30",
            "2026-11-01T09:00:00",
            "1700000000",
            "0",
            "",
            "2026-1-1",
            "２０２６-11-01",
            "2026-11-01T09:00:00+99:00",
        ):
            refused(world.clerk.get(f"{REGISTRATION}/filings", params={name: wrong}), f"/query/{name}")


def test_the_ends_of_the_calendar_are_no_failure(world: World) -> None:
    for day in ("0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        for name in ("from", "to"):
            found = made(world.clerk.get(f"{REGISTRATION}/filings", params={name: day}))["items"]
            assert bool(found) == ((name == "from") == day.startswith("0001"))


def test_a_plus_sign_sent_as_it_is_still_means_the_zone(world: World) -> None:
    assert world.clerk.get(f"{REGISTRATION}/filings?from=2026-01-01T00:00:00+08:00").status_code == 200


@pytest.mark.parametrize("wait", ["-1", "60.5", "1e400", "nan", "inf", "x", ""])
def test_a_wait_beyond_a_minute_is_refused(world: World, wait: str) -> None:
    refused(world.clerk.get(f"{REGISTRATION}/filings/x", params={"wait": wait}), "/query/wait")
    refused(world.grid.get(f"{POWER}/blocks", params={"wait": wait}), "/query/wait")


def test_a_wait_for_what_the_caller_may_not_see_ends_at_once(world: World) -> None:
    begun = time.monotonic()
    for caller, filing_id in ((world.clerk, "nope"), (world.by("integrator", sub="other"), world.ids["filing"])):
        assert caller.get(f"{REGISTRATION}/filings/{filing_id}", params={"wait": 30}).status_code == 404
    assert time.monotonic() - begun < 10


def test_the_feed_is_read_from_where_it_was_left_and_from_nowhere_else(world: World) -> None:
    for wrong in ("", "x", cursor(["a"]), cursor([-1]), cursor([2**63]), cursor([1, 2]), cursor([True]), "x" * 300):
        refused(world.grid.get(f"{POWER}/blocks", params={"after": wrong}), "/query/after")
    end = made(world.grid.get(f"{POWER}/blocks", params={"limit": 500}))["next_cursor"]
    assert made(world.grid.get(f"{POWER}/blocks", params={"after": end, "wait": 0.2}))["next_cursor"] == end


def test_words_of_other_languages_in_a_filter_find_nothing_and_break_nothing(world: World) -> None:
    for text in ("' OR 1=1 --", "%", "_", "\x00", "ﾟ", "x" * 150):
        answer = world.clerk.get(f"{REGISTRATION}/filings", params={"enterprise": text})
        assert answer.status_code in (200, 422)
        assert answer.status_code == 422 or answer.json()["items"] == []
        assert world.map_office.get(f"{LAND}/parcels", params={"q": text}).status_code in (200, 422)
    for box in ("1,2,3", "nan,nan,nan,nan", "inf,0,0,0", "30,121,31,122,5", "122,31,121,30", "x"):
        refused(world.map_office.get(f"{LAND}/parcels", params={"bbox": box}), "/query/bbox")


def test_a_name_is_found_however_wide_it_is_written(world: World) -> None:
    filing_id = made(world.clerk.post(f"{REGISTRATION}/filings", json=filing("慈溪ＡＢＣ宽厂")))["filing_id"]
    settled(world.clerk, filing_id)
    found = first(world.clerk.get(f"{REGISTRATION}/filings", params={"enterprise": "慈溪abc 宽厂"}))
    assert found is not None
    assert found["filing_id"] == filing_id
