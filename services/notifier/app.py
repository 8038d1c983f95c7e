"""Composition of notifier."""

from __future__ import annotations

from pathlib import Path

from chassis.bus import Bus
from chassis.clock import Clock
from chassis.engine import Engine
from chassis.service import Every, Service, create_service
from chassis.tokens import Verifier
from services.notifier.api import router
from services.notifier.consumers import SUBSCRIPTIONS, send_what_is_due
from services.notifier.handlers import issue_digests, remind
from services.notifier.settings import NotifierSettings

REMINDING_SECONDS = 2.0
"""How soon somebody hears that it is for them to look, once the day has come; the rest of a long list follows as long after."""
DIGEST_SECONDS = 10.0


def create(
    settings: NotifierSettings,
    *,
    bus: Bus | None = None,
    engine: Engine | None = None,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
) -> Service:
    """The service, ready to be started: hears what names units and what falls due, keeps the ledger, sends, reminds, issues digests.

    Raises SecretFileError for a mail password that cannot be read: not only when the first mail is due.
    """
    settings.mail_password()
    return create_service(
        "notifier",
        settings,
        subscriptions=SUBSCRIPTIONS,
        routers=[router],
        jobs=(Every(REMINDING_SECONDS, remind, "remind"), Every(DIGEST_SECONDS, issue_digests, "issue_digests")),
        background=[send_what_is_due],
        migrations=Path(__file__).parent / "migrations",
        title_zh="送达",
        title_en="Notifier",
        bus=bus,
        engine=engine,
        clock=clock,
        verifier=verifier,
    )
