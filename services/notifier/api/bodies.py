"""Request bodies of notifier."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import httpx
import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from contracts import reference
from contracts.vocabulary import Unit
from services.notifier.domain import SUBSCRIBABLE, Channel, ChannelType

MAIL_ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$"


def _web_address(value: str) -> str:
    try:
        url = httpx.URL(value)
        url.raw_host.decode().strip("[]").encode("idna")  # refuses empty and over-long parts of a name
        sound = url.scheme in ("http", "https") and url.host and not url.userinfo and not url.fragment
    except (httpx.InvalidURL, ValueError):
        sound = False
    if not sound:
        text = "应为完整的 https 网址，不含用户名和 # 部分 / must be a complete https URL without user name and # part"
        raise PydanticCustomError("not-a-url", text)
    return str(url)


def _event_type(value: str) -> str:
    if value not in SUBSCRIBABLE:
        text = "没有这种事件，可用的见契约 / there is no such event to subscribe to; contracts lists them, with their version"
        raise PydanticCustomError("unknown-event", text)
    return value


def _township(value: str) -> str:
    code = reference.canonical_code(value)
    if code is None:
        raise PydanticCustomError("unknown-township", "没有这个镇（街道）代码 / there is no such township code")
    return code


Address = Annotated[str, StringConstraints(min_length=3, max_length=2000, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
EventTypes = Annotated[
    list[Annotated[str, StringConstraints(max_length=100), AfterValidator(_event_type)]], Field(min_length=1, max_length=100)
]
Townships = Annotated[list[Annotated[str, StringConstraints(max_length=20), AfterValidator(_township)]], Field(min_length=1, max_length=50)]
Language = Literal["zh", "en"]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class WebhookChannel(Body):
    type: Literal["webhook"]
    url: Annotated[Address, AfterValidator(_web_address)]

    def meaning(self) -> Channel:
        return Channel(ChannelType.WEBHOOK, self.url)


class EmailChannel(Body):
    type: Literal["email"]
    to: Annotated[str, StringConstraints(max_length=320, pattern=MAIL_ADDRESS)]

    def meaning(self) -> Channel:
        return Channel(ChannelType.EMAIL, self.to)


class AppriseChannel(Body):
    type: Literal["apprise"]
    url: Annotated[Address, StringConstraints(pattern=r"^[a-z][a-z0-9]*://")]

    def meaning(self) -> Channel:
        return Channel(ChannelType.APPRISE, self.url)


AnyChannel = Annotated[WebhookChannel | EmailChannel | AppriseChannel, Field(discriminator="type")]


class NewEndpoint(Body):
    """``townships`` null: wherever it happens; units of a township must name them."""

    recipient: Unit
    channel: AnyChannel
    events: EventTypes
    townships: Townships | None = None
    lang: Language = "zh"


class EndpointChange(Body):
    """Only the fields given are changed."""

    recipient: Unit | None = None
    channel: AnyChannel | None = None
    events: EventTypes | None = None
    townships: Townships | None = None
    lang: Language | None = None
    state: Literal["active", "disabled"] | None = None

    def columns(self) -> dict[str, Any]:
        """The row's columns with their new values. A null is a value for ``townships`` only."""
        columns: dict[str, Any] = {}
        if self.channel is not None:
            channel = self.channel.meaning()
            columns |= {"channel": channel.type, "address": channel.address}
        if self.events is not None:
            columns["events"] = orjson.dumps(unique(self.events)).decode()
        if "townships" in self.model_fields_set:
            columns["townships"] = None if self.townships is None else orjson.dumps(unique(self.townships)).decode()
        columns |= {name: value for name in ("recipient", "lang", "state") if (value := getattr(self, name)) is not None}
        return columns


def unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))
