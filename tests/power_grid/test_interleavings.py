"""A site is decided from a set of facts: any interleaving of the streams, order kept within each key, ends in the same state."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chassis.testing import NOON
from contracts.envelope import Event
from contracts.land_check import StatementFoundForged, StatementRevoked
from contracts.vocabulary import Action, Grade, LandVerdict, StatementOutcome
from services.power_grid import tables
from services.power_grid.domain import SiteKey
from tests.power_grid.events import FACTORY, FAR, HOUSE, USCC_A, XINPU, Filed, graded, parcel
from tests.power_grid.vocabulary import HEARERS, Grid, asked, grid

UNITS = ("1-101", "1-102")
VERDICTS = (LandVerdict.INDUSTRIAL, LandVerdict.NON_INDUSTRIAL, LandVerdict.MIXED, LandVerdict.TRANSITION, LandVerdict.UNKNOWN)
PLACES = (HOUSE, FACTORY)
EXAMPLES = 15


@st.composite
def filing_streams(draw: st.DrawFn, filing_id: str) -> list[list[Event]]:
    """Both streams of one filing: what registration says of it, and what land_check says."""
    action = draw(st.sampled_from([Action.ESTABLISH, Action.AMEND_PREMISES]))
    filing = Filed(
        filing_id,
        draw(st.sampled_from([*PLACES, None])),
        unit=draw(st.sampled_from([None, *UNITS])),
        industry=draw(st.sampled_from(["3851", "3851", "5212"])),
        action=action,
        uscc=USCC_A if action is Action.AMEND_PREMISES else draw(st.sampled_from([None, USCC_A])),
        name=f"企业{filing_id}",
    )
    at = draw(st.integers(1, 50))

    def verdict(after: int) -> Event:
        place = filing.code if filing.code is not None else draw(st.sampled_from([None, *PLACES]))
        statement = draw(st.sampled_from([StatementOutcome.REQUIRED_VALID, StatementOutcome.REQUIRED_MISSING]))
        return filing.judged(
            draw(st.sampled_from(VERDICTS)), statement=statement, at=NOON + timedelta(minutes=at + after), code=place, planned=FAR
        )

    told: list[Event] = [filing.submitted()]
    judged: list[Event] = [verdict(0)] if draw(st.booleans()) else []
    if draw(st.booleans()):
        told.append(filing.amended(draw(st.sampled_from(PLACES))))
        judged.append(verdict(1))
    ended = draw(st.sampled_from(["", "held", "accepted", "refused", "withdrawn", "closed"]))
    if ended == "accepted":
        told.append(filing.accepted(NOON + timedelta(minutes=at)))
        told += [filing.given_uscc(USCC_A)] if draw(st.booleans()) else []
    elif ended == "closed":
        told.append(filing.closed("fil-0"))
    elif ended:
        told.append(getattr(filing, ended)())
    lost = draw(st.sampled_from([None, StatementRevoked, StatementFoundForged]))
    if lost is not None and judged:
        judged.append(
            lost(filing_id=filing_id, enterprise_name="x", township_code=XINPU, parcel_code=None, unit_number=None, statement_id="stm-1")
        )
    return [told, judged]


@st.composite
def parcel_stream(draw: st.DrawFn, code: str) -> list[Event]:
    events: list[Event] = []
    for version in range(1, draw(st.integers(0, 3)) + 1):
        units = draw(st.dictionaries(st.sampled_from(UNITS), st.sampled_from(VERDICTS)))
        at = NOON + timedelta(minutes=20 * version)
        events.append(parcel(code, draw(st.sampled_from(VERDICTS)), version=version, units=units, planned=FAR, at=at))
    return events


@st.composite
def streams(draw: st.DrawFn) -> list[list[Event]]:
    every: list[list[Event]] = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        every += draw(filing_streams(f"fil-{number}"))
    every += [draw(parcel_stream(code)) for code in PLACES]
    every.append([graded(USCC_A, draw(st.sampled_from(list(Grade))), year) for year in draw(st.sets(st.sampled_from([2024, 2025])))])
    return [stream for stream in every if stream]


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """The same events in two orders, in both of which every stream keeps its own."""
    every = draw(streams())
    turns = [number for number, stream in enumerate(every) for _ in stream]
    return _merged(every, draw(st.permutations(turns))), _merged(every, draw(st.permutations(turns)))


@st.composite
def one_order(draw: st.DrawFn) -> list[Event]:
    every = draw(streams())
    return _merged(every, draw(st.permutations([number for number, stream in enumerate(every) for _ in stream])))


def _merged(every: list[list[Event]], turns: list[int]) -> list[Event]:
    left = [iter(stream) for stream in every]
    return [next(left[turn]) for turn in turns]


def final_state(power: Grid) -> dict[str, Any]:
    """What can be seen in the end; epochs and sequence numbers tell the way there and may differ."""
    state: dict[str, Any] = {}
    for code in PLACES:
        for unit in (None, *UNITS):
            view = power.site(code, unit)
            state[f"{code} {unit}"] = (view.land, view.manufacturing, view.answer, view.watch_until, view.block_id is not None)
    standing = power.db.read_sync(tables.standing_sites)
    state["standing"] = sorted((site.key.parcel_code, site.key.unit_number or "", site.standing, site.reasons) for site in standing)
    return state


# no shrinking: an example is two whole histories, making it smaller would take minutes
@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(orders=two_orders())
def test_any_interleaving_of_the_streams_ends_in_the_same_state(orders: tuple[list[Event], list[Event]]) -> None:
    ends, answers = [], []
    for order in orders:
        with grid() as power:
            early = [power.ask(request) for request in _requests("early")]
            power.hear(*order)
            late = [power.ask(request) for request in _requests("late")]
            ends.append(final_state(power))
            answers.append([clearance.answer for clearance in late])
            # judged again on the way, an early clearance ends where one asked for now begins
            assert [power.clearance(clearance).answer for clearance in early] == answers[-1]
    assert ends[0] == ends[1]
    assert answers[0] == answers[1]


@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(orders=two_orders())
def test_what_comes_together_ends_as_if_it_had_come_one_by_one(orders: tuple[list[Event], list[Event]]) -> None:
    ends = []
    for together in (False, True):
        with grid() as power:
            for _, events in groupby(orders[0], lambda event: HEARERS[type(event)]):
                if together:
                    power.hear_together(list(events))
                else:
                    power.hear(*events)
            ends.append((final_state(power), [power.ask(request).answer for request in _requests("late")]))
    assert ends[0] == ends[1]


@settings(max_examples=3 * EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(order=one_order(), data=st.data())
def test_whenever_it_was_asked_for_an_answer_ends_where_one_asked_for_now_begins(order: list[Event], data: st.DataObject) -> None:
    """Where nobody holds an answer a filing is judged with its verdict only: who asks before must still hear of all that follows."""
    moment = data.draw(st.integers(0, len(order)))
    with grid() as unasked, grid() as power:
        unasked.hear(*order)
        power.hear(*order[:moment])
        then = [power.ask(request) for request in _requests("then")]
        power.hear(*order[moment:])
        assert final_state(power) == final_state(unasked)
        late = [power.ask(request) for request in _requests("late")]
        assert [power.clearance(clearance).answer for clearance in then] == [clearance.answer for clearance in late]


def test_land_that_was_never_heard_of_is_news_even_if_it_is_unknown() -> None:
    """A shop was judged on industrial land; then the register loses the use: what was allowed before the register spoke is held."""
    shop = Filed("fil-1", FACTORY, industry="5212")
    with grid() as power:
        power.hear(shop.submitted(), shop.judged(LandVerdict.INDUSTRIAL, at=NOON), shop.accepted(NOON))
        early = power.ask(asked(FACTORY, industry="5212", filing="fil-1", request_id="early"))
        assert early.answer.decision == "allow"
        power.hear(parcel(FACTORY, LandVerdict.UNKNOWN, at=NOON + timedelta(minutes=1)))
        assert power.clearance(early).answer.decision == "hold"


def _requests(when: str) -> list[Any]:
    """Shops, by site and by filing: they add no fact of their own."""
    sites = [SiteKey(HOUSE, None), SiteKey(FACTORY, None), SiteKey(FACTORY, UNITS[0])]
    unbound = [
        asked(site.parcel_code, industry="5212", unit_number=site.unit_number, request_id=f"{when}-{number}")
        for number, site in enumerate(sites)
    ]
    bound = [asked(None, industry="5212", filing=f"fil-{number}", request_id=f"{when}-fil-{number}") for number in (1, 2, 3)]
    return [*unbound, *bound]
