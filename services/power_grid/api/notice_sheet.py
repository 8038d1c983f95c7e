"""What stands on a notice of the power side, in one language: the answer to a request, or what stands at a site.

The applicant's name is not on it: it may be a person's, and never leaves the service.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from chassis.notices import Item, Language, Rows, Section, Sheet, footer_of, in_language, item_of, moment, switches_of
from contracts import reference
from contracts.policy import Policy, Text
from contracts.vocabulary import PowerDecision, PowerReason
from services.power_grid.api import notice_words as words
from services.power_grid.api.shape import appeal_state
from services.power_grid.domain import Block, Clearance, Reason, SiteKey, Standing
from services.power_grid.handlers import SiteView

THE_BAN = "R04"
"""The rule an answer without reasons was held against."""

REFUSALS = (PowerDecision.BLOCK, Standing.BLOCK)
HOLDS = (PowerDecision.HOLD, Standing.HOLD)


def sheet_of_clearance(
    clearance: Clearance, policy: Policy, view: SiteView | None, language: Language, block: Block | None = None
) -> Sheet:
    """``view``: the place as it is now, None once connected or where no place is known; ``block``: what stands there."""
    answer, request, label = clearance.answer, clearance.request, _labels(language)
    site = clearance.site or SiteKey(request.parcel_code or "", request.unit_number)
    particulars = (
        (label["no"], clearance.clearance_id),
        (label["request"], request.request_id),
        (label["filing"], request.filing_id or ""),
        (label["kind"], in_language(words.KINDS[request.kind], language)),
        (label["capacity"], _capacity(request.existing_capacity_kva, request.capacity_kva)),
        (label["trade"], _trade(request.declared_industry_code, language)),
        *_place(site, clearance.township_code, language),
        (label["date"], moment(clearance.decided_at)),
        (label["override"], label["signed"] if answer.overridden else ""),
        (label["committed"], "" if clearance.committed_at is None else moment(clearance.committed_at)),
    )
    land = (label["land"], in_language(words.LAND[answer.land], language), label["land_check"], moment(clearance.decided_at))
    facts = _facts((land, *_seen(view, language)), language)
    title = in_language(words.TITLES[answer.decision], language)
    appeal = _appeal(answer.decision, policy, language, block, answer.appeal_reversed)
    return _sheet(title, particulars, answer.reasons, appeal, policy, facts, language)


def sheet_of_block(block: Block, policy: Policy, view: SiteView | None, language: Language) -> Sheet:
    """``view``: the site as it is now, None once the block is lifted."""
    label = _labels(language)
    particulars = (
        (label["no"], block.block_id),
        *_place(block.site, None if view is None else view.township_code, language),
        (label["date"], moment(block.imposed_at)),
        (label["lifted"], "" if block.lifted_at is None else moment(block.lifted_at)),
        (label["after_appeal"], block.after_appeal_of or ""),
    )
    land = () if view is None else ((label["land"], in_language(words.LAND[view.land], language), label["land_check"], moment(view.as_of)),)
    facts = _facts((*land, *_seen(view, language)), language)
    title = in_language(words.STANDING_TITLES[block.standing], language)
    appeal = _appeal(block.standing, policy, language, block, block.after_appeal_of is not None)
    return _sheet(title, particulars, block.reasons, appeal, policy, facts, language)


def _sheet(
    title: str,
    particulars: Rows,
    reasons: Sequence[Reason],
    appeal: tuple[str, ...],
    policy: Policy,
    facts: Section,
    language: Language,
) -> Sheet:
    label = _labels(language)
    rules = {policy.reason(reason.code, reason.variant).rule for reason in reasons} or {THE_BAN}
    return Sheet(
        language=language,
        title=title,
        particulars=tuple(row for row in particulars if row[1]),
        reasons_title=label["reasons"],
        reasons=tuple(_item(reason, policy, language) for reason in reasons),
        nothing=label["none"],
        sections=tuple(section for section in (facts, switches_of(policy, rules, language)) if section.rows),
        appeal_title=label["appeal"],
        appeal=appeal,
        footer=footer_of(policy, language),
    )


def _item(reason: Reason, policy: Policy, language: Language) -> Item:
    narrow = reason.code is PowerReason.NON_INDUSTRIAL_SITE and policy.switches.three_phase_ban_scope == "without_statement"
    due = words.NO_PERIOD if reason.due is None else words.ENDS
    dated = Text(zh=due.zh.format(due=reason.due), en=due.en.format(due=reason.due))
    missing = words.STATEMENT if narrow else words.MISSING[reason.code]
    return item_of(policy, policy.reason(reason.code, reason.variant), missing, dated, language)


def _appeal(said: PowerDecision | Standing, policy: Policy, language: Language, block: Block | None, was_reversed: bool) -> tuple[str, ...]:
    """The way to appeal, and what has become of an appeal."""
    if block is not None and block.lifted_at is not None:
        lines = [words.LIFTED]
    elif said in HOLDS:
        lines = [words.APPEAL_AFTER_HOLD, *([words.HELD_AFTER_APPEAL] if was_reversed else [])]
    elif said not in REFUSALS:
        lines = [words.APPEAL_LATER]
    else:
        lines = [words.APPEAL_AFTER_BLOCK if block is None or block.standing is not Standing.BLOCK else words.APPEAL_A_BLOCK]
    state = None if block is None else appeal_state(block)
    lines += [] if state is None else [words.APPEALS[state]]
    signing = [unit for code in policy.switches.power_override_roles if (unit := reference.department(code)) is not None]
    units = "、".join(unit.name_zh for unit in signing) if language == "zh" else ", ".join(unit.name_en for unit in signing)
    number = "" if block is None else block.block_id
    return tuple(in_language(line, language).format(units=units, block=number) for line in lines)


def _facts(rows: Rows, language: Language) -> Section:
    label = _labels(language)
    return Section(label["facts"], (label["fact"], label["value"], label["source"], label["as_of"]), rows)


def _seen(view: SiteView | None, language: Language) -> Iterator[tuple[str, ...]]:
    """The manufacturing known there, without whose it is, and the watch."""
    if view is None:
        return
    label = _labels(language)
    for use in view.manufacturing:
        since = moment(use.since) if isinstance(use.since, datetime) else use.since.isoformat()
        yield label["use"], _trade(use.industry_code, language) or "—", in_language(words.SOURCES[use.source], language), since
    if view.watch_until is not None:
        yield label["watch"], view.watch_until.isoformat(), label["withdrawn"], moment(view.as_of)


def _place(site: SiteKey, township_code: str | None, language: Language) -> Rows:
    label, township = _labels(language), reference.township(township_code) if township_code else None
    name = "" if township is None else township.name_zh if language == "zh" else township.name_en
    return (label["parcel"], site.parcel_code), (label["unit"], site.unit_number or ""), (label["township"], name)


def _capacity(before: float | None, after: float) -> str:
    return f"{after:g} kVA" if before is None else f"{before:g} → {after:g} kVA"


def _trade(code: str | None, language: Language) -> str:
    known = reference.industry_class(code) if code else None
    return f"{code or ''} {known.name_zh if known and language == 'zh' else ''}".strip()


def _labels(language: Language) -> dict[str, str]:
    return {name: in_language(text, language) for name, text in words.LABELS.items()}
