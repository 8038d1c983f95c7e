"""Composition of notifier."""

from __future__ import annotations

from pathlib import Path

from chassis.bus import Bus
from chassis.clock import Clock
from chassis.engine import Engine
from chassis.service import Service, create_service
from chassis.tokens import Verifier
from services.notifier.api import router
from services.notifier.consumers import SUBSCRIPTIONS, send_what_is_due
from services.notifier.settings import NotifierSettings


def create(
    settings: NotifierSettings,
    *,
    bus: Bus | None = None,
    engine: Engine | None = None,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
) -> Service:
    """The service, ready to be started: hears what names units, keeps the ledger, sends."""
    return create_service(
        "notifier",
        settings,
        subscriptions=SUBSCRIPTIONS,
        routers=[router],
        background=[send_what_is_due],
        migrations=Path(__file__).parent / "migrations",
        title_zh="送达",
        title_en="Notifier",
        bus=bus,
        engine=engine,
        clock=clock,
        verifier=verifier,
    )
