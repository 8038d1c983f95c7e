"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562 method 3), written as 32 hex digits."""

from __future__ import annotations

import os
import time

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id(prefix: str = "") -> str:
    """``prefix`` + UUIDv7 in hex. 62 bits come from the operating system, so processes and forks cannot collide."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8)) >> 2
    return f"{prefix}{milliseconds << 80 | _VERSION_7 | fraction << 64 | _VARIANT | random:032x}"
