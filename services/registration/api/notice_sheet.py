"""What stands on a notice, in one language: the same for print and PDF. A refusal names clause, missing paper, deadline and appeal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import orjson

from chassis.clock import CITY
from contracts import reference
from contracts.policy import Policy, Text
from contracts.vocabulary import FilingReason, FilingStatus, Flag
from services.registration.api import notice_words as words
from services.registration.domain import Decision, Filing, Reason, entry_of

Language = Literal["zh", "en"]
Rows = tuple[tuple[str, ...], ...]

GIVES_NO_TIME = frozenset({FilingReason.STATEMENT_REVOKED, FilingReason.STATEMENT_FORGED, FilingReason.STATEMENT_NEGATIVE})
CLOSED_BY_A_SWITCH = frozenset({"village_strict", "central_city_refused", "refused"})
"""Variants of the catalogue's wording under which no paper helps."""


@dataclass(frozen=True, slots=True)
class Item:
    """One reason: what it says, the words of the paper it rests on, and what belongs to it, line by line."""

    message: str
    quote: str
    lines: Rows


@dataclass(frozen=True, slots=True)
class Section:
    """A table with a heading; no rows, no section."""

    title: str
    head: tuple[str, ...]
    rows: Rows


@dataclass(frozen=True, slots=True)
class Sheet:
    """A notice in one language, ready to be laid out."""

    language: Language
    title: str
    particulars: Rows
    reasons_title: str
    reasons: tuple[Item, ...]
    nothing: str
    sections: tuple[Section, ...]
    appeal_title: str
    appeal: tuple[str, ...]
    footer: tuple[str, ...]


def sheet_of(filing: Filing, applicant: str | None, policy: Policy, language: Language) -> Sheet:
    """``policy`` is the one the decision names; ``applicant`` None: not for this reader."""
    label, decision = _Labels(language), filing.decision
    return Sheet(
        language=language,
        title=_in(words.TITLES[filing.status], language),
        particulars=_particulars(filing, applicant, policy, label),
        reasons_title=label["reasons"],
        reasons=tuple(_item(reason, decision, policy, label) for reason in decision.reasons),
        nothing=label["none"],
        sections=tuple(section for section in (_facts(decision, label), _switches(decision, policy, label)) if section.rows),
        appeal_title=label["appeal"],
        appeal=_appeal(filing, language),
        footer=_footer(policy, label),
    )


@dataclass(frozen=True, slots=True)
class _Labels:
    language: Language

    def __getitem__(self, name: str) -> str:
        return _in(words.LABELS[name], self.language)


def _in(text: Text, language: Language) -> str:
    return text.zh if language == "zh" else text.en


def _particulars(filing: Filing, applicant: str | None, policy: Policy, label: _Labels) -> Rows:
    township = reference.township(filing.place.township_code)
    place = filing.request.get("production_premises") or filing.request["premises"]
    trade = reference.industry_class(str(filing.request["industry_code"]))
    flags = "；" if label.language == "zh" else "; "
    rows = (
        (label["no"], filing.filing_id),
        (label["name"], filing.name),
        (label["applicant"], applicant or ""),
        (label["place"], str(place["address"])),
        (label["township"], "" if township is None else township.name_zh if label.language == "zh" else township.name_en),
        (label["trade"], f"{filing.request['industry_code']} {trade.name_zh if trade and label.language == 'zh' else ''}".strip()),
        (label["date"], _moment(filing.decision.decided_at)),
        (label["duplicate"], filing.duplicate_of or ""),
        (label["flags"], flags.join(_in(policy.flag(Flag(flag)).meaning, label.language) for flag in filing.decision.flags)),
    )
    return tuple(row for row in rows if row[1])


def _item(reason: Reason, decision: Decision, policy: Policy, label: _Labels) -> Item:
    entry, language = entry_of(policy, reason), label.language
    rule = policy.rule(entry.rule)
    owner = reference.department(entry.owner) if entry.owner else None
    missing = words.OTHER_GROUND if reason.variant in CLOSED_BY_A_SWITCH else words.MISSING[reason.code]
    lines = (
        (label["rule"], f"{entry.rule} {_in(rule.title, language)}"),
        (label["basis"], f"{entry.clause.document} {entry.clause.section}"),
        (label["missing"], _in(missing, language)),
        (label["due"], _in(deadline_of(reason, decision, entry.owner is not None), language).format(due=reason.due)),
        (label["owner"], "" if owner is None else owner.name_zh if language == "zh" else owner.name_en),
        (label["remedy"], _in(entry.remedy, language)),
        (label["change"], _in(entry.would_change_if, language)),
    )
    return Item(_in(entry.message, language), entry.clause.quote, tuple(line for line in lines if line[1]))


def deadline_of(reason: Reason, decision: Decision, has_owner: bool) -> Text:
    """What is said of the time to put it right: never silence."""
    if reason.refuses:
        if reason.due is None or reason.code in GIVES_NO_TIME:
            return words.NONE_GIVEN
        return words.ENDED if _day(decision) > reason.due else words.ENDED_EARLY
    if reason.due is not None:
        return words.RUNS
    return words.NOT_COUNTED if reason.variant == "calendar_missing" and not has_owner else words.NO_PERIOD


def _facts(decision: Decision, label: _Labels) -> Section:
    head = (label["fact"], label["value"], label["source"], label["as_of"])
    rows = ((_fact_name(fact.name, label.language), fact.value, fact.source, _as_of(fact.as_of)) for fact in decision.facts)
    return Section(label["facts"], head, tuple(rows))


def _fact_name(name: str, language: Language) -> str:
    known = words.FACTS.get(name)
    return _in(known, language) if known else name


def _switches(decision: Decision, policy: Policy, label: _Labels) -> Section:
    """The switches of every rule that a reason or a flag of this decision rests on."""
    rules = {entry_of(policy, reason).rule for reason in decision.reasons} | {policy.flag(flag).rule for flag in decision.flags}
    values = policy.switches.model_dump(mode="json")
    rows = (
        (name, _in(note.decides, label.language), orjson.dumps(values[name]).decode().replace(",", ", "))
        for name, note in policy.set.switch_notes.items()
        if note.rule in rules
    )
    return Section(label["switches"], (label["switch"], label["decides"], label["set_to"]), tuple(rows))


def _appeal(filing: Filing, language: Language) -> tuple[str, ...]:
    way = words.APPEAL_AFTER_REFUSAL if filing.status is FilingStatus.REFUSED else words.APPEAL_LATER
    appeal = filing.said.appeal
    return (_in(way, language),) if appeal is None else (_in(way, language), _in(words.APPEALS[appeal.state], language))


def _footer(policy: Policy, label: _Labels) -> tuple[str, ...]:
    by = policy.set.confirmed_by
    confirmed = _in(words.CONFIRMED, label.language).format(by=by) if by else _in(words.UNCONFIRMED, label.language)
    version = f"{label['policy']}: {policy.ref.id} v{policy.ref.version} · {confirmed}"
    return (version, label["made"]) if by else (version, _in(policy.set.status_note, label.language), label["made"])


def _day(decision: Decision) -> date:
    return datetime.fromisoformat(decision.decided_at).astimezone(CITY).date()


def _moment(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(CITY).strftime("%Y-%m-%d %H:%M")


def _as_of(text: str | None) -> str:
    if text is None:
        return "—"
    return _moment(text) if "T" in text else text
