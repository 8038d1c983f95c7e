"""The shipped policy set: every quote exact, every code worded, every switch noted."""

import itertools
import re
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from contracts import reference
from contracts.policy import (
    CURRENT,
    Policy,
    PolicyNotFoundError,
    PolicySet,
    Text,
    load_policy,
    missing_wordings,
    policy_at,
    stands_in_its_paper,
)
from contracts.policy.switches import Switches
from contracts.vocabulary import Clause, FilingReason, Flag, PowerReason, StatementFinding, Tag, Unit

OWNERS = {
    "high_pollution_review": Unit.EEB,
    "open_list_review": Unit.MGO,
    "park_admission_missing": Unit.PARK,
    "land_unknown": Unit.NRP,
    "land_mixed": Unit.NRP,
    "township_disputed": Unit.NRP,
    "transition_ungraded": Unit.NRP,
    "transition_due": Unit.NRP,
    "transition_confirmation": Unit.NRP,
    "low_voltage_review": Unit.MGO,
    "watch_period": Unit.MGO,
    "set_aside_review": Unit.MGO,
}

VARIANTS = [key for key in CURRENT.set.reasons if ":" in key and key != "set_aside_review:power"]


def all_clauses() -> list[Clause]:
    return [clause for rule in CURRENT.set.rules for clause in rule.clauses]


def all_texts() -> list[tuple[str, Text]]:
    texts = [
        (f"{key}.{part}", getattr(entry, part))
        for key, entry in CURRENT.set.reasons.items()
        for part in ("message", "remedy", "would_change_if")
    ]
    texts += [(f"{key}", mark.meaning) for key, mark in itertools.chain(CURRENT.set.flags.items(), CURRENT.set.tags.items())]
    texts += [(str(key), text) for key, text in CURRENT.set.findings.items()]
    texts += [(f"{rule.id}.{part}", getattr(rule, part)) for rule in CURRENT.set.rules for part in ("title", "effect")]
    texts += [(f"{key}.{part}", getattr(note, part)) for key, note in CURRENT.set.switch_notes.items() for part in ("decides", "reason")]
    return texts


@pytest.mark.parametrize("clause", all_clauses(), ids=lambda clause: clause.quote[:20])
def test_every_quote_stands_in_its_paper_to_the_letter(clause: Clause) -> None:
    assert stands_in_its_paper(clause)


def test_a_quote_that_is_changed_in_a_letter_or_comes_from_elsewhere_does_not_stand() -> None:
    clause = CURRENT.reason("statement_missing").clause
    assert stands_in_its_paper(clause)
    assert not stands_in_its_paper(clause.model_copy(update={"quote": clause.quote.replace("不予登记", "可予登记")}))
    assert not stands_in_its_paper(clause.model_copy(update={"document": "慈政办发〔2099〕1号"}))
    assert not stands_in_its_paper(clause.model_copy(update={"document": "慈溪市制造业高质量发展“十四五”规划"}))


def test_a_section_of_the_task_table_is_named_by_its_number() -> None:
    tasks = [clause.section for clause in all_clauses() if clause.section.startswith("附件2")]
    assert tasks
    assert all(re.fullmatch(r"附件2 第\d{1,2}项", section) for section in tasks)
    assert not [clause.section for clause in all_clauses() if "§" in clause.section]


def test_all_21_rules_are_there() -> None:
    assert [rule.id for rule in CURRENT.set.rules] == [f"R{number:02}" for number in range(1, 22)]


def test_there_are_45_switches_each_with_a_note() -> None:
    assert len(Switches.model_fields) == 45
    assert CURRENT.set.switch_notes.keys() == Switches.model_fields.keys()


@pytest.mark.parametrize("code", sorted({*FilingReason, *PowerReason}))
def test_every_reason_code_has_clause_words_and_the_agreed_owner(code: str) -> None:
    reason = CURRENT.reason(code)
    assert reason.code == code
    assert reason.clause in CURRENT.rule(reason.rule).clauses
    assert reason.owner == OWNERS.get(code)


def test_the_missing_statement_quotes_the_refusal_clause() -> None:
    assert CURRENT.reason("statement_missing").shown(date(2026, 12, 4)) | {"message": None, "remedy": None} == {
        "code": "statement_missing",
        "rule": "R03",
        "owner": None,
        "clause": {"document": "慈政办发〔2021〕31号", "section": "二(三)", "quote": "市场监管部门对不能提供相关说明的此类企业不予登记"},
        "message": None,
        "remedy": None,
        "due": "2026-12-04",
    }


