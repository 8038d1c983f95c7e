"""The days on which something falls due stand in columns of their own: kept with every change, filled for what was stored before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from chassis import deadlines, testing
from chassis.clock import CITY, FixedClock, rfc3339
from chassis.database import Database
from chassis.migrations import migrate
from chassis.testing import NOON
from contracts.vocabulary import FilingStatus
from services.registration import handlers, tables
from services.registration.api.requests import FilingSent
from services.registration.domain import OPEN, STATUS_OF, Pause, Said
from services.registration.handlers import due_days
from services.registration.rules.period import deadlines_of
from tests.registration.test_rules_always import filings, findings
from tests.registration.test_rules_always import said as words
from tests.registration.vocabulary import MIGRATIONS, TODAY, Office, decided, land, sent, submission

INDUSTRIAL, UNKNOWN = land("industrial"), land("unknown")
NO_PAPER = land("non_industrial", "required_missing", in_village=True)
DISPUTED = NO_PAPER.model_copy(update={"township_disputed": True})
COLUMNS = "SELECT filing_id, registration_due, correction_due FROM filing ORDER BY filing_id"


def columns(db: Database) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.read_sync(lambda tx: tx.rows(text(COLUMNS)))]


def computed(db: Database) -> list[tuple[Any, ...]]:
    """The same, of what else is stored."""
    rows = db.read_sync(lambda tx: tx.rows(tables.FILINGS.select().order_by(tables.FILINGS.c.filing_id)))
    found = [tables.filing_of(row) for row in rows]
    return [
        (each.filing_id, *(due_days(each.status, each.submitted_at, each.decision, each.said)[column] for column in tables.DUE[::-1]))
        for each in found
    ]


def one_of_each(registration: Office) -> None:
    """Filings in every state that has days, or has none."""
    for number, found in enumerate((None, INDUSTRIAL, UNKNOWN, NO_PAPER, DISPUTED)):
        filing = registration.submit(submission(enterprise_name=f"厂{number}"))
        if found is not None:
            registration.hear(filing, found)
    registration.clock.set(datetime(2026, 12, 30, 9, tzinfo=CITY))
    registration.submit(FilingSent.model_validate(sent(enterprise_name="年末厂")).submitted(registration.clock.now()))


@pytest.mark.usefixtures("backend")
def test_every_state_has_the_days_that_are_read_from_it(registration: Office) -> None:
    one_of_each(registration)
    stored = columns(registration.db)
    assert stored == computed(registration.db)
    assert [row[1:] for row in stored] == [
        ("2026-11-25", None),
        (None, None),
        ("2026-11-25", None),
        ("paused", "2026-12-04"),
        ("paused", "paused"),
        ("unknown", None),
    ]


@pytest.mark.usefixtures("backend")
def test_they_follow_every_change(registration: Office) -> None:
    held = registration.hear(registration.submit(submission()), NO_PAPER)
    registration.clock.advance(timedelta(days=1))
    amended = registration.act(handlers.amend, held, submission(business_scope="改"))
    assert columns(registration.db)[0][1:] == ("2026-11-26", None)
    registration.act(handlers.withdraw, amended)
    assert columns(registration.db)[0][1:] == (None, None)


@pytest.mark.usefixtures("backend")
def test_what_was_stored_before_has_them_once_the_database_is_migrated(tmp_path: Path) -> None:
    url = testing.places.named(tmp_path, "registration")
    migrate(url, MIGRATIONS)
    db = Database(url, FixedClock(NOON))
    one_of_each(Office(db, db.clock))  # type: ignore[arg-type]
    before = columns(db)
    db.close()
    unmigrate(url)
    migrate(url, MIGRATIONS)
    db = Database(url, FixedClock(NOON))
    assert columns(db) == before
    db.close()


def unmigrate(url: str) -> None:
    earlier = ScriptDirectory(str(MIGRATIONS)).get_revision("0004").down_revision
    engine = create_engine(url)
    with engine.begin() as connection:
        for column in tables.DUE:
            connection.execute(text(f"DROP INDEX filing_{column}"))
            connection.execute(text(f"ALTER TABLE filing DROP COLUMN {column}"))
        connection.execute(text("CREATE INDEX filing_same_key ON filing (same_key)"))
        connection.execute(text("DROP INDEX filing_duplicate_of"))
        connection.execute(text("UPDATE alembic_version SET version_num = :earlier"), {"earlier": earlier})
    engine.dispose()


@contextmanager
def a_calendar_for_every_year() -> Iterator[None]:
    """As when a new release of the library knows the years to come. What was found with it is forgotten again: other tests ask too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chassis.deadlines.is_workday", lambda day: day.weekday() < 5)
        try:
            yield
        finally:
            deadlines.is_working_day.cache_clear()
            deadlines._uninterrupted.cache_clear()


@pytest.mark.usefixtures("backend")
def test_a_day_that_no_calendar_reached_is_given_once_one_does(registration: Office) -> None:
    one_of_each(registration)
    before = columns(registration.db)
    registration.db.write_sync(handlers.date_what_a_new_calendar_reaches)
    assert columns(registration.db) == before, "no calendar, no guess"
    with a_calendar_for_every_year():
        registration.db.write_sync(handlers.date_what_a_new_calendar_reaches)
    assert (columns(registration.db)[:-1], columns(registration.db)[-1][1:]) == (before[:-1], ("2027-01-04", None))


@given(filings, findings, words, st.sampled_from([(), (Pause(TODAY),), (Pause(TODAY, TODAY),)]))
def test_there_is_a_column_for_every_deadline_and_none_without(filed: Any, found: Any, words: Said, pauses: tuple[Pause, ...]) -> None:
    decision = decided(filed, found, words)
    status = STATUS_OF[decision.outcome]
    said = Said(clock=decision.clock, pauses=pauses)
    deadlines = deadlines_of(status, TODAY, decision, said)
    days = due_days(status, rfc3339(NOON), decision, said)
    assert {kind for kind, column in tables.DAY_OF.items() if days[column] is not None} == {each.kind for each in deadlines}
    for each in deadlines:
        day = days[tables.DAY_OF[each.kind]]
        assert day == ("paused" if each.paused_since else "unknown" if each.due is None else each.due.isoformat())
    if status not in OPEN:
        assert not any(days.values())
    assert status is not FilingStatus.UNDER_REVIEW
