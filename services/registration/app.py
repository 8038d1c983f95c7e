"""The composition of registration: settings, database, routes, subscriptions, clocks."""

from __future__ import annotations

from pathlib import Path

import httpx

from chassis.bus import Bus
from chassis.clock import Clock
from chassis.engine import Engine
from chassis.service import Every, Service, create_service
from chassis.tokens import Verifier
from services.registration.api import ROUTER
from services.registration.consumers import SUBSCRIPTIONS
from services.registration.handlers import date_what_a_new_calendar_reaches, refuse_overdue
from services.registration.settings import RegistrationSettings


def create(
    settings: RegistrationSettings,
    *,
    bus: Bus | None = None,
    engine: Engine | None = None,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
    peers: httpx.AsyncClient | None = None,
) -> Service:
    """The service, not started. ``peers`` reaches the other services on their public paths; None: pre-checks are pending."""
    service = create_service(
        "registration",
        settings,
        subscriptions=SUBSCRIPTIONS,
        jobs=(
            Every(settings.registration_deadline_seconds, refuse_overdue, "refuse_overdue"),
            Every(settings.registration_deadline_seconds, date_what_a_new_calendar_reaches, "date_what_a_new_calendar_reaches"),
        ),
        routers=(ROUTER,),
        migrations=Path(__file__).parent / "migrations",
        title_zh="企业登记",
        title_en="Registration",
        bus=bus,
        engine=engine,
        clock=clock,
        verifier=verifier,
    )
    service.app.state.peers = peers
    return service
