"""What stands on the notice of a filing, in one language. A refusal names clause, missing paper, deadline and appeal."""

from __future__ import annotations

from datetime import date, datetime

from chassis.clock import CITY
from chassis.notices import Item, Language, Rows, Section, Sheet, footer_of, in_language, item_of, moment, switches_of
from contracts import reference
from contracts.policy import Policy, Text
from contracts.values import dataclass
from contracts.vocabulary import FilingReason, FilingStatus, Flag, LandVerdict
from services.registration.api import notice_words as words
from services.registration.domain import STATUS_OF, Decision, Filing, Reason, entry_of

GIVES_NO_TIME = frozenset({FilingReason.STATEMENT_REVOKED, FilingReason.STATEMENT_FORGED, FilingReason.STATEMENT_NEGATIVE})
CLOSED_BY_A_SWITCH = frozenset({"village_strict", "central_city_refused", "refused"})
"""Variants of the catalogue's wording under which no paper helps."""

LAND_SWITCHES = (
    "land_basis_priority",
    "industrial_codes",
    "warehouse_counts_as_industrial",
    "extra_industrial_codes",
    "transition_is_industrial",
    "control_line_mode",
    "historic_land",
)
"""They decide how the land is read (R02, R06, R11, R20), also where no reason names those rules because the answer was yes."""


def sheet_of(filing: Filing, applicant: str | None, policy: Policy, language: Language) -> Sheet:
    """``policy`` is the one the decision names; ``applicant`` None: not for this reader."""
    label, decision = _Labels(language), filing.decision
    return Sheet(
        language=language,
        title=in_language(_title(filing), language),
        particulars=_particulars(filing, applicant, policy, label),
        reasons_title=label["reasons"],
        reasons=tuple(_item(reason, decision, policy, language) for reason in decision.reasons),
        nothing=label["none"],
        sections=tuple(
            section
            for section in (_set_aside(filing, label), _facts(decision, label), _switches(decision, policy, language))
            if section.rows
        ),
        appeal_title=label["appeal"],
        appeal=_appeal(filing, language),
        footer=footer_of(policy, language),
    )


def _title(filing: Filing) -> Text:
    """Held only because a decision was set aside, nothing is missing."""
    only = {reason.code for reason in filing.decision.reasons} == {FilingReason.SET_ASIDE_REVIEW}
    return words.REOPENED if only and filing.status is FilingStatus.HELD else words.TITLES[filing.status]


@dataclass(frozen=True, slots=True)
class _Labels:
    language: Language

    def __getitem__(self, name: str) -> str:
        return in_language(words.LABELS[name], self.language)


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
        (label["date"], moment(datetime.fromisoformat(filing.decision.decided_at))),
        (label["duplicate"], filing.duplicate_of or ""),
        (label["flags"], flags.join(in_language(policy.flag(Flag(flag)).meaning, label.language) for flag in filing.decision.flags)),
    )
    return tuple(row for row in rows if row[1])


def _item(reason: Reason, decision: Decision, policy: Policy, language: Language) -> Item:
    entry = entry_of(policy, reason)
    missing = words.OTHER_GROUND if reason.variant in CLOSED_BY_A_SWITCH else words.MISSING[reason.code]
    due = deadline_of(reason, decision, entry.owner is not None)
    dated = Text(zh=due.zh.format(due=reason.due), en=due.en.format(due=reason.due))
    return item_of(policy, entry, missing, dated, language)


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
    return in_language(known, language) if known else name


def _set_aside(filing: Filing, label: _Labels) -> Section:
    """The decisions that were set aside: what they were, since when they no longer count, and why."""
    head = (label["set_aside_on"], label["was_decided"], label["by"], label["why"])
    rows = (
        (
            moment(datetime.fromisoformat(each.at)),
            _titled(each.decision, label.language),
            in_language(words.GOVERNANCE_OFFICE, label.language),
            each.reason,
        )
        for each in filing.said.set_aside
    )
    return Section(label["set_aside"], head, tuple(rows))


def _titled(decision: Decision, language: Language) -> str:
    """A decision by its title and its day."""
    return f"{in_language(words.TITLES[STATUS_OF[decision.outcome]], language)} {moment(datetime.fromisoformat(decision.decided_at))}"


def _switches(decision: Decision, policy: Policy, language: Language) -> Section:
    """The switches of every rule that a reason or a flag of this decision rests on, and those by which the land was read."""
    rules = {entry_of(policy, reason).rule for reason in decision.reasons} | {policy.flag(flag).rule for flag in decision.flags}
    return switches_of(policy, rules, language, () if decision.land_verdict is LandVerdict.PENDING else LAND_SWITCHES)


def _appeal(filing: Filing, language: Language) -> tuple[str, ...]:
    way = words.APPEAL_AFTER_REFUSAL if filing.status is FilingStatus.REFUSED else words.APPEAL_LATER
    appeal, set_aside = filing.said.appeal, filing.said.set_aside
    said = [way]
    if appeal is not None and (not set_aside or set_aside[-1].at < appeal.filed_at):
        said.append(words.APPEALS[appeal.state])
    if set_aside:
        said.append(words.AFTER_SET_ASIDE)
    return tuple(in_language(text, language) for text in said)


def _day(decision: Decision) -> date:
    return datetime.fromisoformat(decision.decided_at).astimezone(CITY).date()


def _as_of(text: str | None) -> str:
    if text is None:
        return "—"
    return moment(datetime.fromisoformat(text)) if "T" in text else text
