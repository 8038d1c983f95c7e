"""The offices' own receiver: takes signed webhooks on the loopback, verifies them, counts who was told of what."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

LARGEST_CALL = 1024 * 1024


@dataclass
class Told:
    """What verified calls said. ``places``: unit, and the filing or parcel named; ``ids``: how often each webhook id came;
    ``events``: the webhook ids under which a unit was told of one type of event of one filing; ``forged``: calls not verified.
    """

    places: set[tuple[str, str]] = field(default_factory=set)
    ids: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    events: dict[tuple[str, str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    forged: int = 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that dies in the middle of its call is no error of ours."""


class Receiver:
    """``with Receiver() as receiver:``; ``receiver.url("AMR")`` is where that unit wants to be told, once its secret is known.

    ``name``: how the system reaches this machine, if it runs on another; the receiver then listens on every address.
    """

    def __init__(self, name: str | None = None) -> None:
        self._name = name or "127.0.0.1"
        self.told = Told()
        self.secrets: dict[str, str] = {}
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                size = int(self.headers.get("content-length", "0"))
                body = self.rfile.read(size) if size <= LARGEST_CALL else b""
                if len(body) < size <= LARGEST_CALL:  # the caller died in the middle: that was no call
                    self.close_connection = True
                    return
                good = receiver.take(self.path.strip("/"), body, {name.lower(): value for name, value in self.headers.items()})
                self.send_response(204 if good else 400)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: the summary tells."""

        self._server = _Server(("127.0.0.1" if name is None else "", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="receiver", daemon=True)

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, unit: str) -> str:
        return f"http://{self._name}:{self._server.server_address[1]}/{unit}"

    def take(self, unit: str, body: bytes, headers: dict[str, str]) -> bool:
        """Note one call. False if its signature does not hold."""
        secret = self.secrets.get(unit)
        try:
            event = Webhook(secret).verify(body, headers) if secret else None
        except WebhookVerificationError:
            event = None
        with self._lock:
            if event is None:
                self.told.forged += 1
                return False
            self.told.ids[headers["webhook-id"]] += 1
            self.told.units[unit] += 1
            data = event["data"]
            if data["filing_id"]:
                self.told.events[unit, event["type"], data["filing_id"]].add(headers["webhook-id"])
            self.told.places |= {(unit, place) for place in (data["filing_id"], data["parcel_code"]) if place}
        return True
