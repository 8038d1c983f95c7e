"""Statements asked for, issued and brought, as the tests do it."""

from __future__ import annotations

from typing import Any

from chassis.testing import command
from services.land_check.api.statements import StatementSent
from services.land_check.domain import StatementResult
from services.land_check.handlers.answering import Decline, Issue, Return, requests_answered
from services.land_check.handlers.statements import statements_recorded
from tests.land_check.vocabulary import (
    SHA,
    Office,
    officer,
    paper_sent,
)


def record(at: Office, by: Any = officer, **changes: Any) -> Any:
    return at.run(statements_recorded, command(StatementSent.model_validate(paper_sent(**changes)).paper(), by)).answers[0]


def answer(at: Office, kind: str = "issue", by: Any = officer, **changes: Any) -> Any:
    request_id = at.requests("pending")[0].statement_request_id
    if kind == "decline":
        what: Any = Decline(request_id, "无法提供")
    elif kind == "return":
        what = Return(request_id, "不属本镇", changes.get("suggested"))
    else:
        given = {"result": StatementResult.SUPPORTS, "owner": "李四", "basis": "宅基地", "second_officer": "陈七"}
        what = Issue(request_id, **{**given, "valid_to": None, "document_sha256": SHA, "in_village": None, **changes})
    return at.run(requests_answered, command(what, by)).answers[0]
