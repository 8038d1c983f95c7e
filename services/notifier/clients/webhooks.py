"""One webhook attempt: signed, never redirected, bounded in time and size."""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore
import httpx
import sniffio  # noqa: F401 - httpcore looks for it at every step; a look that fails searches the whole path
from standardwebhooks import Webhook

from chassis.clock import Clock
from services.notifier.clients.addresses import CheckedBackend
from services.notifier.domain import Attempt, Errand
from services.notifier.errors import AddressNotAllowedError

LARGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read at most; the status alone decides."""
DRAIN_SECONDS = 2.0
THROTTLING = frozenset({429, 502, 503, 504})
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
USER_AGENT = "sluicegate-notifier/1"


class WebhookClient:
    """Keeps connections open between attempts. ``allow_private`` also permits plain http."""

    def __init__(self, clock: Clock, allow_private: bool, concurrency: int, timeout: float) -> None:
        self._clock = clock
        self._timeout = timeout
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=concurrency,
            keepalive_expiry=15.0,
            network_backend=CheckedBackend(allow_private),
        )

    async def send(self, errand: Errand) -> Attempt:
        """Make the attempt. Never raises for what a receiver does."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._post(errand)
        except AddressNotAllowedError:
            return self._failed("address-not-allowed")
        except (TimeoutError, httpcore.TimeoutException):
            return self._failed("timeout")
        except ssl.SSLError:
            return self._failed("tls")
        except httpcore.ConnectError as error:
            return self._failed("tls" if isinstance(error.__cause__, ssl.SSLError) else "connection-failed")
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
            return self._failed("connection-broken")

    async def _post(self, errand: Errand) -> Attempt:
        url = httpx.URL(errand.endpoint.channel.address)
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        headers = [(b"Host", url.netloc), *signed_headers(errand)]
        request = httpcore.Request("POST", target, headers=headers, content=errand.body, extensions={"timeout": {"pool": self._timeout}})
        response = await self._pool.handle_async_request(request)
        status = response.status
        try:
            with suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError):
                async with asyncio.timeout(DRAIN_SECONDS):
                    await _drain(response)
        finally:
            with suppress(httpcore.NetworkError, httpcore.ProtocolError):
                await response.aclose()
        error = None if 200 <= status < 300 else "redirect-refused" if 300 <= status < 400 else "bad-status"
        asked = _retry_after(response, self._clock.now()) if status in THROTTLING else None
        return Attempt(self._clock.now(), status, error, asked)

    def _failed(self, error: str) -> Attempt:
        return Attempt(self._clock.now(), None, error)

    async def aclose(self) -> None:
        await self._pool.aclose()


def signed_headers(errand: Errand) -> list[tuple[bytes, bytes]]:
    """The headers of one attempt. During a rotation every live secret signs. The time is real time: receivers compare it with theirs."""
    timestamp = datetime.fromtimestamp(int(time.time()), UTC)
    text = errand.body.decode()
    signatures = [Webhook(secret).sign(errand.delivery_id, timestamp, text) for secret in errand.endpoint.secrets]
    return [
        (b"webhook-id", errand.delivery_id.encode()),
        (b"webhook-timestamp", str(int(timestamp.timestamp())).encode()),
        (b"webhook-signature", " ".join(signatures).encode()),
        (b"Content-Type", CONTENT_TYPE.encode()),
        (b"Content-Length", str(len(errand.body)).encode()),
        (b"User-Agent", USER_AGENT.encode()),
        (b"Accept", b"*/*"),
    ]


async def _drain(response: httpcore.Response) -> None:
    """Read a small answer to its end, so that the connection can be used again; a large one is cut off."""
    size = 0
    async for chunk in response.aiter_stream():
        size += len(chunk)
        if size > LARGEST_ANSWER:
            return


def _retry_after(response: httpcore.Response, now: datetime) -> float | None:
    """Seconds of a ``Retry-After`` header, which is a number or an HTTP date; None if there is none that can be read."""
    value = next((value for name, value in response.headers if name.lower() == b"retry-after"), None)
    if value is None:
        return None
    text = value.decode("ascii", "replace").strip()
    if text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # no date, or none that a clock can show
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, at.timestamp() - now.timestamp())
