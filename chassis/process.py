"""What every process that serves has in common: an HTTP server that leaves signals alone, and how memory and files are kept."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from chassis.protocol import Protocol

BACKLOG = 2048
OWNERS_ALONE = 0o077  # filings hold names and phone numbers
COLLECT_AFTER = (200_000, 20, 20)  # more than a batch makes: its records and events live briefly, hold no cycles and need not be searched


class Server(uvicorn.Server):
    """Leaves signals alone: whoever runs it decides what they mean."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def config_of(app: ASGIApp, graceful_seconds: int, trusted_proxies: str = "") -> uvicorn.Config:
    """How every process answers HTTP: our protocol, no banner, no access log; who forwards is believed only if it is trusted."""
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        loop="none",
        http=Protocol,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
        timeout_graceful_shutdown=graceful_seconds,
    )


def prepare() -> None:
    """Once a process, when everything is imported."""
    gc.freeze()  # what was imported stays: no need to look through it again
    gc.set_threshold(*COLLECT_AFTER)
    os.umask(OWNERS_ALONE)


@contextmanager
def private_files() -> Iterator[None]:
    """Files made meanwhile are their owner's alone: for a command that makes some and is no server."""
    before = os.umask(OWNERS_ALONE)
    try:
        yield
    finally:
        os.umask(before)
