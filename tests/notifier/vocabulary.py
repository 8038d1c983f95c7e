"""Words the notifier's tests share: events that name units, endpoints that want them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.messages import Received
from chassis.testing import NOON, command, database, received, run_handler
from contracts.registration import DecisionSummary, FilingRefused
from contracts.vocabulary import Action, FilingStatus, LandVerdict, Outcome, PolicyRef, StatementOutcome, Unit
from services.notifier import app, handlers, tables
from services.notifier.domain import Channel, ChannelType
from services.notifier.handlers.endpoints import Registration

MIGRATIONS = Path(app.__file__).parent / "migrations"
REFUSED = FilingRefused.type
XINPU, ZHOUXIANG = "330282112", "330282121"


def refusal(filing_id: str = "f1", *, notify: tuple[Unit, ...] = (Unit.AMR, Unit.PSC), seq: int = 1) -> Received[FilingRefused]:
    """A refused filing in 新浦镇 as it reaches notifier."""
    decision = DecisionSummary(
        outcome=Outcome.REFUSE,
        land_verdict=LandVerdict.NON_INDUSTRIAL,
        statement=StatementOutcome.REQUIRED_MISSING,
        policy=PolicyRef(id="cixi-source-control", version=1),
        decided_at=datetime(2026, 11, 22, 4, tzinfo=UTC),
    )
    event = FilingRefused(
        filing_id=filing_id,
        version=2,
        revision=1,
        enterprise_name="慈溪某某电器有限公司",
        uscc=None,
        township_code=XINPU,
        parcel_code="330282112001JC00001",
        unit_number=None,
        notify=notify,
        status=FilingStatus.REFUSED,
        action=Action.ESTABLISH,
        industry_code="3851",
        manufacturing=True,
        decision=decision,
    )
    return received(event, seq)


def register(db: Database, recipient: str = "AMR", url: str = "https://hooks.example/", events: tuple[str, ...] = (REFUSED,)) -> str:
    """An endpoint in the database; its id."""
    wanted = Registration(recipient, Channel(ChannelType.WEBHOOK, url), events, None, "zh")
    shown = run_handler(db, handlers.create, [command(wanted)]).answers[0]
    return str(shown.row.endpoint_id)


def ledger(db: Database) -> list[Any]:
    """Every delivery, oldest first."""
    return list(db.read_sync(lambda tx: tx.rows(select(tables.DELIVERIES).order_by(tables.DELIVERIES.c.delivery_id))))


@contextmanager
def notifier_database() -> Iterator[tuple[Database, FixedClock]]:
    clock = FixedClock(NOON)
    with database(migrations=MIGRATIONS, clock=clock) as db:
        yield db, clock
