"""The ``:verbs`` on a filing. Each needs ``If-Match`` and answers the filing as it is afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import ValidationError
from starlette.responses import Response

from chassis.auth import Principal
from chassis.messages import Handler
from chassis.problems import invalid_input
from chassis.service import service_of
from contracts.vocabulary import Action
from services.registration import handlers, tables
from services.registration.api.answers import FILING
from services.registration.api.callers import ApplicantsSide, Clerk, Reviewer, ReviewerAlone, Seen
from services.registration.api.requests import (
    AMENDMENTS,
    AnswerSent,
    AppealDecisionSent,
    AppealSent,
    CorrectionSent,
    ExtensionSent,
    FilingSent,
    ReasonSent,
    ReviewSent,
    SetAsideSent,
    UsccSent,
    plain,
)
from services.registration.api.shape import shown
from services.registration.domain import Submission
from services.registration.errors import filing_not_found, not_amendable, nothing_to_amend, nothing_to_correct
from services.registration.handlers import Act, Answered, AppealDecided, Appealed, Correction, Reviewed, SettingAside, may_see

router = APIRouter(prefix="/filings/{filing_id}", tags=["办理 / Acting on filings"])


async def _act(request: Request, principal: Principal, handler: Handler, filing_id: str, seen: int, what: Any) -> Response:
    act = Act(filing_id, seen, what)
    return await service_of(request).command(request, handler, act, shape=lambda filing: shown(filing, principal))


@router.post(":amend", responses=FILING)
async def amend(
    request: Request, principal: ApplicantsSide, seen: Seen, filing_id: str, body: Annotated[dict[str, Any], Body()]
) -> Response:
    """更改申请（action、uscc、变更登记的 enterprise_name 除外），重新认定 / Change other fields; judged again."""
    amended = await _amended(request, principal, filing_id, body)
    return await _act(request, principal, handlers.amend, filing_id, seen, amended)


async def _amended(request: Request, principal: Principal, filing_id: str, changes: dict[str, Any]) -> Submission:
    """The whole filing as it would be. Raises 404, 422."""
    service = service_of(request)
    row = await service.read(lambda tx: tables.by_id(tx, filing_id))
    if row is None or not may_see(principal, row.submitted_by):
        raise filing_not_found()
    if not changes:
        raise nothing_to_amend()
    filing = tables.filing_of(row)
    fixed = {"action", "uscc"} | ({"enterprise_name"} if Action(filing.request["action"]) in AMENDMENTS else set())
    if fixed & changes.keys():
        raise not_amendable(sorted(fixed & changes.keys()))
    merged = _merged(filing.request, changes)
    try:
        return FilingSent.model_validate(merged).submitted(datetime.fromisoformat(filing.submitted_at))
    except ValidationError as error:
        raise invalid_input(error, merged) from error


def _merged(filed: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """What was filed, and the changes. Whether its premises are used for production follows from a production place that is new."""
    merged = {**filed, **changes}
    if changes.get("production_premises") is not None and "premises" not in changes:
        merged["premises"] = {name: value for name, value in filed["premises"].items() if name != "used_for_production"}
    return merged


@router.post(":withdraw", responses=FILING)
async def withdraw(request: Request, principal: ApplicantsSide, seen: Seen, filing_id: str, body: ReasonSent | None = None) -> Response:
    """撤回申请 / Take the filing back."""
    return await _act(request, principal, handlers.withdraw, filing_id, seen, body.reason if body else None)


@router.post(":declare-no-statement", responses=FILING)
async def declare_no_statement(
    request: Request, principal: ApplicantsSide, seen: Seen, filing_id: str, body: ReasonSent | None = None
) -> Response:
    """声明不能提供产权说明：当即不予登记 / Declare that no statement can be had: refused at once."""
    return await _act(request, principal, handlers.declare_no_statement, filing_id, seen, body.reason if body else None)


@router.post(":answer", responses=FILING)
async def answer(request: Request, principal: ApplicantsSide, seen: Seen, filing_id: str, body: AnswerSent) -> Response:
    """答复一项搁置原因 / Answer one of the reasons of a hold."""
    given = Answered(body.code, body.text, plain(body.documents))
    return await _act(request, principal, handlers.answer, filing_id, seen, given)


@router.post(":appeal", responses=FILING)
async def appeal(request: Request, principal: ApplicantsSide, seen: Seen, filing_id: str, body: AppealSent) -> Response:
    """对不予登记提出申诉 / Appeal against a refusal."""
    return await _act(request, principal, handlers.appeal, filing_id, seen, Appealed(body.text, plain(body.documents)))


@router.post(":decide-appeal", responses=FILING)
async def decide_appeal(request: Request, principal: ReviewerAlone, seen: Seen, filing_id: str, body: AppealDecisionSent) -> Response:
    """市制造业治理办公室决定申诉 / The governance office decides an appeal."""
    decided = AppealDecided(body.result, body.reason, body.document_sha256)
    return await _act(request, principal, handlers.decide_appeal, filing_id, seen, decided)


@router.post(":set-aside", responses=FILING)
async def set_aside(request: Request, principal: ReviewerAlone, seen: Seen, filing_id: str, body: SetAsideSent) -> Response:
    """市制造业治理办公室撤销准予或者不予登记的决定，搁置并重新审查
    / The governance office sets an acceptance or a refusal aside: held, and judged again.
    """
    wanted = SettingAside(body.reason, body.document_sha256)
    return await _act(request, principal, handlers.set_aside, filing_id, seen, wanted)


@router.post(":correct", responses=FILING)
async def correct(request: Request, principal: Clerk, seen: Seen, filing_id: str, body: CorrectionSent) -> Response:
    """更正已决定申请中联系人、经营范围的笔误，不影响决定 / Put right a slip in contact or scope of a decided filing."""
    fields = body.model_dump(mode="json", exclude={"reason"}, exclude_none=True)
    if not fields:
        raise nothing_to_correct()
    return await _act(request, principal, handlers.correct, filing_id, seen, Correction(fields, body.reason))


@router.post(":review", responses=FILING)
async def review(request: Request, principal: Reviewer, seen: Seen, filing_id: str, body: ReviewSent) -> Response:
    """搁置原因的主管单位解除搁置或者不予登记 / The unit that owns a hold clears it, or refuses on it."""
    word = Reviewed(body.code, body.result, body.reason, body.document_sha256)
    return await _act(request, principal, handlers.review, filing_id, seen, word)


@router.post(":extend", responses=FILING)
async def extend(request: Request, principal: ReviewerAlone, seen: Seen, filing_id: str, body: ExtensionSent) -> Response:
    """登记机关负责人批准延长登记期限三个工作日，限一次 / The registrar extends the registration period by three working days, once."""
    return await _act(request, principal, handlers.extend, filing_id, seen, body.reason)


@router.post(":record-uscc", responses=FILING)
async def record_uscc(request: Request, principal: Clerk, seen: Seen, filing_id: str, body: UsccSent) -> Response:
    """记载已登记企业的统一社会信用代码 / Record the USCC the accepted enterprise was given."""
    return await _act(request, principal, handlers.record_uscc, filing_id, seen, body.uscc)
