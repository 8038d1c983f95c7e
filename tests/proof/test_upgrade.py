"""What the release before left behind, today's code takes up: its data directory opens, and its open work is finished."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chassis import testing
from chassis.migrations import migrate
from deploy.demo.city import NOTIFIER, POWER, REGISTRATION, City, Record
from deploy.demo.receiver import Receiver
from deploy.running import Embedded
from deploy.services import SERVICES
from tests.journeys.vocabulary import XINPU, statement
from tests.proof.ledger import rows, waiting_in
from tests.proof.previous.make import RECEIVER, SECRET
from tests.proof.running import ROOT

PREVIOUS = Path(__file__).parent / "previous"


@pytest.fixture
def receiver() -> Receiver:
    made = Receiver()
    made.secrets = dict.fromkeys(("AMR", "PSC"), SECRET)
    return made


@pytest.fixture
def data(tmp_path: Path, receiver: Receiver) -> Path:
    """The data directory as the earlier release left it, with our receiver where its offices were."""
    for file in PREVIOUS.glob("*.sql.gz"):
        text = gzip.decompress(file.read_bytes()).decode()
        with closing(sqlite3.connect(tmp_path / f"{file.name.removesuffix('.sql.gz')}.db")) as store:
            store.executescript(text.replace(f"{RECEIVER}/", receiver.url("")))
    return tmp_path


def test_the_data_of_the_release_before_opens_and_its_open_work_is_finished(data: Path, receiver: Receiver) -> None:
    urls = {name: f"sqlite:///{data}/{name}.db" for name in SERVICES}
    assert waiting_in(urls["registration"]) > 0, "it left an event unpublished"
    with receiver, Embedded(SERVICES, data, notifier_allow_private_addresses=True) as system:
        city = City(system.url, lambda role, townships=(), unit=None: system.token(role, townships=townships, unit=unit))
        assert statuses(city) == {"一": "accepted", "二": "accepted", "三": "held", "四": "accepted"}
        city.issue_statement(filing_of(city, "三")["filing_id"], XINPU, statement())
        city.until(lambda: statuses(city)["三"], lambda status: status == "accepted")
        assert statuses(city)["三"] == "accepted"
        assert len(city.call("grid", "GET", f"{POWER}/blocks")["items"]) >= 1
        told = {filing_of(city, name)["filing_id"] for name in "三四"}
        city.until(lambda: told <= {place for _, place in receiver.told.places}, bool)
        assert {("AMR", one) for one in told} <= receiver.told.places
        assert (
            city.until(lambda: city.call("admin", "GET", f"{NOTIFIER}/deliveries", status="pending")["items"], lambda left: not left) == []
        )
        city.until(lambda: sum(map(waiting_in, urls.values())), lambda left: left == 0)
        city.close()
    assert {name: waiting_in(url) for name, url in urls.items()} == dict.fromkeys(urls, 0)
    assert receiver.told.forged == 0


def statuses(city: City) -> dict[str, str]:
    """Once nothing is under review: the number in each filing's name, and what became of it."""

    def look() -> list[Record]:
        items: list[Record] = city.call("clerk", "GET", f"{REGISTRATION}/filings")["items"]
        return items

    found = city.until(look, lambda items: all(item["status"] != "under_review" for item in items))
    return {item["enterprise_name"][4]: item["status"] for item in found}


def filing_of(city: City, number: str) -> Record:
    items = city.call("clerk", "GET", f"{REGISTRATION}/filings")["items"]
    found: Record = next(item for item in items if item["enterprise_name"][4] == number)
    return found


@pytest.mark.parametrize("service", sorted(SERVICES))
@pytest.mark.usefixtures("backend")
def test_a_database_of_the_first_revision_is_brought_to_the_newest(service: str, tmp_path: Path) -> None:
    """Up from the first revision, and up from nothing, end in the same tables."""
    from alembic import command
    from alembic.config import Config

    migrations = ROOT / "services" / service / "migrations"
    first, fresh = (testing.places.named(tmp_path, name) for name in ("first", "fresh"))
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes.update(database_url=first, role=None)
    command.upgrade(config, "0001")
    assert revision(first) == "0001"
    migrate(first, migrations)
    migrate(fresh, migrations)
    migrate(fresh, migrations)
    assert revision(first) == revision(fresh)
    assert columns(first) == columns(fresh)


def revision(url: str) -> str:
    return str(rows(url, "SELECT version_num FROM alembic_version")[0][0])


def columns(url: str) -> list[tuple[str, ...]]:
    """Every column of every table."""
    if url.startswith("sqlite"):
        query = "SELECT m.name, c.name, c.type FROM sqlite_schema AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' ORDER BY 1, 2"
    else:
        query = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    return [tuple(map(str, row)) for row in rows(url, query)]
