"""Composition of power_grid."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx

from chassis.bus import Bus
from chassis.clock import Clock
from chassis.engine import Engine
from chassis.service import Every, Service, create_service
from chassis.tokens import Verifier
from services.power_grid.api import KEY_FILE, ROUTER, ClearanceTokens
from services.power_grid.consumers import SUBSCRIPTIONS
from services.power_grid.handlers import judge_due_sites, judge_under_another_policy
from services.power_grid.settings import PowerGridSettings

CALENDAR_SECONDS = 2.0
SWEEP_SECONDS = 2.0
"""How soon what waits begins to be judged under another policy set; the next chunk follows as long after."""


def create(
    settings: PowerGridSettings,
    *,
    bus: Bus | None = None,
    engine: Engine | None = None,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
    peers: httpx.AsyncClient | None = None,
) -> Service:
    """The service, not started: judges sites, answers the power company, keeps the feed of blocks.

    ``peers`` reaches the other services on their public paths; None: there are no what-ifs.
    """
    service = create_service(
        "power_grid",
        settings,
        subscriptions=SUBSCRIPTIONS,
        jobs=(
            Every(CALENDAR_SECONDS, judge_due_sites, "judge_due_sites"),
            Every(SWEEP_SECONDS, judge_under_another_policy, "judge_under_another_policy"),
        ),
        routers=(ROUTER,),
        migrations=Path(__file__).parent / "migrations",
        title_zh="供电",
        title_en="Power grid",
        bus=bus,
        engine=engine,
        clock=clock,
        verifier=verifier,
    )
    key_file = settings.power_grid_clearance_key_file or settings.data / KEY_FILE
    service.app.state.peers = peers
    service.app.state.clearance_tokens = ClearanceTokens(key_file, timedelta(days=settings.power_grid_clearance_days))
    return service
