"""The rows of registration: what is stored is read as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.testing import NOON
from chassis.transaction import _load
from contracts.policy import CURRENT
from contracts.vocabulary import Fact, FilingReason, FilingStatus, Unit
from services.registration import tables
from services.registration.domain import Appeal, Filing, Review, Said
from services.registration.handlers import due_days
from services.registration.handlers.ledger import judged, moment_of, place_of
from tests.registration.vocabulary import SHA, land, office, submission


def test_a_filing_is_read_as_it_was_stored() -> None:
    sent = submission(processes=["spraying"], controller={"name": "李四", "uscc": None})
    review = Review(FilingReason.LAND_UNKNOWN, "clear", Unit.NRP, "map-1", "2026-11-22T04:00:00Z", "看过", SHA)
    about = Review(FilingReason.OPEN_LIST_REVIEW, "clear", Unit.MGO, "mgo-1", "2026-11-22T04:00:00Z", "看过", None, ("le-1", "le-2"))
    appeal = Appeal("open", "2026-11-22T04:00:00Z", None, None, "有异议", ({"name": "证书", "sha256": SHA},))
    said = Said(reviews=(review, about), overruled=("S1",), answers=({"code": "land_unknown"},), appeal=appeal, told=(Unit.AMR,))
    fact = Fact(name="registered_use", value="0702", source="登记 / register", as_of=None)
    found = land("non_industrial", "required_missing", in_village=True, facts=(fact,))
    with office() as registration:
        filing: Filing = replace(registration.submit(sent), said=said)
        held = judged(filing, sent.facts, CURRENT, moment_of(NOON), found)
        row = tables.row_of(held, due_days(held.status, held.submitted_at, held.decision, held.said), sent.keys)
        registration.db.write_sync(lambda tx: tx.upsert(tables.FILINGS, [row]))
        stored = registration.read(filing)
    assert (held.status, held.place) == (FilingStatus.HELD, place_of(sent.facts))
    assert stored == replace(held, decision=replace(held.decision, clock=None))


@pytest.mark.parametrize("firsts", [["F1"], ["F1", "F2"]])
def test_the_duplicates_of_filings_are_found_in_an_index_of_duplicates_alone(firsts: list[str]) -> None:
    one = len(firsts) == 1
    with office() as registration:
        backend, alchemy = registration.db._dialect, registration.db._engine.dialect
        look = _load(tables.FILINGS, tables.FILINGS.c.duplicate_of, one, backend, alchemy)
        keys = firsts[0] if one else backend.keys(firsts)
        plan = registration.db.read_sync(lambda tx: tx.sql(f"EXPLAIN QUERY PLAN {look.text}", (keys,)))
    assert plan[0][-1] == "SEARCH filing USING INDEX filing_duplicate_of (duplicate_of=?)"
