"""Errors of input in the words of the public surface: pointer, stable code, what to do in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import orjson
import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from chassis.problems import FieldError, Problem, invalid_input
from chassis.testing import client
from tests.chassis.notes_service import notes_service


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    service = notes_service(tmp_path)
    await service.start()
    async with client(service, ["clerk"]) as http:
        yield http
    await service.stop()


async def test_every_field_at_fault_is_named(notes: httpx.AsyncClient) -> None:
    answer = await notes.post("/notes/v1/notes", json={"count": "many", "colour": "red", "place": {"town": 1}})

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["type"]) == (422, "invalid-input", "/problems/invalid-input")
    assert {(error["pointer"], error["code"]) for error in problem["errors"]} == {
        ("/text", "required"),
        ("/count", "not-whole-number"),
        ("/colour", "unknown-field"),
        ("/place/town", "unknown-field"),
    }
    assert all(" / " in error["message"] for error in problem["errors"])


async def test_a_code_of_our_own_is_the_code_of_the_problem(notes: httpx.AsyncClient) -> None:
    answer = await notes.post("/notes/v1/notes", json={"text": "a", "place": {"township_code": "999999999"}})

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "unknown-township")
    assert problem["errors"] == [
        {"pointer": "/place/township_code", "code": "unknown-township", "message": "没有这个镇街代码 / there is no such township"}
    ]
    assert problem["detail"] == "没有这个镇街代码 / there is no such township"


class Webhook(BaseModel):
    type: Literal["webhook"]
    url: str = Field(max_length=5)


class Mail(BaseModel):
    type: Literal["email"]
    to: str


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")
    channel: Annotated[Webhook | Mail, Field(discriminator="type")] | None = None
    choice: Webhook | int | None = None
    items: list[Mail] = []
    first: int = 0
    second: int = 0

    @model_validator(mode="after")
    def _both(self) -> Order:
        if self.first != self.second:
            raise PydanticCustomError("second-officer-required", "需要复核人 / a second officer is needed")
        return self


def refusal(body: dict[str, Any]) -> Problem:
    with pytest.raises(ValidationError) as caught:
        Order.model_validate_json(orjson.dumps(body))
    return invalid_input(caught.value, body)


def pointers(body: dict[str, Any]) -> list[str]:
    return [error.pointer for error in refusal(body).errors]


def test_a_pointer_leads_to_the_field_and_not_through_names_of_types() -> None:
    assert pointers({"channel": {"type": "webhook", "url": "too long"}}) == ["/channel/url"]
    assert pointers({"channel": {"type": "email"}}) == ["/channel/to"]
    assert pointers({"channel": {"type": "fax"}}) == ["/channel"]
    assert pointers({"items": [{"type": "email", "to": "a"}, {"type": "email"}]}) == ["/items/1/to"]
    assert pointers({"a/b~c": 1}) == ["/a~1b~0c"]


def test_a_rule_over_several_fields_points_at_the_whole() -> None:
    problem = refusal({"first": 1})

    assert (problem.status, problem.code) == (422, "second-officer-required")
    assert problem.errors == (FieldError("", "second-officer-required", "需要复核人 / a second officer is needed"),)


def test_more_members_may_be_added_to_a_problem() -> None:
    problem = Problem(409, "site-changed", "现状已变", "the site has changed", decision="block", site_epoch=4)

    assert orjson.loads(bytes(problem.response().body)) == {
        "type": "/problems/site-changed",
        "title": "与现状冲突 / Conflict with the present state",
        "status": 409,
        "detail": "现状已变 / the site has changed",
        "code": "site-changed",
        "decision": "block",
        "site_epoch": 4,
    }
