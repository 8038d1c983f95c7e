"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562 method 3), written as 32 hex digits."""

from __future__ import annotations

import os
import time

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_AT_ONCE = 512

_drawn: list[int] = []  # random numbers not yet used: one system call serves many identifiers
os.register_at_fork(after_in_child=_drawn.clear)


def new_id(prefix: str = "") -> str:
    """``prefix`` + UUIDv7 in hex. 62 bits come from the operating system, so threads, processes and forks cannot collide."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    return f"{prefix}{milliseconds << 80 | _VERSION_7 | fraction << 64 | _VARIANT | _random():032x}"


def _random() -> int:
    """62 random bits, each given once: ``pop`` is atomic."""
    try:
        return _drawn.pop()
    except IndexError:
        block = os.urandom(8 * _AT_ONCE)
        first, *others = (int.from_bytes(block[place : place + 8]) >> 2 for place in range(0, len(block), 8))
        _drawn.extend(others)
        return first
