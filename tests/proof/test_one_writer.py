"""Two replicas of a service on one database: what one reads, decides and writes, the other does not do at the same time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from chassis import testing
from chassis.clock import SystemClock
from chassis.database import Database, Transaction
from services.notifier import tables
from tests.proof.world import metadata, tally

UNITS = 100

pytestmark = pytest.mark.usefixtures("backend")


def test_what_two_replicas_decide_at_once_they_decide_one_after_the_other(tmp_path: Path) -> None:
    url = testing.places.named(tmp_path, "shared")
    testing.create_tables(url, metadata)
    replicas = [Database(url, SystemClock()) for _ in range(2)]

    def count(tx: Transaction) -> None:
        rows = tx.load(tally, tally.c.name, ["place"])  # nothing but the one-writer lock guards what is decided from this
        tx.upsert(tally, [{"name": "place", "n": rows[0].n + 1 if rows else 1}])

    def work(database: Database) -> None:
        for _ in range(UNITS):
            database.write_sync(count)

    threads = [threading.Thread(target=work, args=(replica,)) for replica in replicas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replicas[0].read_sync(lambda tx: tx.load(tally, tally.c.name, ["place"]))[0].n == 2 * UNITS
    for replica in replicas:
        replica.close()


def test_an_event_and_whom_it_tells_are_one_key_of_the_delivery_ledger() -> None:
    with testing.database(tables.NotifierRow.metadata) as db:
        row = dict.fromkeys((column.name for column in tables.DELIVERIES.columns), "x") | {"seq": 1, "tries": 0, "version": 1}
        db.write_sync(lambda tx: tx.insert(tables.DELIVERIES, [{**row, "delivery_id": "first"}]))
        with pytest.raises(Exception, match=r"(?i)unique"):
            db.write_sync(lambda tx: tx.insert(tables.DELIVERIES, [{**row, "delivery_id": "second"}]))
