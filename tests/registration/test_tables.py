"""The rows of registration: the history of the schema leads to the tables, and what is stored is read as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chassis.testing import NOON, database
from contracts.policy import CURRENT
from contracts.vocabulary import Fact, FilingReason, FilingStatus, Unit
from services.registration import tables
from services.registration.domain import Appeal, Filing, Review, Said
from services.registration.handlers.ledger import judged, moment_of, place_of
from tests.registration.vocabulary import MIGRATIONS, SHA, land, office, submission

SHAPE = "SELECT type, name, tbl_name FROM sqlite_master WHERE tbl_name IN ('filing', 'filing_history', 'client_ref') ORDER BY name"
COLUMNS = (
    'SELECT t.name, c.name, c."notnull", c.pk FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.name IN (?, ?, ?) ORDER BY 1, 2'
)


def test_the_history_of_the_schema_leads_to_the_tables() -> None:
    def shape(tx: Any) -> tuple[list[Any], list[Any]]:
        return tx.sql(SHAPE), tx.sql(COLUMNS, ("filing", "filing_history", "client_ref"))

    with database(migrations=MIGRATIONS) as migrated, database(tables.RegistrationRow.metadata) as created:
        assert migrated.read_sync(shape) == created.read_sync(shape)


def test_a_filing_is_read_as_it_was_stored() -> None:
    sent = submission(processes=["spraying"], controller={"name": "李四", "uscc": None})
    review = Review(FilingReason.LAND_UNKNOWN, "clear", Unit.NRP, "map-1", "2026-11-22T04:00:00Z", "看过", SHA)
    appeal = Appeal("open", "2026-11-22T04:00:00Z", None, None, "有异议", ({"name": "证书", "sha256": SHA},))
    said = Said(reviews=(review,), overruled=("S1",), answers=({"code": "land_unknown"},), appeal=appeal, told=(Unit.AMR,))
    fact = Fact(name="registered_use", value="0702", source="登记 / register", as_of=None)
    found = land("non_industrial", "required_missing", in_village=True, facts=(fact,))
    with office() as registration:
        filing: Filing = replace(registration.submit(sent), said=said)
        held = judged(filing, sent.facts, CURRENT, moment_of(NOON), found)
        row = tables.row_of(held, sent.keys)
        registration.db.write_sync(lambda tx: tx.upsert(tables.FILINGS, [row]))
        stored = registration.read(filing)
    assert (held.status, held.place) == (FilingStatus.HELD, place_of(sent.facts))
    assert stored == replace(held, decision=replace(held.decision, clock=None))
