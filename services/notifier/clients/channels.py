"""One door to every channel."""

from __future__ import annotations

from contextlib import suppress

import httpx

from chassis.clock import Clock
from services.notifier.clients.addresses import check_url
from services.notifier.clients.messages import MessageClient, check_channel, has_a_fixed_host
from services.notifier.clients.webhooks import WebhookClient
from services.notifier.domain import Attempt, Channel, ChannelType, Errand
from services.notifier.settings import NotifierSettings


class Channels:
    """Checks a channel when it is registered and makes attempts on it."""

    def __init__(self, clock: Clock, settings: NotifierSettings) -> None:
        self._settings = settings
        self._webhooks = WebhookClient(
            clock, settings.notifier_allow_private_addresses, settings.notifier_concurrency, settings.notifier_send_timeout
        )
        self._messages = MessageClient(clock, settings)

    async def send(self, errand: Errand) -> Attempt:
        """One attempt on whatever channel the endpoint has."""
        if errand.endpoint.channel.type is ChannelType.WEBHOOK:
            return await self._webhooks.send(errand)
        return await self._messages.send(errand)

    async def aclose(self) -> None:
        await self._webhooks.aclose()


async def check(channel: Channel, settings: NotifierSettings) -> None:
    """Raises AddressNotAllowedError or ChannelNotAllowedError for a channel that may not be registered."""
    allow_private = settings.notifier_allow_private_addresses
    if channel.type is ChannelType.WEBHOOK:
        await check_url(channel.address, allow_private)
        return
    if channel.type is ChannelType.APPRISE and not allow_private and not has_a_fixed_host(channel.address):
        with suppress(httpx.InvalidURL):  # it is refused in any case, a private host for what it is
            await check_url(f"https://{channel.address.partition('://')[2]}", allow_private)
    check_channel(channel.type, channel.address, settings)
