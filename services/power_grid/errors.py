"""What power_grid refuses, in both languages with stable codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.problems import FieldError, Problem


def _field(status: int, code: str, pointer: str, zh: str, en: str) -> Problem:
    return Problem(status, code, zh, en, [FieldError(pointer, code, f"{zh} / {en}")])


def clearance_not_found() -> Problem:
    return Problem(404, "not-found", "没有该通电许可", "there is no such clearance")


def block_not_found() -> Problem:
    return Problem(404, "not-found", "没有该限制记录", "there is no such block or hold")


def finding_not_found() -> Problem:
    return Problem(404, "not-found", "没有该巡查记录", "there is no such finding")


def request_id_reused(clearance_id: str) -> Problem:
    zh, en = "该 request_id 已用于另一份内容不同的申请", "this request_id was used for another request: take a new one"
    problem = _field(409, "request-id-reused", "/request_id", zh, en)
    problem.extra["clearance_id"] = clearance_id
    return problem


def filing_elsewhere() -> Problem:
    zh, en = "filing_id 所指申报的场所不在该宗地", "the filing named by filing_id is for a place on another parcel"
    return _field(422, "filing-elsewhere", "/filing_id", zh, en)


def bad_token() -> Problem:
    zh = "令牌不是本许可的令牌，请使用最近一次答复中的 token"
    return Problem(403, "bad-token", zh, "this is not the token of this clearance: use the one of its latest answer")


def site_changed(decision: str, reasons: Sequence[Any], site_epoch: int) -> Problem:
    zh, en = "许可发出后场地情况已变化，请按新的结论办理", "the site has changed since this token was given: read the new answer"
    return Problem(409, "site-changed", zh, en, decision=decision, reasons=reasons, site_epoch=site_epoch)


def not_allowed(decision: str, reasons: Sequence[Any], site_epoch: int) -> Problem:
    zh, en = "本申请未获放行，不得接电", "this request is not allowed: nothing may be connected"
    return Problem(409, "not-allowed", zh, en, decision=decision, reasons=reasons, site_epoch=site_epoch)


def clearance_expired(expired_at: str) -> Problem:
    zh, en = "许可已过期，请以新的 request_id 重新申请", "the clearance has expired: ask again with a new request_id"
    return Problem(409, "clearance-expired", zh, en, expires_at=expired_at)


def already_committed() -> Problem:
    return Problem(409, "wrong-state", "该许可已接电，不能再办理", "this clearance is committed: nothing more can be decided on it")


def no_such_hold(code: str, open_codes: Sequence[str]) -> Problem:
    zh = f"该许可目前没有可由贵单位办结的“{code}”"
    return Problem(409, "no-such-hold", zh, f"no hold {code} stands that a unit's word can end", open=list(open_codes))


def not_the_owner(owner: str) -> Problem:
    return Problem(403, "not-the-owner", f"该事项由 {owner} 办理", f"only {owner} can end this hold")


def not_an_acknowledger() -> Problem:
    zh, en = "只有供电公司和市场监管部门（AMR）可以确认", "only the power company and market supervision (admin of unit AMR) acknowledge"
    return Problem(403, "forbidden", zh, en)


def not_a_signatory(units: Sequence[str]) -> Problem:
    listed = ", ".join(units)
    return Problem(403, "not-a-signatory", f"放行须由下列单位签署：{listed}", f"an override is signed by {listed}")


def second_unit_needed(signed: Sequence[str]) -> Problem:
    zh, en = "须由另一单位的另一人签署同一内容", "another person of another unit must sign the same text"
    return Problem(409, "second-unit-needed", zh, en, signed=list(signed))


def nothing_to_override() -> Problem:
    return Problem(409, "wrong-state", "该场地目前没有可放行的限制", "no block stands here that could be overridden")


def nothing_to_appeal() -> Problem:
    zh = "只有现行的拦截可以申诉；暂缓由负责单位办结，已解除的无须申诉"
    en = "only a block that stands can be appealed: a hold is ended by its unit, and a lifted one is over"
    return Problem(409, "wrong-state", zh, en)


def already_appealed() -> Problem:
    return Problem(409, "wrong-state", "此项限制已提出过申诉", "this block has been appealed already")


def no_open_appeal() -> Problem:
    return Problem(409, "wrong-state", "没有待决定的申诉", "there is no open appeal to decide")


def block_lifted() -> Problem:
    return Problem(409, "wrong-state", "该限制已解除，申诉终止", "this block was lifted: its appeal ended with it")


def second_person_needed() -> Problem:
    zh, en = "申诉须由提出者以外的人决定", "an appeal is decided by another person than the one who filed it"
    return Problem(409, "second-person-needed", zh, en)


def not_the_governance_office() -> Problem:
    return Problem(403, "forbidden", "申诉由市制造业治理办公室（MGO）决定", "appeals are decided by the governance office (MGO)")


def may_not_appeal() -> Problem:
    zh, en = "申诉由市场监管部门窗口或者供电公司代为提出", "an appeal is filed through a clerk or the power company"
    return Problem(403, "forbidden", zh, en)


def not_imposed_yet(imposed_at: str) -> Problem:
    zh, en = f"当时尚无此项限制，设立于 {imposed_at}", f"it did not stand yet then: it was imposed at {imposed_at}"
    return Problem(404, "not-known-then", zh, en, since=imposed_at)


def already_closed() -> Problem:
    return Problem(409, "wrong-state", "该巡查记录已关闭", "this finding is closed already")


def other_township(township_code: str | None) -> Problem:
    zh, en = (
        f"该宗地属于 {township_code or '未知镇街'}，不在您的辖区",
        f"the parcel lies in {township_code or 'no known township'}, not in yours",
    )
    return Problem(403, "other-township", zh, en)


def place_required() -> Problem:
    return _field(422, "place-required", "/parcel_code", "请填写 parcel_code 或 filing_id", "give parcel_code or filing_id")


def existing_capacity_required() -> Problem:
    zh, en = "增容和更换须填写现有容量 existing_capacity_kva", "an increase or replacement needs the existing capacity"
    return _field(422, "existing-capacity-required", "/existing_capacity_kva", zh, en)


def observed_in_the_future() -> Problem:
    zh, en = "观察日期应为2000年以后且不晚于今天", "the day must be after 1999 and not after today"
    return _field(422, "bad-observed-on", "/observed_on", zh, en)


def land_side_unreachable() -> Problem:
    """503: half an answer would be read as a whole one."""
    zh, en = "土地核查暂不可用，未作试算，请稍后重试", "the land check cannot be asked now: nothing was tried, repeat later"
    return Problem(503, "land-check-unreachable", zh, en, headers={"Retry-After": "5"})


def bad_feed_cursor() -> Problem:
    zh, en = "请原样使用上一次的 next_cursor 或快照的 cursor", "use next_cursor, or the cursor of the snapshot, as it is"
    return _field(422, "bad-cursor", "/query/after", zh, en)