def test_a_refusal_is_never_named_without_clause_paper_deadline_and_appeal() -> None:
    naming = [text for _, text in all_texts() if "不予登记" in text.zh]
    assert naming
    for text in naming:
        assert "慈政办发〔2021〕31号“二(三)”" in text.zh
        assert "产权说明" in text.zh
        assert "期限" in text.zh
        assert "申诉" in text.zh
        assert "appeal" in text.en


@pytest.mark.parametrize(("name", "text"), all_texts(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_text_is_chinese_first_and_english_second(name: str, text: Text) -> None:
    assert re.search(r"[\u4e00-\u9fff]", text.zh), name
    assert re.search(r"[A-Za-z]{3}", text.en), name
    assert str(text) == f"{text.zh} / {text.en}"


def test_every_flag_tag_and_finding_has_a_meaning() -> None:
    assert all(CURRENT.flag(flag).meaning.zh for flag in Flag)
    assert all(CURRENT.tag(tag).meaning.zh for tag in Tag)
    assert all(CURRENT.finding(finding).zh for finding in StatementFinding)


def test_every_unit_named_by_a_rule_is_a_known_department() -> None:
    units = {str(unit) for rule in CURRENT.set.rules for unit in (*rule.lead, *rule.cooperate, *rule.notify)}
    assert {unit for unit in units if reference.department(unit) is None} == set()


def test_the_set_is_not_confirmed_and_says_what_is_open() -> None:
    assert CURRENT.set.confirmed_by is None
    assert "甬政办发〔2021〕6号" in CURRENT.set.status_note.zh


def test_a_set_is_found_by_day_and_none_before_the_paper() -> None:
    assert policy_at(date(2021, 4, 28)) is CURRENT
    assert policy_at(date(2026, 11, 22)) is load_policy("cixi-source-control", 1)
    with pytest.raises(PolicyNotFoundError):
        policy_at(date(2021, 4, 27))
    with pytest.raises(PolicyNotFoundError):
        load_policy("cixi-source-control", 2)


def test_a_set_with_a_missing_reason_and_a_foreign_clause_is_refused() -> None:
    document = CURRENT.set.model_dump(mode="json")
    del document["reasons"]["duplicate"]
    document["reasons"]["land_mixed"]["clause"]["quote"] = "一律放行"
    with pytest.raises(ValidationError, match=r"reason duplicate: no text.*land_mixed: its clause is not one of rule R02"):
        Policy.of(document)


def test_a_set_handed_in_before_a_code_was_there_has_the_shipped_words_for_it() -> None:
    document = CURRENT.set.model_dump(mode="json") | {"version": 7}
    for key in ("set_aside_review", "set_aside_review:power"):
        del document["reasons"][key]
    old = Policy.of(document)
    assert old.reason("set_aside_review").shown() == CURRENT.reason("set_aside_review").shown()
    assert old.reason("set_aside_review", "power").owner is Unit.MGO


def without(key: str) -> dict[str, Any]:
    document = CURRENT.set.model_dump(mode="json") | {"version": 7}
    del document["reasons"][key]
    return document


@pytest.mark.parametrize("key", VARIANTS)
def test_a_case_that_a_set_does_not_word_is_named(key: str) -> None:
    (missing,) = missing_wordings(PolicySet.model_validate(without(key)))
    assert missing.path == ("reasons", key)


@pytest.mark.parametrize("key", VARIANTS)
def test_a_set_handed_in_before_that_was_asked_has_the_shipped_words_for_it(key: str) -> None:
    old, (code, variant) = Policy.of(without(key)), key.split(":")
    for policy in (old, old.with_switches({"three_phase_ban_scope": "without_statement"})):
        assert policy.reason(code, variant).shown() == CURRENT.reason(code, variant).shown()


def test_the_shipped_set_words_every_case() -> None:
    assert list(missing_wordings(CURRENT.set)) == []


def test_the_set_survives_a_round_trip() -> None:
    assert Policy.of(CURRENT.set.model_dump(mode="json")).set == CURRENT.set


def test_the_due_day_is_all_that_changes_between_two_showings() -> None:
    reason = CURRENT.reason("statement_missing")
    assert reason.ref().due is None
    assert reason.ref(date(2026, 12, 4)).model_copy(update={"due": None}) == reason.ref()
    assert reason.shown(date(2026, 12, 4)) | {"due": None} == reason.shown()
