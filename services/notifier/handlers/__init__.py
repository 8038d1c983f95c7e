"""What notifier does: make deliveries of events, keep endpoints, claim and record attempts."""

from services.notifier.handlers.deliveries import claim, hasten, record, release, replay, wanting
from services.notifier.handlers.endpoints import change, create, delete, rotate_secret, test
from services.notifier.handlers.telling import tell

__all__ = ["change", "claim", "create", "delete", "hasten", "record", "release", "replay", "rotate_secret", "tell", "test", "wanting"]
