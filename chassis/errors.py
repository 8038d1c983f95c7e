"""What can go wrong in the chassis, and the two words a handler has for failure.

ChassisError
├── TemporaryError            try again after ``delay`` seconds
│   └── StorageUnavailableError   the database is locked, full or gone: nothing of this unit of work was kept, as far as is known
├── PermanentError            trying again is useless: park the key
├── MessageTooLargeError      an event larger than a bus will carry
├── QuarantineError           an operator asked for something that cannot be done
└── FailpointReachedError     raised on purpose by a failpoint
"""

from __future__ import annotations


class ChassisError(Exception):
    """Base of everything raised by the chassis itself."""


class TemporaryError(ChassisError):
    """The cause may pass: run the same work again after ``delay`` seconds."""

    def __init__(self, message: str, delay: float = 1.0) -> None:
        super().__init__(message)
        self.delay = delay


class StorageUnavailableError(TemporaryError):
    """The database cannot be used now. After a failed COMMIT it is not known whether the work was kept: read before repeating it."""


class PermanentError(ChassisError):
    """The message can never be processed as it is: park it, hold its followers, let all other keys flow."""


class MessageTooLargeError(ChassisError):
    """An event's body is larger than ``outbox.MAX_BODY`` bytes; the unit of work that caused it is refused."""


class QuarantineError(ChassisError):
    """An operator's verb cannot be done. Carries both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


class FailpointReachedError(ChassisError):
    """A failpoint with the action ``raise`` was hit."""
