"""What an endpoint answers to a command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

import orjson
from starlette.responses import Response

from contracts.values import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """``body``: a dict or list becomes JSON, bytes go as they are, None is an empty answer."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


def respond(status: int, body: bytes, headers: Mapping[str, str]) -> Response:
    """The HTTP response of an encoded answer: JSON unless ``headers`` name another content type."""
    if not body:
        return Response(status_code=status, headers=headers)
    named = any(name.lower() == "content-type" for name in headers)
    return Response(body, status, headers, None if named else "application/json")
