"""What notifier shows: the JSON of endpoints, deliveries and digests, and its description for the API page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row
from starlette.responses import Response

from chassis.answer import Answer
from chassis.preconditions import etag
from contracts.notifier import TownshipFigures, UnacknowledgedBlock
from contracts.vocabulary import PolicyRef, Unit
from services.notifier.api.bodies import AnyChannel, Language
from services.notifier.domain import ChannelType, DeliveryStatus, EndpointState


class EndpointShown(BaseModel):
    """``secret`` only in the answer that made it."""

    endpoint_id: str
    version: int
    recipient: Unit
    channel: AnyChannel
    events: list[str]
    townships: list[str] | None
    lang: Language
    secret: str | None = None
    state: EndpointState
    created_at: AwareDatetime
    previous_secret_until: AwareDatetime | None


class AttemptShown(BaseModel):
    """``status_code`` null: there was no answer; ``error`` null: told."""

    at: AwareDatetime
    status_code: int | None
    error: str | None


class DeliveryShown(BaseModel):
    delivery_id: str
    version: int
    endpoint_id: str | None
    recipient: Unit
    event_id: str
    event_type: str
    filing_id: str | None
    parcel_code: str | None
    township_code: str | None
    status: DeliveryStatus
    created_at: AwareDatetime
    next_attempt_at: AwareDatetime | None
    attempts: list[AttemptShown]


class DigestSummary(BaseModel):
    """``recipient`` SG or MGO; ``group`` null: the whole city. Both days of the period are included. ``event_id``: see the deliveries."""

    digest_id: str
    event_id: str
    recipient: Unit
    group: str | None
    period_from: date
    period_to: date
    issued_at: AwareDatetime
    calendar_missing: bool
    policy: PolicyRef | None
    policy_confirmed: bool | None
    figures: dict[str, int]


class DigestShown(DigestSummary):
    townships: list[TownshipFigures]
    unacknowledged: list[UnacknowledgedBlock]


class DigestPage(BaseModel):
    items: list[DigestSummary]
    next_cursor: str | None


class EndpointPage(BaseModel):
    items: list[EndpointShown]
    next_cursor: str | None


class DeliveryPage(BaseModel):
    items: list[DeliveryShown]
    next_cursor: str | None


def shown(body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of a GET."""
    return Response(orjson.dumps(body), headers=headers, media_type="application/json")


def endpoint_json(row: Row[Any], secret: str | None = None, *, masked: bool = False) -> dict[str, Any]:
    """An endpoint as shown: ``secret`` only right after it was made. ``masked``: without the keys that its address may hold."""
    address = {"to": row.address} if row.channel == ChannelType.EMAIL else {"url": _masked(row) if masked else row.address}
    return {
        "endpoint_id": row.endpoint_id,
        "version": row.version,
        "recipient": row.recipient,
        "channel": {"type": row.channel, **address},
        "events": orjson.loads(row.events),
        "townships": None if row.townships is None else orjson.loads(row.townships),
        "lang": row.lang,
        **({} if secret is None else {"secret": secret}),
        "state": row.state,
        "created_at": row.created_at,
        "previous_secret_until": row.previous_secret_until,
    }


def _masked(row: Row[Any]) -> str:
    """Of a chat's address the service alone: the rest are its keys. Of a webhook's all but the query, where some receivers want theirs."""
    kept, mark, rest = str(row.address).partition("://" if row.channel == ChannelType.APPRISE else "?")
    return f"{kept}{mark}***" if rest else kept


SHOWN = (
    "delivery_id",
    "version",
    "endpoint_id",
    "recipient",
    "event_id",
    "event_type",
    "filing_id",
    "parcel_code",
    "township_code",
    "status",
    "created_at",
)


def delivery_json(row: Row[Any]) -> Mapping[str, Any]:
    """A line of the ledger. ``next_attempt_at`` is null unless pending."""
    columns = {name: getattr(row, name) for name in SHOWN}
    return {**columns, "next_attempt_at": row.due_at, "attempts": orjson.loads(row.attempts)}


def delivery_answer(row: Row[Any]) -> Answer:
    """The answer of an action on a delivery, or that made one."""
    return Answer(body=delivery_json(row), headers=etag(row.version))


SUMMARY = ("digest_id", "recipient", "group", "period_from", "period_to", "calendar_missing", "figures")


def digest_summary(row: Row[Any]) -> dict[str, Any]:
    """A digest without its townships and blocks. It and its event have one id."""
    body = orjson.loads(row.body)
    policy = {name: body.get(name) for name in ("policy", "policy_confirmed")}
    return {**{name: body[name] for name in SUMMARY}, **policy, "event_id": row.digest_id, "issued_at": row.issued_at}


def digest_json(row: Row[Any]) -> dict[str, Any]:
    """A digest as it was issued."""
    body = orjson.loads(row.body)
    return {**digest_summary(row), "townships": body["townships"], "unacknowledged": body["unacknowledged"]}
