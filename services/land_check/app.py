"""The composition of land_check: settings, database, routes, subscriptions."""

from __future__ import annotations

from pathlib import Path

import httpx

from chassis.bus import Bus
from chassis.clock import Clock
from chassis.engine import Engine
from chassis.service import Every, Service, create_service
from chassis.tokens import Verifier
from services.land_check.api import ROUTER, Lookups
from services.land_check.clients import PowerGrid
from services.land_check.consumers import SUBSCRIPTIONS
from services.land_check.handlers.sweeping import judge_open_filings, look_at_decided_filings, tell_of_parcels
from services.land_check.settings import LandCheckSettings

SWEEP_SECONDS = 2.0
"""How soon filings begin to be judged, or looked at, under another policy set; the next chunk follows as long after."""


def create(
    settings: LandCheckSettings,
    *,
    bus: Bus | None = None,
    engine: Engine | None = None,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
    peers: httpx.AsyncClient | None = None,
) -> Service:
    """The service, not started. ``peers`` reaches the other services on their public paths; None: three-phase answers are hold."""
    service = create_service(
        "land_check",
        settings,
        subscriptions=SUBSCRIPTIONS,
        jobs=(
            Every(SWEEP_SECONDS, judge_open_filings, "judge_open_filings"),
            Every(SWEEP_SECONDS, look_at_decided_filings, "look_at_decided_filings"),
            Every(SWEEP_SECONDS, tell_of_parcels, "tell_of_parcels"),
        ),
        routers=(ROUTER,),
        migrations=Path(__file__).parent / "migrations",
        title_zh="土地核查",
        title_en="Land check",
        bus=bus,
        engine=engine,
        clock=clock,
        verifier=verifier,
    )
    service.app.state.power_grid = PowerGrid(peers, settings.land_check_peer_timeout)
    service.app.state.lookups = Lookups(settings.land_check_lookups_per_minute)
    service.app.state.public_url = settings.land_check_public_url
    return service
