"""What holds for every filing and every finding: more papers never hurt, what is not known never allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.land_check import LandFindings, StatementView
from contracts.policy import CURRENT
from contracts.registration import FilingFacts
from contracts.vocabulary import (
    Action,
    AdmissionStatus,
    FilingReason,
    Grade,
    LandVerdict,
    ListType,
    Outcome,
    Process,
    StatementFinding,
    StatementOutcome,
    SubjectType,
    Unit,
)
from services.registration.domain import Clock, Decision, Review, Said, SetAside, entry_of
from tests.registration.vocabulary import BAISHALU, TODAY, XINPU, codes, decided, facts

RANK = {Outcome.REFUSE: 0, Outcome.REFER: 1, Outcome.HOLD: 1, Outcome.ACCEPT_FLAGGED: 2, Outcome.ACCEPT: 2}

BASE = facts(action="amend_premises", uscc="91330282MA2AAAAA1C")

filings = st.builds(
    lambda **changes: BASE.model_copy(update=changes),
    action=st.sampled_from(Action),
    subject_type=st.sampled_from(SubjectType),
    industry_code=st.sampled_from(["3851", "3360", "2110", "5211", "1019"]),
    processes=st.sets(st.sampled_from(Process)).map(tuple),
    park_id=st.sampled_from([None, "P1"]),
    premises=st.booleans().map(lambda used: BASE.premises.model_copy(update={"used_for_production": used})),
)

papers = st.builds(
    StatementView,
    outcome=st.sampled_from(StatementOutcome),
    statement_id=st.sampled_from([None, "S1"]),
    findings=st.sets(st.sampled_from(StatementFinding), max_size=3).map(tuple),
    declined=st.booleans(),
)

findings = st.builds(
    LandFindings,
    land_verdict=st.sampled_from(LandVerdict),
    township_code=st.sampled_from([XINPU, BAISHALU]),
    in_village=st.sampled_from([True, False, None]),
    in_qianwan=st.sampled_from([True, False, None]),
    inside_control_line=st.sampled_from([True, False, None]),
    statement=papers,
    township_disputed=st.booleans(),
    park_id=st.sampled_from([None, "P1"]),
    park_admission=st.sampled_from([None, *AdmissionStatus]),
    open_lists=st.sets(st.sampled_from(ListType), max_size=2).map(tuple),
    grade=st.sampled_from([None, *Grade]),
)

reviews = st.builds(
    Review,
    code=st.sampled_from(FilingReason),
    result=st.sampled_from(["clear", "refuse"]),
    unit=st.just(Unit.NRP),
    by=st.just("officer"),
    at=st.just("2026-11-22T04:00:00Z"),
    reason=st.just("看过"),
    document_sha256=st.none(),
)

said = st.builds(
    Said,
    reviews=st.lists(reviews, max_size=2).map(tuple),
    cannot_provide=st.booleans(),
    clock=st.sampled_from([None, Clock(date(2026, 11, 2), date(2026, 11, 16)), Clock(TODAY, None)]),
    overruled=st.sampled_from([(), ("S1",), ("declined",)]),
)

VALID = StatementView(outcome=StatementOutcome.REQUIRED_VALID, statement_id="S9")


def no_worse(before: Decision, after: Decision) -> bool:
    return RANK[after.outcome] >= RANK[before.outcome]


@given(filings, findings, said)
def test_a_valid_statement_never_makes_it_worse(filed: FilingFacts, found: LandFindings, words: Said) -> None:
    with_paper = found.model_copy(update={"statement": VALID})
    assert no_worse(decided(filed, found, words), decided(filed, with_paper, words))


@given(filings, findings, said)
def test_an_admission_to_the_park_never_makes_it_worse(filed: FilingFacts, found: LandFindings, words: Said) -> None:
    admitted = found.model_copy(update={"park_admission": AdmissionStatus.APPROVED})
    assert no_worse(decided(filed, found, words), decided(filed, admitted, words))


@given(filings, findings, said)
def test_leaving_a_list_never_makes_it_worse(filed: FilingFacts, found: LandFindings, words: Said) -> None:
    assert no_worse(decided(filed, found, words), decided(filed, found.model_copy(update={"open_lists": ()}), words))


@given(filings, findings)
def test_land_that_is_not_known_never_lets_a_factory_in_without_a_paper(filed: FilingFacts, found: LandFindings) -> None:
    unsettled = found.land_verdict in (LandVerdict.UNKNOWN, LandVerdict.MIXED, LandVerdict.PENDING, LandVerdict.OUT_OF_AREA)
    checked = CURRENT.triggers_check(filed.action, filed.subject_type, filed.industry_code)
    if unsettled and checked and found.statement.outcome is not StatementOutcome.REQUIRED_VALID:
        assert RANK[decided(filed, found).outcome] < 2


@given(filings, findings)
def test_land_that_is_not_industrial_lets_a_factory_in_on_a_valid_paper_only(filed: FilingFacts, found: LandFindings) -> None:
    decision = decided(filed, found)
    if (
        found.land_verdict is LandVerdict.NON_INDUSTRIAL
        and CURRENT.triggers_check(filed.action, filed.subject_type, filed.industry_code)
        and RANK[decision.outcome] == 2
    ):
        assert decision.statement is StatementOutcome.REQUIRED_VALID


@given(filings, findings)
def test_a_verdict_still_awaited_is_a_hold_for_everyone(filed: FilingFacts, found: LandFindings) -> None:
    decision = decided(filed, found.model_copy(update={"land_verdict": LandVerdict.PENDING}))
    assert (decision.outcome, codes(decision), decision.notify) == (Outcome.HOLD, ["land_verdict_pending"], ())


@given(filings, findings, said)
def test_every_answer_has_its_reasons_with_texts(filed: FilingFacts, found: LandFindings, words: Said) -> None:
    decision = decided(filed, found, words)
    assert bool(decision.reasons) == (RANK[decision.outcome] < 2)
    assert any(reason.refuses for reason in decision.reasons) == (decision.outcome is Outcome.REFUSE)
    assert (decision.outcome is Outcome.ACCEPT_FLAGGED) == (RANK[decision.outcome] == 2 and bool(decision.flags))
    for reason in decision.reasons:
        entry = entry_of(CURRENT, reason)
        assert entry.message.zh
        assert entry.clause.quote


@given(filings, findings, said)
def test_after_a_decision_was_set_aside_nothing_is_accepted_without_the_word_of_who_did(
    filed: FilingFacts, found: LandFindings, words: Said
) -> None:
    before = decided(filed, found, words)
    line = SetAside("2026-11-22T04:00:00Z", "officer", Unit.MGO, "有误", None, before)
    again = decided(filed, found, replace(words, set_aside=(line,)))
    word = words.review_of(FilingReason.SET_ASIDE_REVIEW)
    assert RANK[again.outcome] <= RANK[before.outcome]
    assert RANK[again.outcome] < 2 or (word is not None and word.result == "clear")
    assert bool(again.reasons) == (RANK[again.outcome] < 2)
    if found.land_verdict is not LandVerdict.PENDING:
        assert set(again.notify) == {*before.notify, Unit.AMR, Unit.TWN, Unit.MGO}


@given(filings, findings, said)
def test_the_same_facts_give_the_same_answer(filed: FilingFacts, found: LandFindings, words: Said) -> None:
    again: Any = LandFindings.model_validate_json(found.model_dump_json())
    assert decided(filed, found, words) == decided(filed, again, words)
