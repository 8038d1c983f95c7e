"""What every notice says of the policy set it rests on: each reason with its clause, the switches that mattered, who confirmed the set."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import orjson

from chassis.notices.sheet import Item, Language, Section, in_language
from contracts import reference
from contracts.policy import Policy, Reason, Text

OF_A_REASON: Mapping[str, Text] = {
    "rule": Text(zh="规则", en="Rule"),
    "basis": Text(zh="依据", en="Basis"),
    "missing": Text(zh="所缺材料", en="What is missing"),
    "due": Text(zh="补正期限", en="Due"),
    "owner": Text(zh="审核单位", en="Decided by"),
    "remedy": Text(zh="补正办法", en="What to do"),
    "change": Text(zh="改变结论的情形", en="What would change the answer"),
}
"""The lines under each reason, in this order."""

SWITCHES = Text(zh="所用规则的开关", en="Switches of these rules")
HEAD = (Text(zh="开关", en="Switch"), Text(zh="决定什么", en="What it decides"), Text(zh="取值", en="Set to"))
VERSION = Text(zh="政策版本", en="Policy version")
UNCONFIRMED = Text(zh="现行效力尚无人确认", en="nobody has confirmed that it is still in force")
CONFIRMED = Text(zh="由 {by} 确认现行有效", en="confirmed as in force by {by}")
MADE = Text(zh="本通知由系统依据所列条款生成", en="Made by the system from the clauses named above")


def item_of(policy: Policy, entry: Reason, missing: Text, due: Text, language: Language) -> Item:
    """A reason of the catalogue with the paper it misses and the time there is; a line that says nothing is left out."""
    owner = reference.department(entry.owner) if entry.owner else None
    texts = {
        "rule": f"{entry.rule} {in_language(policy.rule(entry.rule).title, language)}",
        "basis": f"{entry.clause.document} {entry.clause.section}",
        "missing": in_language(missing, language),
        "due": in_language(due, language),
        "owner": "" if owner is None else owner.name_zh if language == "zh" else owner.name_en,
        "remedy": in_language(entry.remedy, language),
        "change": in_language(entry.would_change_if, language),
    }
    lines = tuple((in_language(label, language), texts[name]) for name, label in OF_A_REASON.items() if texts[name])
    return Item(in_language(entry.message, language), entry.clause.quote, lines)


def switches_of(policy: Policy, rules: Collection[str], language: Language, names: Collection[str] = ()) -> Section:
    """The switches of ``rules``, and those of ``names``, as the set has them."""
    values = policy.switches.model_dump(mode="json")
    rows = (
        (name, in_language(note.decides, language), orjson.dumps(values[name]).decode().replace(",", ", "))
        for name, note in policy.set.switch_notes.items()
        if note.rule in rules or name in names
    )
    return Section(in_language(SWITCHES, language), tuple(in_language(text, language) for text in HEAD), tuple(rows))


def footer_of(policy: Policy, language: Language) -> tuple[str, ...]:
    """Version, who confirmed that it stands (else what is open about it), and who made the notice."""
    by, made = policy.set.confirmed_by, in_language(MADE, language)
    confirmed = in_language(CONFIRMED, language).format(by=by) if by else in_language(UNCONFIRMED, language)
    version = f"{in_language(VERSION, language)}: {policy.ref.id} v{policy.ref.version} · {confirmed}"
    return (version, made) if by else (version, in_language(policy.set.status_note, language), made)
