"""Who gets a delivery, and what follows an attempt. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from contracts.values import dataclass
from services.notifier.domain import Attempt, DeliveryStatus, Endpoint, Notice

LONGEST_RETRY_AFTER = 24 * 3600.0
"""Seconds; a receiver may not put us off for longer than that."""
GONE = 410

TOWNSHIP_BOUND = frozenset({"SG", "TWN"})
"""Units that exist once per township (or group of townships): their endpoints must say which."""


def wants(endpoint: Endpoint, notice: Notice) -> bool:
    """The endpoint's unit is told, it asked for this type, and the place is one of its townships."""
    return endpoint.recipient in notice.recipients and notice.event_type in endpoint.events and covers(endpoint, notice)


def covers(endpoint: Endpoint, notice: Notice) -> bool:
    """The place, or one of those a digest is about, is one of the endpoint's townships."""
    if endpoint.townships is None or notice.township_code in endpoint.townships:
        return True
    return not endpoint.townships.isdisjoint(notice.townships)


def targets(notice: Notice, endpoints: Iterable[Endpoint]) -> Iterator[tuple[str, Endpoint | None]]:
    """Every unit named in the notice with each endpoint that wants it, or with None when there is no such endpoint."""
    wanted = [endpoint for endpoint in endpoints if wants(endpoint, notice)]
    for recipient in dict.fromkeys(notice.recipients):
        own = [endpoint for endpoint in wanted if endpoint.recipient == recipient]
        if not own:
            yield recipient, None
        for endpoint in own:
            yield recipient, endpoint


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt makes of a delivery. ``due`` is set while it stays pending."""

    status: DeliveryStatus
    due: datetime | None
    endpoint_gone: bool = False


def after(attempt: Attempt, tries: int, delays: Sequence[float], jitter: float) -> Outcome:
    """What follows the ``tries``-th attempt (counted from 1).

    ``delays`` are seconds before each attempt, the first included; ``jitter`` in 0..1 stretches the wait by up to a tenth,
    so that receivers that failed together are not called together. Source: Standard Webhooks, deliverability.
    """
    if attempt.error is None:
        return Outcome(DeliveryStatus.DELIVERED, None)
    if attempt.status_code == GONE:
        return Outcome(DeliveryStatus.EXHAUSTED, None, endpoint_gone=True)
    if tries >= len(delays):
        return Outcome(DeliveryStatus.EXHAUSTED, None)
    wait = delays[tries] * (1 + 0.1 * jitter)
    if attempt.retry_after is not None:
        wait = max(wait, min(attempt.retry_after, LONGEST_RETRY_AFTER))
    return Outcome(DeliveryStatus.PENDING, attempt.at + timedelta(seconds=wait))
