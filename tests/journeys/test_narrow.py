"""The narrow reading of the ban, activated as a city would: a statement opens the power gate, its loss shuts it until the connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.demo.city import LAND, City
from deploy.running import Embedded
from deploy.services import SERVICES
from tests.journeys.playing import Play
from tests.journeys.tables import Row, rows
from tests.journeys.test_cases import comes_to_what_it_says
from tests.journeys.test_policies import activated


@pytest.fixture(scope="module")
def narrow() -> Iterator[City]:
    with Embedded(SERVICES) as system:
        city = City(system.url, system.token)
        activated(city, 2, three_phase_ban_scope="without_statement")
        yield city
        city.close()


@pytest.mark.parametrize("row", list(rows("narrow")), ids=lambda row: row.title)
def test_a_case_of_the_narrow_reading(narrow: City, row: Row) -> None:
    comes_to_what_it_says(narrow, row)


def test_the_whole_life_of_a_statement_stands_in_its_history(narrow: City) -> None:
    play = Play(narrow, "0702", "3311")
    play.run("file; statement; accepted; ask new filing; commit; revoke; forge")
    statement = narrow.call("clerk", "GET", f"{LAND}/statements", parcel_code=play.place.code)["items"][0]
    told = narrow.call("auditor", "GET", f"{LAND}/statements/{statement['statement_id']}/history")
    assert [item["event"] for item in told["items"]] == ["requested", "issued", "spent", "revoked", "found_forged"]
    assert [item["version"] for item in told["items"]] == [0, 1, 2, 3, 4]
    assert told["complete"] is True
    assert {item["filing_id"] for item in told["items"]} == {play.filing["filing_id"]}
