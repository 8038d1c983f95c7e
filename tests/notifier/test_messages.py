"""Mail to a mail server that is really spoken to, and chat through a receiver."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from chassis.clock import SystemClock
from chassis.deadlines import Escalation
from contracts.notifier import DigestIssued, ReminderIssued
from services.notifier.clients.messages import MessageClient, check_channel
from services.notifier.clients.words import CALENDAR_MISSING, FIGURES, KINDS, STEPS, body_of, title_of
from services.notifier.domain import Channel, ChannelType, Endpoint, Errand, Kind
from services.notifier.errors import ChannelNotAllowedError
from services.notifier.rules.figures import FIGURES as COUNTED
from services.notifier.settings import NotifierSettings
from tests.notifier.receivers import listening, receiver
from tests.notifier.vocabulary import REFUSED


@asynccontextmanager
async def mail_server(refuses: bool = False) -> AsyncIterator[tuple[int, list[str]]]:
    """The port of a mail server that keeps what it is given, also who logs in, or refuses every recipient."""
    mails: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode():
            word = line[:4].upper()
            if word == "DATA":
                writer.write(b"354 go on\r\n")
                mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            if word == "AUTH":
                mails.append(base64.b64decode(line.split()[-1]).decode())
            answers = {"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n", "AUTH": b"235 known\r\n"}
            writer.write(b"550 nobody here\r\n" if refuses and word == "RCPT" else answers.get(word, b"250 fine\r\n"))

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
@pytest.mark.parametrize("address", ["json://127.0.0.1/", "mailto://user:pass@mail.example", "dingtalk://", "tgram://123:"])
def test_chat_services_that_name_their_own_host_are_refused(tmp_path: Path, address: str) -> None:
    strict = NotifierSettings(data=tmp_path)
    with pytest.raises(ChannelNotAllowedError, match="chat"):
        check_channel(ChannelType.APPRISE, address, strict)


SLACK, FILE = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "http%3A%2F%2F127.0.0.1%2Fblocks.json"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("mark", [",", ";", ",,"])
@pytest.mark.parametrize("allowed", [False, True])
def test_a_chat_address_names_one_service(tmp_path: Path, mark: str, allowed: bool) -> None:
    one = "dingtalk://abc/13500000000/"
    kept = NotifierSettings(data=tmp_path, notifier_allow_private_addresses=allowed)
    check_channel(ChannelType.APPRISE, one, kept)
    with pytest.raises(ChannelNotAllowedError, match="one chat service alone"):
        check_channel(ChannelType.APPRISE, f"{one}{mark}json://127.0.0.1:8080/x", kept)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("query", [f"template={FILE}", f"TEMPLATE={FILE}", f"footer=no&tem%70late={FILE}", f"to=a;template={FILE}"])
def test_a_chat_address_has_no_file_fetched(tmp_path: Path, query: str) -> None:
    strict = NotifierSettings(data=tmp_path)
    check_channel(ChannelType.APPRISE, f"{SLACK}/?footer=no", strict)
    with pytest.raises(ChannelNotAllowedError, match="one chat service alone"):
        check_channel(ChannelType.APPRISE, f"{SLACK}/?{query}", strict)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_a_chat_address_that_was_taken_once_is_checked_again_before_anything_is_sent(tmp_path: Path) -> None:
    async with receiver() as there, receiver() as elsewhere:
        one, other = (each.url.replace("http://", "json://") for each in (there, elsewhere))
        several = await MessageClient(SystemClock(), settings(tmp_path)).send(errand(Channel(ChannelType.APPRISE, f"{one},{other}")))
        strict = await MessageClient(SystemClock(), NotifierSettings(data=tmp_path)).send(errand(Channel(ChannelType.APPRISE, one)))
    assert (several.error, strict.error) == ("channel-not-allowed", "channel-not-allowed")
    assert there.calls == elsewhere.calls == []


async def test_the_mail_server_is_told_the_password_that_a_file_holds(tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("from the file\n")
    async with mail_server() as (port, mails):
        login = {"notifier_smtp_username": "sluicegate", "notifier_smtp_password_file": tmp_path / "smtp"}
        with_login = settings(tmp_path, port).model_copy(update=login)
        attempt = await MessageClient(SystemClock(), with_login).send(errand(TO_A_CLERK))
    assert attempt.error is None
    assert mails[0] == "\0sluicegate\0from the file"


def test_mail_without_a_mail_server_is_refused_with_the_settings_to_make(tmp_path: Path) -> None:
    with pytest.raises(ChannelNotAllowedError, match="SLUICEGATE_NOTIFIER_SMTP_HOST"):
        check_channel(ChannelType.EMAIL, "clerk@city.example", NotifierSettings(data=tmp_path))


REMINDER = {
    "kind": "statement_request",
    "escalation": "supervision_group",
    "record_id": "sr-1",
    "due": "2026-12-04",
    "township_code": "330282112",
    "filing_id": "f1",
    "parcel_code": None,
}
DIGEST = {
    "group": "SG1",
    "period_from": "2026-11-23",
    "period_to": "2026-11-29",
    "calendar_missing": True,
    "policy": {"id": "cixi-source-control", "version": 1},
    "policy_confirmed": False,
    "figures": {"held": 2, "breaches": 0},
    "townships": [{"township_code": "330282112", "figures": {"held": 1}}, {"township_code": None, "figures": {"held": 1}}],
    "unacknowledged": [{"block_id": "blk-1", "parcel_code": "p1", "since": "2026-11-24", "units": ["PSC", "AMR"]}],
}


def told(event_type: str, data: Mapping[str, object], lang: str) -> Errand:
    return replace(errand(TO_A_CLERK, lang), event_type=event_type, body=orjson.dumps({"data": data}))


@pytest.mark.parametrize(
    ("lang", "title", "lines"),
    [
        ("zh", "水闸催办：出具产权说明，2026-12-04 届满", ("逾期超过两个工作日，请督查指导组督办。", "镇（街道）：新浦镇", "编号：sr-1")),
        ("en", "Sluicegate reminder: property-right statement to be issued, due 2026-12-04", ("Township: Xinpu Town", "Parcel: -")),
    ],
)
def test_a_reminder_says_who_is_to_look_at_what_and_by_when(lang: str, title: str, lines: tuple[str, ...]) -> None:
    message = told(ReminderIssued.type, REMINDER, lang)
    assert title_of(message) == title
    assert set(lines) <= set(body_of(message).splitlines())
    assert "dlv_1" in body_of(message)


@pytest.mark.parametrize(
    ("lang", "title", "lines"),
    [
        (
            "zh",
            "水闸周报（SG1）：2026-11-23 至 2026-11-29",
            (
                "SG1：待办申请 2，违规接电 0",
                "新浦镇：待办申请 1",
                "镇（街道）不明：待办申请 1",
                "  blk-1　宗地 p1　2026-11-24 设立，待 PSC, AMR 确认",
                "所依据的政策集 cixi-source-control v1 的现行效力尚无人确认。",
            ),
        ),
        (
            "en",
            "Sluicegate weekly digest (SG1): 2026-11-23 to 2026-11-29",
            ("Xinpu Town: filings held 1", "  blk-1, parcel p1, imposed 2026-11-24, not acknowledged by PSC, AMR"),
        ),
    ],
)
def test_a_digest_is_read_line_by_line(lang: str, title: str, lines: tuple[str, ...]) -> None:
    message = told(DigestIssued.type, DIGEST, lang)
    assert title_of(message) == title
    assert set(lines) <= set(body_of(message).splitlines())
    assert CALENDAR_MISSING[lang].strip() in body_of(message)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_step_and_figure_has_words(lang: str) -> None:
    assert {str(kind) for kind in Kind} == set(KINDS)
    assert {str(step) for step in Escalation} == set(STEPS)
    assert set(FIGURES) == set(COUNTED)
    assert all(words[lang] for texts in (KINDS, STEPS, FIGURES) for words in texts.values())
