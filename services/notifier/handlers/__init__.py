"""What notifier does: make deliveries of events, note what falls due, remind, issue digests, keep endpoints, claim and record attempts."""

from services.notifier.handlers.deliveries import claim, hasten, record, release, replay, wanting
from services.notifier.handlers.digests import issue_digests
from services.notifier.handlers.endpoints import change, create, delete, rotate_secret, test
from services.notifier.handlers.reminding import hear, remind
from services.notifier.handlers.telling import tell

__all__ = [
    "change",
    "claim",
    "create",
    "delete",
    "hasten",
    "hear",
    "issue_digests",
    "record",
    "release",
    "remind",
    "replay",
    "rotate_secret",
    "tell",
    "test",
    "wanting",
]
