"""Mail to a mail server that is really spoken to, and chat through a receiver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from chassis.clock import SystemClock
from services.notifier.clients.messages import MessageClient, check_channel
from services.notifier.domain import Channel, ChannelType, Endpoint, Errand
from services.notifier.errors import ChannelNotAllowedError
from services.notifier.settings import NotifierSettings
from tests.notifier.receivers import listening, receiver
from tests.notifier.vocabulary import REFUSED


@asynccontextmanager
async def mail_server(refuses: bool = False) -> AsyncIterator[tuple[int, list[str]]]:
    """The port of a mail server that keeps what it is given, or refuses every recipient."""
    mails: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode():
            word = line[:4].upper()
            if word == "DATA":
                writer.write(b"354 go on\r\n")
                mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            writer.write(b"550 nobody here\r\n" if refuses and word == "RCPT" else b"250 fine\r\n")

    async with listening(serve) as port:
        yield port, mails


def errand(channel: Channel, lang: str = "zh") -> Errand:
    endpoint = Endpoint("ep_1", "AMR", channel, frozenset(), None, lang)
    return Errand("dlv_1", endpoint, REFUSED, "f1", "330282112001JC00001", "e1", "c1", b"{}", 0)


def settings(folder: Path, port: int = 25) -> NotifierSettings:
    return NotifierSettings(
        data=folder,
        notifier_smtp_host="127.0.0.1",
        notifier_smtp_port=port,
        notifier_smtp_security="none",
        notifier_smtp_sender="sluicegate@city.example",
        notifier_allow_private_addresses=True,
    )


TO_A_CLERK = Channel(ChannelType.EMAIL, "clerk@city.example")


async def test_mail_carries_the_delivery_id_as_its_own_and_names_the_filing(tmp_path: Path) -> None:
    async with mail_server() as (port, mails):
        attempt = await MessageClient(SystemClock(), settings(tmp_path, port)).send(errand(TO_A_CLERK, "en"))
    assert attempt.error is None
    assert "Message-ID: <dlv_1@city.example>" in mails[0]
    assert "Filing: f1" in mails[0]


async def test_mail_that_is_refused_is_a_failed_attempt(tmp_path: Path) -> None:
    async with mail_server(refuses=True) as (port, mails):
        attempt = await MessageClient(SystemClock(), settings(tmp_path, port)).send(errand(TO_A_CLERK))
    assert (attempt.error, mails) == ("mail-failed", [])


async def test_no_mail_server_is_a_failed_attempt(tmp_path: Path) -> None:
    async with mail_server() as (port, _):
        pass
    attempt = await MessageClient(SystemClock(), settings(tmp_path, port)).send(errand(TO_A_CLERK))
    assert attempt.error == "mail-failed"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the libraries that apprise loads
async def test_chat_goes_out_through_apprise(tmp_path: Path) -> None:
    async with receiver() as there:
        channel = Channel(ChannelType.APPRISE, there.url.replace("http://", "json://"))
        attempt = await MessageClient(SystemClock(), settings(tmp_path)).send(errand(channel))
    assert attempt.error is None
    assert orjson.loads(there.calls[0].body)["title"] == f"水闸通知：{REFUSED}"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("address", ["json://127.0.0.1/", "mailto://user:pass@mail.example", "dingtalk://"])
def test_chat_services_that_name_their_own_host_are_refused(tmp_path: Path, address: str) -> None:
    strict = NotifierSettings(data=tmp_path)
    with pytest.raises(ChannelNotAllowedError, match="chat"):
        check_channel(ChannelType.APPRISE, address, strict)


def test_mail_without_a_mail_server_is_refused_with_the_settings_to_make(tmp_path: Path) -> None:
    with pytest.raises(ChannelNotAllowedError, match="SLUICEGATE_NOTIFIER_SMTP_HOST"):
        check_channel(ChannelType.EMAIL, "clerk@city.example", NotifierSettings(data=tmp_path))
