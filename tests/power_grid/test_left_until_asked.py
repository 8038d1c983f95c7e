"""Who comes where the same stands already, and nobody has asked, is judged when somebody asks: nothing that stands changes by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from chassis.clock import today
from chassis.testing import NOON, principal
from contracts.policy import CURRENT, Policy
from contracts.vocabulary import FilingStatus, Grade, LandVerdict, StatementOutcome
from services.power_grid import handlers, rules
from services.power_grid.domain import Filing, Finding, Judged, Parcel, ParcelFacts, Reason, Registered, Site, SiteKey, Standing
from services.power_grid.domain.facts import Grades
from services.power_grid.rules.manufacturing import STILL_ASKING
from services.power_grid.tables.facts import accepted_moves
from tests.power_grid.events import FACTORY, HOUSE, MAKER, SHA, TRADER, USCC_A, USCC_B, XINPU, Filed, parcel
from tests.power_grid.test_meaning import MOMENTS, UNIT, VERDICTS, filings, judgements, parcels, registrations
from tests.power_grid.vocabulary import Grid, asked, grid

DAY = today(NOON)
SITES = (SiteKey(HOUSE, None), SiteKey(HOUSE, UNIT))
findings = st.builds(
    Finding,
    finding_id=st.just("fnd-1"),
    kind=st.sampled_from(["manufacturing_use", "transformer_connected"]),
    state=st.sampled_from(["open", "closed"]),
    site=st.sampled_from(SITES),
    industry_code=st.just(MAKER),
    capacity_kva=st.none(),
    observed_on=st.just(DAY),
    note=st.none(),
    document_sha256=st.none(),
    recorded_by=st.just("officer"),
    recorded_at=st.just(NOON),
)
grades = st.dictionaries(
    st.sampled_from([USCC_A, USCC_B]), st.dictionaries(st.integers(DAY.year - 1, DAY.year + 1), st.sampled_from(Grade))
)
makers = st.builds(
    replace,
    registrations,
    revision=st.just(1),
    status=st.sampled_from(STILL_ASKING),
    manufacturing=st.just(True),
    has_place=st.just(True),
    submitted_at=MOMENTS,
)
comers = st.builds(
    Filing,
    filing_id=st.just("fil-1"),
    registered=makers | st.builds(replace, makers, manufacturing=st.just(False)),
    judged=st.builds(replace, judgements, verdict=VERDICTS, parcel_code=st.just(HOUSE)),
)
policies = st.builds(
    CURRENT.with_switches,
    st.fixed_dictionaries(
        {
            "three_phase_ban_scope": st.sampled_from(["all_non_industrial", "without_statement"]),
            "unknown_parcel_power": st.sampled_from(["hold", "block"]),
            "on_reclassification": st.sampled_from(["rejudge_additions_only", "grandfather"]),
        }
    ),
)


@pytest.fixture
def power() -> Iterator[Grid]:
    with grid() as power:
        yield power


def stands(policy: Policy, facts: ParcelFacts, key: SiteKey, day: date) -> tuple[Standing, tuple[Reason, ...]]:
    """What stands at a site on a day, and why."""
    known = rules.known_at(policy, facts, key.unit_number)
    standing, answer = rules.standing_of(policy, facts, known, Site(key), day)
    return standing, () if answer is None else answer.reasons


@settings(max_examples=1500)
@given(policies, parcels, st.lists(filings | comers, max_size=3), comers, st.lists(findings, max_size=1), grades)
def test_whoever_leaves_things_as_they_stand_does_so_whatever_else_is_known_there(
    policy: Policy, land: Parcel | None, others: list[Filing], comer: Filing, seen: list[Finding], given_grades: Grades
) -> None:
    assert comer.site is not None
    there = tuple(replace(other, filing_id=f"fil-{number}") for number, other in enumerate(others, 2) if other.site is not None)
    before = ParcelFacts(HOUSE, land, there, accepted_moves(there), findings=tuple(seen), grades=given_grades)
    after = replace(before, filings=(comer, *there), moves=accepted_moves((comer, *there)))
    standing, reasons = stands(policy, before, comer.site, DAY)
    look = rules.next_look(before, rules.known_at(policy, before, comer.site.unit_number), DAY)
    if rules.stands_anyway(policy, land, Site(comer.site, 1, "judged", standing, reasons, next_look=look), comer, DAY):
        event(f"leaves it as it stands: {standing}")
        for key, day in product(SITES, (DAY, date(DAY.year + 1, 1, 1), date(DAY.year + 9, 1, 1))):
            assert stands(policy, after, key, day) == stands(policy, before, key, day)


def come(power: Grid, *names: str) -> None:
    """The same manufacturing, filed again at the same place."""
    for name in names:
        filing = Filed(name, name=f"慈溪{name}电器有限公司")
        power.hear(filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL))


def test_who_comes_where_the_same_stands_already_moves_nothing_until_somebody_asks(power: Grid) -> None:
    power.hear(parcel())
    come(power, "fil-1")
    block_id, epoch = power.site().block_id, power.site().epoch
    come(power, "fil-2", "fil-3")
    assert (power.site().block_id, power.site().epoch) == (block_id, epoch)
    assert len(power.site().manufacturing) == 3
    assert power.ask(asked(industry=TRADER)).site_epoch == epoch + 1


def test_what_somebody_was_answered_rests_on_all_who_had_come(power: Grid) -> None:
    power.hear(parcel())
    come(power, "fil-1", "fil-2")
    answered = power.ask(asked(industry=TRADER))
    power.hear(parcel())  # told again: judged again, and nothing has changed
    assert power.clearance(answered).site_epoch == power.site().epoch == answered.site_epoch


def test_who_comes_where_somebody_has_asked_moves_the_epoch_at_once(power: Grid) -> None:
    power.hear(parcel())
    come(power, "fil-1")
    answered = power.ask(asked(industry=TRADER))
    come(power, "fil-2")
    assert power.site().epoch > answered.site_epoch


def test_a_signature_rests_on_all_who_had_come(power: Grid) -> None:
    power.hear(parcel())
    come(power, "fil-1", "fil-2")
    block_id = power.site().block_id
    assert block_id is not None
    for subject, unit in (("a", "MGO"), ("b", "PSC")):
        power.do(handlers.sign_overrides, handlers.SignOverride(block_id, "个案放行", SHA), principal("admin", sub=subject, unit=unit))
    assert power.site().answer.overridden
    power.hear(parcel())
    assert power.site().answer.overridden
    come(power, "fil-3")
    assert not power.site().answer.overridden


def test_the_last_who_had_come_is_found_when_the_first_goes(power: Grid) -> None:
    first = Filed()
    power.hear(parcel(), first.submitted(), first.judged(LandVerdict.NON_INDUSTRIAL))
    come(power, "fil-2")
    power.hear(first.closed("fil-2"))
    assert [use.filing_id for use in power.site().manufacturing] == ["fil-2"]
    assert power.site().block_id is not None
    assert [event.type for event in power.said] == ["power_grid.block_imposed.v1"]


@pytest.mark.parametrize(
    ("land", "statement"),
    [(LandVerdict.UNKNOWN, StatementOutcome.REQUIRED_MISSING), (LandVerdict.TRANSITION, StatementOutcome.REQUIRED_VALID)],
)
def test_who_comes_with_other_reasons_is_judged_at_once(power: Grid, land: LandVerdict, statement: StatementOutcome) -> None:
    power.hear(parcel())
    come(power, "fil-1")
    before = power.site()
    other = Filed("fil-2", name="慈溪另一电器有限公司")
    power.hear(other.submitted(), other.judged(land, statement=statement, at=NOON + timedelta(minutes=1)))
    assert power.site().epoch > before.epoch


@pytest.mark.parametrize("industry", [MAKER, TRADER])
def test_the_first_who_comes_is_judged_at_once(power: Grid, industry: str) -> None:
    first = Filed(industry=industry)
    power.hear(first.submitted(), first.judged(LandVerdict.INDUSTRIAL))
    assert power.site().epoch == 1


def test_in_the_transition_zone_who_comes_brings_a_grade_along() -> None:
    """Also where the five years are counted from the change of the plan, so that time alone changes nothing any more."""
    policy = CURRENT.with_switches({"transition_five_year_anchor": "plan_change_date"})
    since, planned = NOON - timedelta(days=5 * 365), date(DAY.year + 2, 1, 1)
    land = Parcel(HOUSE, 1, XINPU, LandVerdict.TRANSITION, since, planned)
    ungraded, good = (
        Filing(name, Registered(1, 1, FilingStatus.HELD, None, name, uscc, XINPU, HOUSE, None, MAKER, True, True, NOON), judged)
        for judged in [Judged(1, LandVerdict.TRANSITION, HOUSE, judged_at=NOON)]
        for name, uscc in (("fil-1", None), ("fil-2", USCC_A))
    )
    before = ParcelFacts(HOUSE, land, (ungraded,), grades={USCC_A: {DAY.year - 1: Grade.B}})
    standing, reasons = stands(policy, before, SITES[0], DAY)
    assert [reason.code for reason in reasons] == ["transition_ungraded"]
    assert rules.next_look(before, rules.known_at(policy, before, None), DAY) is None
    assert not rules.stands_anyway(policy, land, Site(SITES[0], 1, "judged", standing, reasons), good, DAY)
    assert len(stands(policy, replace(before, filings=(ungraded, good)), SITES[0], DAY)[1]) == 2


def test_a_use_declared_for_a_filing_that_has_moved_ends_with_the_filing_that_speaks_for_it(power: Grid) -> None:
    moved = Filed(industry=TRADER)
    power.hear(parcel(), moved.submitted(), moved.judged(LandVerdict.NON_INDUSTRIAL))
    power.ask(asked(None, industry=MAKER, filing="fil-1", applicant_type="enterprise", applicant_name="慈溪第三电器有限公司"))
    power.hear(moved.amended(FACTORY), moved.judged(LandVerdict.INDUSTRIAL))
    assert power.site().block_id is not None
    speaker = Filed("fil-2", name="慈溪第三电器有限公司")
    power.hear(speaker.submitted(), speaker.judged(LandVerdict.INDUSTRIAL, at=NOON + timedelta(minutes=1)))
    assert power.site().block_id is None
