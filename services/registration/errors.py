"""What can go wrong in registration, each with its stable code. Chinese first, English second."""

from __future__ import annotations

from chassis.problems import FieldError, Problem


def filing_not_found() -> Problem:
    """404, also for a filing the caller may not see."""
    return Problem(404, "not-found", "没有此申请，或者您无权查看", "there is no such filing, or you may not see it")


def not_filed_yet(submitted_at: str) -> Problem:
    zh, en = f"当时尚无此申请，提交于 {submitted_at}", f"it was not filed yet then: it came in at {submitted_at}"
    return Problem(404, "not-known-then", zh, en, since=submitted_at)


def cannot_wait_for_the_past() -> Problem:
    zh, en = "as_of 不能与 wait、since_version 同用", "as_of cannot be combined with wait or since_version"
    return Problem(422, "as-of-with-wait", zh, en, [FieldError("/query/as_of", "as-of-with-wait", f"{zh} / {en}")])


def may_not_act() -> Problem:
    return Problem(403, "forbidden", "您可以查看此申请，但无权办理此事项", "you may see this filing but not do this")


def wrong_state(status: str, wanted: str) -> Problem:
    zh, en = f"申请现为 {status}，此事项只能在 {wanted} 时办理", f"the filing is {status}; this can be done while it is {wanted}"
    return Problem(409, "wrong-state", zh, en, filing_status=status)


def no_statement_wanted() -> Problem:
    zh, en = "此申请现不缺产权说明，无需声明", "no property-right statement is missing here: there is nothing to declare"
    return Problem(409, "wrong-state", zh, en)


def no_such_hold(code: str) -> Problem:
    return Problem(409, "no-such-hold", f"此申请没有因 {code} 被搁置", f"the filing is not held for {code}")


def not_the_owner(code: str, owner: str | None) -> Problem:
    if owner is None:
        zh, en = f"{code} 只能以补交材料解除", f"{code} is ended by papers only"
    else:
        zh, en = f"{code} 由 {owner} 办理", f"{code} is for {owner} to end"
    return Problem(403, "not-the-owner", zh, en)


def findings_awaited() -> Problem:
    """Its decision was set aside a moment ago."""
    zh, en = "土地核查正在重新认定，请稍后再办", "the land side is judging it anew: repeat in a moment"
    return Problem(409, "land-verdict-awaited", zh, en, headers={"Retry-After": "1"})


def own_decision() -> Problem:
    zh, en = "您参与过对此申请的决定，须由另一人办理", "you had a part in the decisions on this filing: somebody else must do it"
    return Problem(403, "own-decision", zh, en)


def appeal_is_open() -> Problem:
    return Problem(409, "wrong-state", "申诉尚未决定，请先决定申诉", "an appeal is open: decide it")


def filed_again(filing_id: str) -> Problem:
    zh, en = f"同一事项已另行申请：{filing_id}，请在该申请中办理", f"the same was filed again: {filing_id}, act on that one"
    return Problem(409, "filed-again", zh, en, filing_id=filing_id)


def already_extended() -> Problem:
    return Problem(409, "already-extended", "登记期限只能延长一次", "the registration period is extended once only")


def not_accepted() -> Problem:
    return Problem(409, "not-accepted", "只有已准予登记的申请才能记载统一社会信用代码", "a USCC is recorded on an accepted filing only")


def uscc_taken() -> Problem:
    zh, en = "该统一社会信用代码已属另一企业，请核对", "the code belongs to another enterprise: compare it with the licence"
    return Problem(409, "uscc-taken", zh, en, [FieldError("/uscc", "uscc-taken", f"{zh} / {en}")])


def no_open_appeal() -> Problem:
    return Problem(409, "wrong-state", "没有待决定的申诉", "there is no open appeal to decide")


def already_appealed() -> Problem:
    return Problem(409, "wrong-state", "此决定已提出过申诉", "this decision has been appealed already")


def client_ref_reused() -> Problem:
    zh, en = "client_ref 已用于另一内容的申请", "this client_ref was used for a filing with other content"
    return Problem(409, "idempotency-key-reused", zh, en, [FieldError("/client_ref", "idempotency-key-reused", f"{zh} / {en}")])


def not_amendable(fields: list[str]) -> Problem:
    zh, en = "此项不可更改，请撤回后重新申请", "this cannot be changed: withdraw and file again"
    return Problem(422, "not-amendable", zh, en, [FieldError(f"/{name}", "not-amendable", f"{zh} / {en}") for name in fields])


def nothing_to_correct() -> Problem:
    zh, en = "请给出 applicant 或者 business_scope 的正确内容", "give the right applicant or business_scope"
    return Problem(422, "nothing-to-correct", zh, en)


def nothing_to_amend() -> Problem:
    return Problem(422, "nothing-to-amend", "请至少给出一项更改", "name at least one field to change")


def too_many_lines(limit: int) -> Problem:
    zh, en = f"一次最多 {limit} 行，未受理任何一行", f"at most {limit} lines at a time; none was taken"
    return Problem(413, "too-many-lines", zh, en, limit=limit)


def policy_not_found() -> Problem:
    return Problem(404, "not-found", "没有这份政策集", "there is no such policy set")


def policy_version_exists() -> Problem:
    zh, en = "该版本已经提交且内容不同，请用新的 version", "this version was handed in with other content: give it a new version"
    return Problem(409, "policy-version-exists", zh, en, [FieldError("/version", "policy-version-exists", f"{zh} / {en}")])


def policy_already_activated() -> Problem:
    return Problem(409, "policy-already-activated", "该政策集已经启用", "this policy set is activated already")


def unit_needed() -> Problem:
    return Problem(403, "forbidden", "签署须由有单位的人员办理（令牌 unit）", "only somebody of a unit can sign (unit of the token)")


def second_unit_needed(signed: list[str]) -> Problem:
    zh, en = "须由另一单位的另一人签署", "another person of another unit must sign"
    return Problem(409, "second-unit-needed", zh, en, signed=signed)


def signed_otherwise(effective_from: str, reason: str) -> Problem:
    zh, en = "第一签署人签署的生效日期或理由不同，请照原样签署", "the first signature is for another day or reason: sign the same"
    return Problem(409, "signed-otherwise", zh, en, effective_from=effective_from, reason=reason)


def effective_from_past() -> Problem:
    return _bad_day("effective-from-past", "生效日期不能早于今天：既往决定不再改变", "it cannot begin before today: past decisions stay")


def outside_policy_period() -> Problem:
    return _bad_day("outside-policy-period", "生效日期不在该政策集自身的有效期内", "the day is outside the set's own period")


def policy_dates_overlap(policy_id: str, version: int) -> Problem:
    zh, en = f"{policy_id} v{version} 已自同一天起适用，请另选日期", f"{policy_id} v{version} begins on the same day: choose another"
    return Problem(409, "policy-dates-overlap", zh, en)


def _bad_day(code: str, zh: str, en: str) -> Problem:
    return Problem(422, code, zh, en, [FieldError("/effective_from", code, f"{zh} / {en}")])


def land_side_unreachable() -> Problem:
    """503: half an answer would be read as a whole one."""
    zh, en = "土地核查暂不可用，未作试算，请稍后重试", "the land check cannot be asked now: nothing was tried, repeat later"
    return Problem(503, "land-check-unreachable", zh, en, headers={"Retry-After": "5"})
