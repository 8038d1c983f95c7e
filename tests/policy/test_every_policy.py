"""What holds under every policy a city may choose, switches turned at random: no switch makes a paper harmful or silence a permission."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.land_check import LandFindings, StatementView
from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.vocabulary import (
    Action,
    AdmissionStatus,
    Grade,
    InstallKind,
    LandVerdict,
    ListType,
    NewLand,
    Outcome,
    PowerDecision,
    Process,
    StatementOutcome,
    SubjectType,
)
from services.land_check.domain import Evidence, Filing, IssuerType, Parcel, Part, PlannedUse, Site, Statement, StatementResult, Use
from services.land_check.handlers.judging import context_of
from services.land_check.handlers.saying import findings_of
from services.land_check.rules.checking import flags_of_check, reasons_of_check
from services.land_check.rules.land import land_verdict
from services.land_check.rules.lists import place_matters
from services.land_check.rules.statements import judged, standing, statement_is_asked_for
from services.power_grid import rules as power
from services.power_grid.domain import Question, Strand
from services.power_grid.domain import Use as PowerUse
from services.registration.domain import Decision, Said
from services.registration.rules import decide
from tests.land_check.vocabulary import ANDONG, BAISHALU, FACTORY, HIGH_TECH, HOMESTEAD, XINPU, parcel
from tests.policy.vocabulary import NAME, NEIGHBOUR, paper, policies
from tests.registration.vocabulary import TODAY, facts

RANK = {Outcome.REFUSE: 0, Outcome.REFER: 1, Outcome.HOLD: 1, Outcome.ACCEPT_FLAGGED: 2, Outcome.ACCEPT: 2}
POWER_RANK = {PowerDecision.BLOCK: 0, PowerDecision.HOLD: 1, PowerDecision.REFER: 1, PowerDecision.ALLOW: 2}
UNSETTLED = (LandVerdict.UNKNOWN, LandVerdict.MIXED, LandVerdict.PENDING)
VALID = StatementView(outcome=StatementOutcome.REQUIRED_VALID, statement_id="S9")
BASE = facts(action="amend_premises", uscc="91330282MA2AAAAA1C", enterprise_name=NAME)
filings = st.builds(
    lambda **changes: BASE.model_copy(update=changes),
    action=st.sampled_from(Action),
    subject_type=st.sampled_from(SubjectType),
    industry_code=st.sampled_from(["3851", "3360", "5211", "1019"]),
    processes=st.sets(st.sampled_from(Process), max_size=1).map(tuple),
    park_id=st.sampled_from([None, "P1"]),
    new_land=st.sampled_from([None, NewLand(area_mu=8, stand_alone=True), NewLand(area_mu=10, stand_alone=False)]),
    premises=st.booleans().map(lambda used: BASE.premises.model_copy(update={"used_for_production": used})),
)

parcels = st.builds(
    lambda code, uses, **changes: parcel(code, *uses, **changes),
    code=st.sampled_from([FACTORY, HOMESTEAD]),
    uses=st.lists(st.sampled_from([("GB/T21010-2017", code) for code in ("0601", "0501", "0604", "0804", "06")]), max_size=2),
    township=st.sampled_from([XINPU, BAISHALU, HIGH_TECH, ANDONG]),
    planned_use=st.sampled_from(PlannedUse),
    survey=st.sampled_from([None, Use("SANDIAO", "0601")]),
    in_village=st.sampled_from([True, False, None]),
    in_qianwan=st.sampled_from([True, None]),
    inside_control_line=st.sampled_from([True, False, None]),
    park_id=st.sampled_from([None, "P1"]),
)

papers = st.builds(
    paper,
    issuer_type=st.sampled_from(IssuerType),
    result=st.sampled_from(StatementResult),
    enterprise_name=st.sampled_from([NAME, NEIGHBOUR]),
    parcel_code=st.sampled_from([HOMESTEAD, FACTORY]),
    second_officer=st.sampled_from([None, "陈七"]),
    valid_to=st.sampled_from([date(2026, 1, 1), date(2027, 5, 1)]),
    in_village=st.sampled_from([True, False, None]),
    revoked=st.booleans(),
    forged=st.booleans(),
)

found = st.builds(
    LandFindings,
    land_verdict=st.sampled_from(LandVerdict),
    township_code=st.sampled_from([XINPU, BAISHALU]),
    in_village=st.sampled_from([True, False, None]),
    in_qianwan=st.sampled_from([True, None]),
    statement=st.builds(StatementView, outcome=st.sampled_from(StatementOutcome), declined=st.booleans()),
    park_id=st.sampled_from([None, "P1"]),
    park_admission=st.sampled_from([None, *AdmissionStatus]),
    open_lists=st.sets(st.sampled_from(ListType), max_size=1).map(tuple),
    grade=st.sampled_from([None, *Grade]),
)

strands = st.builds(
    Strand,
    land=st.sampled_from(LandVerdict),
    use=st.sampled_from(PowerUse),
    grade=st.sampled_from([None, *Grade]),
    planned_implementation=st.sampled_from([None, date(2028, 1, 1), date(2040, 1, 1)]),
    has_statement=st.booleans(),
    plan_changed_on=st.sampled_from([None, date(2020, 1, 1)]),
)


def outcome(filed: FilingFacts, land: LandFindings, policy: Policy) -> Decision:
    return decide(filed, land, Said(), policy, TODAY)


@given(policies, filings, found)
def test_a_missing_paper_that_comes_never_makes_it_worse(policy: Policy, filed: FilingFacts, land: LandFindings) -> None:
    before = outcome(filed, land, policy)
    for more in ({"statement": VALID}, {"park_admission": AdmissionStatus.APPROVED}, {"open_lists": ()}):
        assert RANK[outcome(filed, land.model_copy(update=more), policy).outcome] >= RANK[before.outcome]


@given(policies, filings, found)
def test_land_nobody_knows_lets_no_factory_in_without_a_paper(policy: Policy, filed: FilingFacts, land: LandFindings) -> None:
    checked = policy.triggers_check(filed.action, filed.subject_type, filed.industry_code)
    if land.land_verdict in UNSETTLED and checked and land.statement.outcome is not StatementOutcome.REQUIRED_VALID:
        assert RANK[outcome(filed, land, policy).outcome] < 2


@given(policies, filings, found)
def test_whatever_is_not_accepted_has_its_reasons_in_words(policy: Policy, filed: FilingFacts, land: LandFindings) -> None:
    decision = outcome(filed, land, policy)
    assert bool(decision.reasons) == (RANK[decision.outcome] < 2)
    for reason in decision.reasons:
        entry = policy.reason(reason.code, reason.variant)
        assert entry.clause.quote
        assert not reason.refuses or "申诉" in entry.remedy.zh or reason.variant is None


@given(
    policies,
    st.lists(strands, min_size=1, max_size=3),
)
def test_power_never_comes_from_silence_and_a_better_fact_never_harms(policy: Policy, strands: list[Strand]) -> None:
    def answer(*given: Strand) -> int:
        kind = InstallKind.NEW_THREE_PHASE_TRANSFORMER
        return POWER_RANK[power.decide(Question(policy, kind, True, TODAY, TODAY, given[0].land, given)).decision]

    first, *others = strands
    worst = answer(*strands)
    if any(strand.land in (LandVerdict.UNKNOWN, LandVerdict.PENDING) for strand in strands):
        assert worst < 2
    assert answer(first) >= worst  # another use at the site never helps
    as_industrial = Strand(LandVerdict.INDUSTRIAL, first.use)
    if first.land is not LandVerdict.OUT_OF_AREA:
        assert answer(as_industrial, *others) >= worst


def land_side(
    policy: Policy, filed: FilingFacts, on: Parcel, part: Part | None, brought: list[Statement], evidence: Evidence
) -> tuple[Site, LandFindings, bool]:
    """What land_check finds: the same for a check and for a filing."""
    filing = Filing("F1", 1, filed, TODAY)
    site = Site(on.township_code, on.code, None, on, part=part)
    verdict, asked = land_verdict(site, policy), statement_is_asked_for(filed, policy)
    if not asked or verdict is LandVerdict.OUT_OF_AREA:
        brought = []
    if not place_matters(filed, policy) or verdict is LandVerdict.OUT_OF_AREA:
        evidence = Evidence()
    held = [judged(each, context_of(filing, site, verdict, each, policy), policy) for each in brought]
    return site, findings_of(filing, site, verdict, standing(verdict, asked, held, declined=False), evidence), asked


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    policies,
    filings,
    parcels,
    st.sampled_from([None, *Part]),
    st.lists(papers, max_size=2),
    st.sets(st.sampled_from([kind for kind in ListType if kind is not ListType.SOURCE_CONTROL]), max_size=1),
    st.sampled_from([None, *AdmissionStatus]),
)
def test_a_check_a_pre_check_and_a_filing_say_the_same(
    policy: Policy,
    filed: FilingFacts,
    on: Parcel,
    part: Part | None,
    brought: list[Statement],
    lists: set[ListType],
    admission: AdmissionStatus | None,
) -> None:
    evidence = Evidence(lists=tuple(lists), park_id=on.park_id or filed.park_id, admission=admission)
    site, land, asked = land_side(policy, filed, on, part, brought, evidence)
    decision = outcome(filed, land, policy)
    checked = {tuple(obstacle) for obstacle in reasons_of_check(filed, land, asked, policy)}
    assert checked == {(reason.code, reason.variant) for reason in decision.reasons}
    assert set(flags_of_check(filed, site, land, policy)) == set(decision.flags)
