"""Filings alike in all that rules read are decided once, and as each would be by itself; what is not turned flips nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.what_if import Change, Flip, Question, Sets
from contracts.land_check import LandFindings
from contracts.policy import CURRENT, Policy
from contracts.vocabulary import FilingReason, ListType, Unit
from services.registration.domain import Appeal, Clock, Pause, Review, Said, facts_of
from services.registration.handlers.what_if import Trial, day_of, outcome_of
from services.registration.rules import DECLINED
from services.registration.tables import said_in
from services.registration.tables.records import packed
from services.registration.tables.what_if import Stored
from tests.registration.vocabulary import BAISHALU, FACTORY, HOMESTEAD, USCC_A, XINPU, ZHOUXIANG, land, submission

TURNED: dict[str, Any] = {
    "village_strict_mode": "refuse",
    "subject_types": ["company"],
    "office_only_exempt": False,
    "trigger_actions": ["establish"],
    "manufacturing_sections": ["C", "F"],
    "missing_statement_grace_days": 0,
    "negative_statement_refuses": False,
    "on_statement_revoked": "hold",
    "central_city_mode": "hold",
    "high_pollution_on_non_industrial": "refuse",
    "park_admission_timing": "parallel",
    "open_list_effect": "flag",
    "small_land_logic": "or",
    "cd_land": {"C": "allow", "D": "allow"},
}
DAY = date(2026, 11, 20)

REQUEST = st.fixed_dictionaries(
    {
        "enterprise_name": st.sampled_from(["慈溪甲电器有限公司", "慈溪乙工贸有限公司"]),
        "action": st.sampled_from(["establish", "branch", "amend_premises", "amend_other"]),
        "uscc": st.just(USCC_A),
        "subject_type": st.sampled_from(["company", "individual_business"]),
        "industry_code": st.sampled_from(["3851", "2110", "3391", "5211", "4412"]),
        "processes": st.sampled_from([[], ["spraying"]]),
        "premises__address": st.sampled_from(["甲路1号", "乙路2号"]),
        "premises__parcel_code": st.sampled_from([HOMESTEAD, FACTORY, None]),
        "premises__township_code": st.sampled_from([XINPU, ZHOUXIANG, BAISHALU]),
        "premises__used_for_production": st.booleans(),
        "controller": st.sampled_from([None, {"name": "李四", "uscc": None}]),
        "park_id": st.sampled_from([None, "PARK-1", "PARK-2"]),
        "new_land": st.sampled_from([None, {"area_mu": 10.0, "stand_alone": True}, {"area_mu": 12.5, "stand_alone": False}]),
        "elsewhere": st.booleans(),
    }
)
LAND = st.builds(
    land,
    st.sampled_from(["industrial", "non_industrial", "mixed", "unknown", "transition", "out_of_area", "pending"]),
    st.sampled_from(["undetermined", "required_missing", "required_valid", "required_invalid", "not_required"]),
    st.sampled_from(["revoked", "forged", "does_not_support", "expired"]),
    statement_id=st.sampled_from([None, "S1", "S2"]),
    declined=st.booleans(),
    township_code=st.sampled_from([XINPU, BAISHALU]),
    parcel_code=st.sampled_from([HOMESTEAD, FACTORY]),
    in_village=st.sampled_from([None, True, False]),
    in_qianwan=st.sampled_from([None, True]),
    inside_control_line=st.sampled_from([None, False]),
    township_disputed=st.booleans(),
    park_id=st.sampled_from([None, "PARK-1"]),
    park_admission=st.sampled_from([None, "approved", "refused"]),
    open_lists=st.sampled_from([(), (ListType.LOW_SCATTERED,)]),
    open_entries=st.sampled_from([(), ("le-1",), ("le-2",)]),
    admission_id=st.sampled_from([None, "pa-1"]),
    disputed_request=st.sampled_from([None, "sr-1", "sr-2"]),
    grade=st.sampled_from([None, "A", "D"]),
    survey_only=st.booleans(),
)
REVIEW = st.builds(
    Review,
    st.sampled_from(
        [FilingReason.HIGH_POLLUTION_REVIEW, FilingReason.TOWNSHIP_DISPUTED, FilingReason.LAND_UNKNOWN, FilingReason.OPEN_LIST_REVIEW]
    ),
    st.sampled_from(["clear", "refuse"]),
    st.just(Unit.NRP),
    st.just("审核员"),
    st.just("2026-11-19T02:00:00Z"),
    st.just("理由"),
    st.none(),
    st.sampled_from([None, (), ("le-1",), ("sr-1",), ("PARK-1",)]),
)
SAID = st.builds(
    Said,
    reviews=st.lists(REVIEW, max_size=2).map(tuple),
    cannot_provide=st.booleans(),
    clock=st.sampled_from([None, Clock(date(2026, 11, 2), date(2026, 11, 16)), Clock(DAY, None, (Pause(DAY),))]),
    overruled=st.sampled_from([(), ("S1",), (DECLINED,), ("high_pollution_review", "S2")]),
    answers=st.sampled_from([(), ({"code": "statement_missing", "text": "甲"},)]),
    appeal=st.sampled_from([None, Appeal("open", "2026-11-19T02:00:00Z", None, None, "申诉")]),
)
DECIDED = st.sampled_from(["2026-11-20T02:00:00.000000Z", "2026-11-30T17:00:00.000000Z"])


def stored(number: int, drawn: dict[str, Any], said: Said, decided_at: str) -> Stored:
    elsewhere = {"township_code": XINPU, "address": "丙路3号", "used_for_production": True}
    changes = {key: value for key, value in drawn.items() if key != "elsewhere"}
    if drawn["elsewhere"]:
        changes |= {"premises__used_for_production": False, "production_premises": elsewhere}
    text = None if said == Said() else orjson.dumps(said).decode()
    return Stored(f"F{number}", 1, submission(**changes).request, decided_at, text)


def by_itself(filing: Stored, lands: tuple[LandFindings, ...], sets: Sets) -> Change | None:
    """Decided as it was filed, in full."""
    facts, said = facts_of(filing.request, filing.decided_at), said_in(filing.said)
    return sets.change(lambda place: outcome_of(facts, lands[place], said, sets.policies[place], day_of(filing)))


CASES = st.lists(st.tuples(REQUEST, SAID, DECIDED, LAND, LAND), min_size=1, max_size=12)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(cases=CASES, again=st.integers(1, 3), switches=st.sets(st.sampled_from(sorted(TURNED)), min_size=1, max_size=3))
def test_filings_decided_by_kinds_are_decided_as_each_by_itself(cases: list[Any], again: int, switches: set[str]) -> None:
    sets = Question({name: TURNED[name] for name in switches}).sets(CURRENT)
    filings = [stored(number, drawn, said, at) for number, (drawn, said, at, _, _) in enumerate(cases)]
    lands = [(now, then, *((then, now) * 2)[: len(sets.alone)]) for *_, now, then in cases]
    findings = [found for each in lands for found in each]
    size = len(sets.policies)
    found = {filing.filing_id: range(number * size, (number + 1) * size) for number, filing in enumerate(filings)}
    wanted = [
        Flip(filing.filing_id, each[0].township_code, change)
        for filing, each in zip(filings, lands, strict=True)
        if (change := by_itself(filing, each, sets)) is not None
    ]
    trial = Trial(sets)
    for _ in range(again):
        assert trial.flips(filings, found, findings) == wanted
    assert Trial(sets, remembers=False).flips(filings, found, findings) == wanted
    assert [flip.rule for flip in trial.flips(filings, found, findings)] == [flip.rule for flip in wanted]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(drawn=REQUEST, said=SAID, decided_at=DECIDED, findings=LAND)
def test_where_no_switch_is_turned_nothing_flips(drawn: dict[str, Any], said: Said, decided_at: str, findings: LandFindings) -> None:
    again: Policy = CURRENT.with_switches(CURRENT.switches.model_dump(mode="json"))
    sets = Sets(CURRENT, again, (), (), (CURRENT, again))
    filing = stored(1, drawn, said, decided_at)
    assert Trial(sets).flips([filing], {"F1": (0, 0)}, [findings]) == []


def test_a_filing_without_findings_is_passed_over() -> None:
    sets = Question({"subject_types": ["company"]}).sets(CURRENT)
    filing = Stored("F1", 1, submission().request, "2026-11-20T02:00:00.000000Z", None)
    assert Trial(sets).flips([filing], {}, []) == []


def test_of_two_filings_with_the_same_word_only_the_one_on_an_entry_it_was_not_given_for_flips() -> None:
    word = Review(FilingReason.OPEN_LIST_REVIEW, "clear", Unit.MGO, "审核员", "2026-11-19T02:00:00Z", "理由", None, ("le-1",))
    filings = [Stored(each, 1, submission().request, "2026-11-20T02:00:00Z", packed(Said(reviews=(word,)))) for each in ("F1", "F2")]
    sets = Question({"open_list_effect": "flag"}).sets(CURRENT)
    findings = [land("industrial", open_lists=(ListType.INEFFICIENT,), open_entries=(entry,)) for entry in ("le-1", "le-2")]
    found = {"F1": [0] * len(sets.policies), "F2": [1] * len(sets.policies)}
    assert [flip.id for flip in Trial(sets).flips(filings, found, findings)] == ["F2"]
