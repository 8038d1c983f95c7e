"""Structured logs: one JSON object a line on standard error, without personal data."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

PERSONAL = frozenset({"applicant", "phone", "name", "contact", "authorization", "token", "secret", "body", "data", "email", "address"})
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def without_personal_data(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blanks the values whose key could carry a person's data or a secret, however deep they lie."""
    for key, value in event.items():
        event[key] = "***" if key in PERSONAL and value is not None else _blanked(value)
    return event


def _blanked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "***" if key in PERSONAL and item is not None else _blanked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_blanked(item) for item in value]
    return value


class _StandardError:
    """Writes a line to whatever standard error is at that moment."""

    def __init__(self, *_names: object) -> None:
        pass

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")

    debug = info = warning = error = critical = msg


def configure_logging(level: str = "info") -> None:
    """Once a process, before the first service is made."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_personal_data,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event, default=str).decode()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=_StandardError,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(LEVELS[level], logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
