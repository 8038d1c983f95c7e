"""What changes nothing for others is not judged again: whoever is held or refused still means to manufacture there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.clock import today
from chassis.testing import NOON
from contracts.policy import CURRENT
from contracts.vocabulary import Action, FilingStatus, LandVerdict
from services.power_grid import rules
from services.power_grid.domain import Filing, Judged, Parcel, ParcelFacts, Registered, Site, SiteKey
from tests.power_grid.events import HOUSE, USCC_A, USCC_B, XINPU, Filed
from tests.power_grid.vocabulary import asked, grid

UNIT = "1-101"
MOMENTS = st.sampled_from([NOON, NOON + timedelta(days=1), NOON + timedelta(days=2)])
VERDICTS = st.sampled_from(LandVerdict)
UNITS = st.sampled_from([None, UNIT])

registrations = st.builds(
    Registered,
    version=st.integers(1, 3),
    revision=st.integers(1, 2),
    status=st.sampled_from(FilingStatus),
    action=st.sampled_from([Action.ESTABLISH, Action.AMEND_PREMISES]),
    enterprise_name=st.just("某厂"),
    uscc=st.sampled_from([None, USCC_A, USCC_B]),
    township_code=st.just(XINPU),
    parcel_code=st.sampled_from([None, HOUSE]),
    unit_number=UNITS,
    industry_code=st.sampled_from(["3851", "5212"]),
    manufacturing=st.booleans(),
    has_place=st.booleans(),
    submitted_at=st.none() | MOMENTS,
    decided_at=st.none() | MOMENTS,
    withdrawn_at=st.none() | MOMENTS,
    withdrawn_on=st.none() | MOMENTS.map(today),
    parents_uscc=st.sampled_from([None, USCC_A]),
    set_aside=st.booleans(),
)
judgements = st.builds(
    Judged,
    revision=st.integers(1, 2),
    verdict=st.none() | VERDICTS,
    parcel_code=st.sampled_from([None, HOUSE]),
    unit_number=UNITS,
    statement_id=st.just("stm-1"),
    statement_valid=st.booleans(),
    judged_at=st.none() | MOMENTS,
    void_statements=st.sampled_from([(), ("stm-1",)]),
    forged=st.booleans(),
)
filings = st.builds(Filing, filing_id=st.just("fil-1"), registered=st.none() | registrations, judged=st.none() | judgements)


@st.composite
def a_filing_that_goes_on(draw: st.DrawFn) -> tuple[Filing, Filing]:
    """A filing, and what it is after the next event: another decision, mostly, another verdict, or anything else."""
    before, kind = draw(filings), draw(st.integers(0, 3))
    if kind == 1:
        return before, replace(before, judged=draw(judgements))
    if before.registered is None or kind == 0:
        return before, draw(filings)
    decided = replace(before.registered, version=9, status=draw(st.sampled_from(FilingStatus)), decided_at=draw(MOMENTS))
    return before, replace(before, registered=replace(decided, revision=draw(st.integers(1, 2)), set_aside=draw(st.booleans())))


parcels = st.none() | st.builds(
    Parcel,
    parcel_code=st.just(HOUSE),
    version=st.just(1),
    township_code=st.just(XINPU),
    verdict=VERDICTS,
    since=MOMENTS,
    units=st.dictionaries(st.just(UNIT), VERDICTS),
)


def seen(parcel: Parcel | None, filing: Filing, neighbour: Filing) -> list[object]:
    """All that is ever answered from a filing: at its place and its unit, and to a request that names it."""
    everyone = (filing, neighbour)
    facts = ParcelFacts(
        HOUSE,
        parcel,
        filings=tuple(each for each in everyone if each.site is not None and each.site.parcel_code == HOUSE),
        moves=tuple(each for each in everyone if each.registered is not None and each.registered.action is Action.AMEND_PREMISES),
    )
    found: list[object] = []
    day = today(NOON)
    for key in (SiteKey(HOUSE, None), SiteKey(HOUSE, UNIT)):
        known = rules.known_at(CURRENT, facts, key.unit_number)
        found += [known, rules.fingerprint(CURRENT, facts, known, day), rules.next_look(facts, known, day)]
        found.append(rules.standing_of(CURRENT, facts, known, Site(key), day))
    question = rules.question_of_request(CURRENT, facts, filing.site, asked(HOUSE, filing="fil-1"), filing, day, day)
    return [*found, question, rules.decide(question)]


@settings(max_examples=400)
@given(parcels, a_filing_that_goes_on(), filings)
def test_nobody_can_tell_apart_what_means_the_same(parcel: Parcel | None, told: tuple[Filing, Filing], neighbour: Filing) -> None:
    before, after = told
    if rules.means_the_same(before, after):
        other = replace(neighbour, filing_id="fil-2")
        assert seen(parcel, before, other) == seen(parcel, after, other)


def test_a_hold_and_a_refusal_move_no_epoch_and_all_else_that_is_decided_does() -> None:
    maker = Filed()
    with grid() as power:
        power.hear(maker.submitted(), maker.judged(LandVerdict.NON_INDUSTRIAL))
        epochs = [power.site(HOUSE).epoch]
        told = (maker.held, maker.refused, maker.set_aside, maker.held, maker.accepted, maker.set_aside, maker.withdrawn)
        for next_event in told:
            power.hear(next_event())
            epochs.append(power.site(HOUSE).epoch)
    moved = [after - before for before, after in pairwise(epochs)]
    assert moved == [0, 0, 1, 1, 1, 1, 1]


def test_what_both_streams_tell_of_a_filing_at_once_is_judged_once() -> None:
    maker = Filed()
    with grid() as power:
        power.hear_together([maker.submitted(), maker.judged(LandVerdict.NON_INDUSTRIAL)])
        assert power.site(HOUSE).epoch == 1
    assert [event.type for event in power.said] == ["power_grid.block_imposed.v1"]
