"""Mail and chat: a short text for people, with the delivery ledger's id. No name and no phone number is in it."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage

import aiosmtplib
import apprise

from chassis.clock import Clock
from services.notifier.clients.words import body_of, title_of
from services.notifier.domain import Attempt, ChannelType, Errand
from services.notifier.errors import ChannelNotAllowedError
from services.notifier.settings import NotifierSettings

CHAT_SERVICES = frozenset({"dingtalk", "discord", "feishu", "lark", "schan", "slack", "tgram", "wecombot", "wxteams"})
"""Apprise schemas whose host is fixed by the service. Others name their host themselves and would go round the address check."""


def check_channel(channel_type: ChannelType, address: str, settings: NotifierSettings) -> None:
    """Raises ChannelNotAllowedError for mail without a mail server, and for chat services that cannot be used."""
    if channel_type is ChannelType.EMAIL and (settings.notifier_smtp_host is None or settings.notifier_smtp_sender is None):
        names = "SLUICEGATE_NOTIFIER_SMTP_HOST, SLUICEGATE_NOTIFIER_SMTP_SENDER"
        raise ChannelNotAllowedError("email-not-configured", f"尚未设置邮件服务器（{names}）", f"no mail server is set ({names})")
    if channel_type is ChannelType.APPRISE:
        chat_service(address, settings)


def has_a_fixed_host(address: str) -> bool:
    """Whether it is an address of one of these services, so that it cannot name another host."""
    return address.partition("://")[0].lower() in CHAT_SERVICES


def chat_service(address: str, settings: NotifierSettings) -> apprise.NotifyBase:
    """The one service that an address names. Raises ChannelNotAllowedError for any other, for several, and for one that reads a file.

    Apprise takes a comma or semicolon for the end of an address, and a ``template`` for a file to fetch, wherever it is.
    """
    if not settings.notifier_allow_private_addresses and not has_a_fixed_host(address):
        known = ", ".join(sorted(CHAT_SERVICES))
        raise ChannelNotAllowedError("channel-not-allowed", f"可用的消息服务：{known}", f"chat services that can be used: {known}")
    chat = apprise.Apprise()
    try:
        complete = chat.add(address)
    except (LookupError, TypeError, ValueError):  # as of a Telegram address that ends too early
        complete = False
    if not complete:
        raise ChannelNotAllowedError("channel-not-allowed", "消息服务的地址不完整", "the address of the chat service is not complete")
    service = chat[0]
    if len(chat) > 1 or any(isinstance(part, apprise.AppriseAttachment) and part for part in vars(service).values()):
        zh, en = "一个地址只写一个消息服务，不带模板文件（template）", "an address names one chat service alone, without a file (template)"
        raise ChannelNotAllowedError("channel-not-allowed", zh, en)
    return service


class MessageClient:
    def __init__(self, clock: Clock, settings: NotifierSettings) -> None:
        self._clock = clock
        self._settings = settings
        self._password = settings.mail_password()

    async def send(self, errand: Errand) -> Attempt:
        """Make the attempt by mail or chat. Never raises for what the other side does."""
        mail = errand.endpoint.channel.type is ChannelType.EMAIL
        try:
            async with asyncio.timeout(self._settings.notifier_send_timeout):
                return await (self._mail(errand) if mail else self._chat(errand))
        except TimeoutError:
            return self._ended("timeout")

    async def _mail(self, errand: Errand) -> Attempt:
        settings = self._settings
        message = EmailMessage()
        sender = settings.notifier_smtp_sender or ""
        message["From"] = sender
        message["To"] = errand.endpoint.channel.address
        message["Subject"] = title_of(errand)
        # the same over all attempts: a mail server that saw it already can tell
        message["Message-ID"] = f"<{errand.delivery_id}@{sender.rpartition('@')[2]}>"
        message.set_content(body_of(errand))
        try:
            await aiosmtplib.send(
                message,
                hostname=settings.notifier_smtp_host,
                port=settings.notifier_smtp_port,
                username=settings.notifier_smtp_username,
                password=self._password,
                use_tls=settings.notifier_smtp_security == "tls",
                start_tls=settings.notifier_smtp_security == "starttls",
                timeout=settings.notifier_send_timeout,
            )
        except aiosmtplib.SMTPResponseException as error:
            return Attempt(self._clock.now(), error.code, "mail-refused")
        except (aiosmtplib.SMTPException, OSError):
            return self._ended("mail-failed")
        return self._ended(None)

    async def _chat(self, errand: Errand) -> Attempt:
        try:
            service = chat_service(errand.endpoint.channel.address, self._settings)
        except ChannelNotAllowedError as error:
            return self._ended(error.code)  # taken by an earlier release, or while private addresses were permitted
        told = await apprise.Apprise(service).async_notify(title=title_of(errand), body=body_of(errand))
        return self._ended(None if told else "chat-failed")

    def _ended(self, error: str | None) -> Attempt:
        return Attempt(self._clock.now(), None, error)
