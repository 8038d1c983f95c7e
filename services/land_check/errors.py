"""What a caller of land_check may be told, each with its stable code."""

from __future__ import annotations

from chassis.problems import FieldError, Problem


def not_found(what_zh: str, what_en: str) -> Problem:
    """Also for what the caller may not see."""
    return Problem(404, "not-found", f"没有找到{what_zh}", f"there is no such {what_en}")


def bad_field(pointer: str, code: str, zh: str, en: str) -> Problem:
    """One field of the body at fault that only the state of the world could show."""
    return Problem(422, code, zh, en, [FieldError(pointer, code, f"{zh} / {en}")])


def filing_not_found() -> Problem:
    return not_found("该申请", "filing")


def statement_not_found() -> Problem:
    return not_found("该产权说明", "statement")


def request_not_found() -> Problem:
    return not_found("该出具请求", "statement request")


def entry_not_found() -> Problem:
    return not_found("该清单条目", "list entry")


def not_pending(status: str) -> Problem:
    return Problem(409, "not-pending", "该请求已办结，不能再办", f"the request is {status}, it can be answered no more", status_now=status)


def wrong_state(zh: str, en: str) -> Problem:
    return Problem(409, "wrong-state", zh, en)


def second_officer_required() -> Problem:
    zh, en = "村庄内非工业土地须有第二名经办人复核", "land inside a village: a second officer must check"
    return bad_field("/second_officer", "second-officer-required", zh, en)


def second_officer_same() -> Problem:
    zh, en = "复核人不能是出具人本人", "the second officer must be someone else than the caller"
    return bad_field("/second_officer", "second-officer-same", zh, en)


def valid_to_past() -> Problem:
    zh, en = "有效期截止日不能早于今天", "valid_to must not lie before today"
    return bad_field("/valid_to", "valid-to-past", zh, en)


def not_mixed() -> Problem:
    zh, en = "该处不是工业与非工业混合宗地，无需认定", "the place is not on a mixed parcel: there is nothing to resolve"
    return Problem(409, "not-mixed", zh, en)


def wrong_step(now: str, to: str) -> Problem:
    return Problem(409, "wrong-step", f"不能从 {now} 到 {to}，须逐步办理", f"{to} does not follow {now}: one step at a time")


def too_many_requests(seconds: int) -> Problem:
    return Problem(
        429, "too-many-requests", "查询过于频繁，请稍后再试", "too many look-ups, try again later", headers={"Retry-After": str(seconds)}
    )


def not_registered_yet() -> Problem:
    return Problem(404, "not-known-then", "当时登记册中没有该宗地", "the register did not hold the parcel then")


def not_recorded_yet() -> Problem:
    return Problem(404, "not-known-then", "当时尚未登记该产权说明", "the statement had not been recorded then")


def not_kept() -> Problem:
    zh, en = "该产权说明当时的情况没有保存，仅存现状", "what the statement was then was not kept: only what it is now is known"
    return Problem(404, "not-kept", zh, en)


def bad_host() -> Problem:
    zh, en = "请求的 Host 不是主机名，无法生成核验网址", "the Host of the request is no host name: no address to check at can be made of it"
    return Problem(400, "bad-host", zh, en)
