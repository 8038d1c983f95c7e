"""Policy sets: read them, hand one in, activate it by two signatures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from chassis.answer import Answer
from chassis.database import Transaction
from chassis.paging import Page, page_of
from chassis.policies import in_force, refuse_faulty
from chassis.service import service_of
from contracts.identifiers import LongText
from contracts.policy import LARGEST_VERSION, Policy, PolicySet, faults_of
from services.registration.api.callers import Admin, PolicyReader
from services.registration.api.requests import Sent
from services.registration.api.shape import BASE
from services.registration.errors import policy_not_found
from services.registration.handlers.policies import Activate, SetStanding, activate, hand_in, shipped, standing, standings_of
from services.registration.tables import policies as tables
from services.registration.tables.review_cases import REVIEW_CASES

PolicyId = Annotated[str, Path(max_length=100)]
Version = Annotated[int, Path(ge=1, le=LARGEST_VERSION)]


class PolicyPage(Page):
    """The shipped set, then those handed in, in the order of their ids and versions."""

    KEY = (str, int)


SHIPPED: Sequence[Any] = ("", 0)
"""The key of the shipped set: before that of any other."""


class ActivationSent(Sent):
    """``effective_from``: the first day, of the city, on which it decides."""

    effective_from: date
    reason: LongText


router = APIRouter(tags=["政策集 / Policy sets"])


@router.get("/policies", response_model=None)
async def list_policies(request: Request, principal: PolicyReader, page: Annotated[PolicyPage, Depends()]) -> dict[str, Any]:
    """随软件提供的和后来提交的政策集，及其签署状态 / The shipped set, then those handed in, and where each stands."""

    def query(tx: Transaction) -> tuple[list[tuple[Sequence[Any], SetStanding]], Policy]:
        first = [(SHIPPED, shipped())] if page.after is None else []
        found = standings_of(tx, tables.policy_sets(tx, page.after, page.limit - len(first)))
        return [*first, *(((each.set.id, each.set.version), each) for each in found)], in_force(tx)

    rows, now = await service_of(request).read(query)
    return page_of(rows, page.limit, lambda row: row[0], lambda row: listed(row[1], now))


@router.get("/policies/{policy_id}/{version}", response_model=None)
async def read_policy(request: Request, principal: PolicyReader, policy_id: PolicyId, version: Version) -> dict[str, Any]:
    """整份政策集，及其启用后的复核事项数 / A whole set, and how many review cases its activation opened."""

    def query(tx: Transaction) -> tuple[SetStanding | None, dict[str, int], Policy]:
        return standing(tx, policy_id, version), REVIEW_CASES.counts(tx, policy_id, version), in_force(tx)

    found, cases, now = await service_of(request).read(query)
    if found is None:
        raise policy_not_found()
    return listed(found, now) | {"review_cases": cases, "policy_set": found.set.model_dump(mode="json")}


@router.post("/policies", status_code=201, response_model=None, responses={200: {"description": "已有相同内容 / known already"}})
async def hand_in_policy(request: Request, principal: Admin, body: PolicySet) -> Response:
    """提交候选政策集；引文须与原文一字不差，提交后不可改动 / Hand in a set: quotes are checked to the letter, and it never changes."""
    refuse_faulty(faults_of(body))
    return await service_of(request).command(request, hand_in, body, shape=_handed_in)


@router.post("/policies/{policy_id}/{version}:activate", response_model=None, responses={202: {"description": "等待第二单位签署"}})
async def activate_policy(request: Request, principal: Admin, policy_id: PolicyId, version: Version, body: ActivationSent) -> Response:
    """签署启用；两个单位各一人签署后自生效日起适用 / Sign: with two people of two units it decides from that day on."""
    wanted = Activate(policy_id, version, body.effective_from, body.reason)
    return await service_of(request).command(request, activate, wanted, shape=_signed)


def _handed_in(found: SetStanding) -> Answer:
    place = {"Location": f"{BASE}/policies/{found.set.id}/{found.set.version}"}
    return Answer(201 if found.created else 200, summary(found), place)


def _signed(found: SetStanding) -> Answer:
    return Answer(200 if found.state == "activated" else 202, summary(found))


def listed(found: SetStanding, now: Policy) -> dict[str, Any]:
    """As ``summary``, and whether it is the set that decides ``now``: an activated one may not have begun, or another begun since."""
    return summary(found) | {"in_force": (found.set.id, found.set.version) == (now.ref.id, now.ref.version)}


def summary(found: SetStanding) -> dict[str, Any]:
    """Where a set stands. ``effective_from`` is the day it was activated for; ``period`` is the set's own."""
    chosen = found.set
    return {
        "id": chosen.id,
        "version": chosen.version,
        "title": chosen.title.model_dump(),
        "state": found.state,
        "effective_from": found.effective_from,
        "reason": found.reason,
        "signed": [each.unit for each in found.signed],
        "signatures": [{"unit": each.unit, "sub": each.sub, "at": each.at} for each in found.signed],
        "period": {"from": chosen.effective_from, "to": chosen.effective_to},
        "confirmed_by": chosen.confirmed_by,
        "confirmed_at": chosen.confirmed_at,
        "status_note": chosen.status_note.model_dump(),
        "recorded_at": found.recorded_at,
        "recorded_by": found.recorded_by,
        "switches": chosen.switches.model_dump(mode="json"),
    }
