"""One attempt against real receivers, kind and hostile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from standardwebhooks import Webhook

from chassis.clock import SystemClock
from services.notifier.clients.webhooks import WebhookClient
from services.notifier.domain import Channel, ChannelType, Endpoint, Errand
from services.notifier.handlers.endpoints import new_secret
from tests.notifier.receivers import Answer, answer_with, drip_headers, huge_body, never_answer, receiver

BODY = '{"specversion":"1.0","data":{"filing_id":"f1","parcel_code":null,"说明":"水闸"}}'.encode()


def errand(url: str, *secrets: str) -> Errand:
    endpoint = Endpoint("ep_1", "AMR", Channel(ChannelType.WEBHOOK, url), frozenset(), None, "zh", secrets or (new_secret(),))
    return Errand("dlv_1", endpoint, "registration.filing_refused.v1", "f1", None, "e1", "c1", BODY, 0)


@asynccontextmanager
async def webhook_client(allow_private: bool = True, seconds: float = 5.0) -> AsyncIterator[WebhookClient]:
    client = WebhookClient(SystemClock(), allow_private, 10, seconds)
    try:
        yield client
    finally:
        await client.aclose()


async def test_the_exact_bytes_are_signed_as_standard_webhooks_says() -> None:
    secret = new_secret()
    async with receiver() as there, webhook_client() as client:
        attempt = await client.send(errand(there.url, secret))
    assert (attempt.status_code, attempt.error) == (200, None)
    call = there.calls[0]
    assert call.body == BODY
    assert call.headers["webhook-id"] == "dlv_1"
    Webhook(secret).verify(call.body, call.headers)


async def test_during_a_rotation_both_secrets_verify() -> None:
    new, old = new_secret(), new_secret()
    async with receiver() as there, webhook_client() as client:
        await client.send(errand(there.url, new, old))
    for secret in (new, old):
        Webhook(secret).verify(there.calls[0].body, there.calls[0].headers)


async def test_a_redirect_is_a_failure_and_is_never_followed() -> None:
    inside = "169.254.169.254"
    there_goes = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://{inside}/\r\nContent-Length: 0\r\n\r\n"
    async with receiver(answer_with(there_goes.encode())) as there, webhook_client() as client:
        attempt = await client.send(errand(there.url))
    assert (attempt.status_code, attempt.error) == (307, "redirect-refused")
    assert len(there.calls) == 1


@pytest.mark.parametrize("answer", [never_answer, drip_headers])
async def test_a_receiver_that_hangs_is_given_up_after_the_deadline(answer: Answer) -> None:
    async with receiver(answer) as there, webhook_client(seconds=0.3) as client:
        started = time.monotonic()
        attempt = await client.send(errand(there.url))
    assert attempt.error == "timeout"
    assert time.monotonic() - started < 2


async def test_a_huge_answer_is_cut_off_and_its_status_counts() -> None:
    async with receiver(huge_body) as there, webhook_client() as client:
        started = time.monotonic()
        attempt = await client.send(errand(there.url))
    assert (attempt.status_code, attempt.error) == (200, None)
    assert time.monotonic() - started < 2


async def test_retry_after_is_read() -> None:
    busy = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"
    async with receiver(answer_with(busy)) as there, webhook_client() as client:
        attempt = await client.send(errand(there.url))
    assert (attempt.status_code, attempt.error, attempt.retry_after) == (429, "bad-status", 120.0)


@pytest.mark.parametrize("day", ["Fri, 01 Jan 99999999999 00:00:00 GMT", "Fri, 99 Jan 2027 00:00:00 GMT", "tomorrow"])
async def test_a_retry_after_that_is_no_day_asks_for_nothing(day: str) -> None:
    away = f"HTTP/1.1 503 Away\r\nRetry-After: {day}\r\nContent-Length: 0\r\n\r\n"
    async with receiver(answer_with(away.encode())) as there, webhook_client() as client:
        attempt = await client.send(errand(there.url))
    assert (attempt.status_code, attempt.error, attempt.retry_after) == (503, "bad-status", None)


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
async def test_nonsense_is_a_failed_attempt(answer: bytes) -> None:
    async def hang_up(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    async with receiver(hang_up) as there, webhook_client() as client:
        attempt = await client.send(errand(there.url))
    assert attempt.error == "connection-broken"


async def test_nobody_listening_is_a_failed_attempt() -> None:
    async with receiver() as there:
        url = there.url
    async with webhook_client() as client:
        attempt = await client.send(errand(url))
    assert (attempt.status_code, attempt.error) == (None, "connection-failed")


async def test_a_private_address_is_refused_when_connecting_whatever_was_registered() -> None:
    async with receiver() as there, webhook_client(allow_private=False) as client:
        by_number = await client.send(errand(there.url))
        by_name = await client.send(errand(there.url.replace("127.0.0.1", "localhost")))
    assert {by_number.error, by_name.error} == {"address-not-allowed"}
    assert there.calls == []
