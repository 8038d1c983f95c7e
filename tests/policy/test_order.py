"""What is known of a place is a set of facts: any order of coming ends in the same decision, and a check finds it beforehand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chassis.testing import NOON, command
from contracts.land_check import LandFindings
from contracts.policy import CURRENT
from contracts.registration import FilingFacts
from contracts.vocabulary import AdmissionStatus, Grade, ListStatus, ListType
from services.land_check.domain import ParkKind
from services.land_check.handlers.checking import check
from services.land_check.handlers.lists import Move, NewEntry, entries_closed, entries_opened
from services.land_check.handlers.registers import NewAdmission, PutGrades, PutPark, admissions_recorded, grades_put, parks_put
from services.registration.domain import Clock, Said
from services.registration.rules import decide
from tests.land_check.papers import record
from tests.land_check.vocabulary import (
    HOMESTEAD,
    INDUSTRIAL,
    NAME,
    SHOP,
    USCC_A,
    VILLAGE_LAND,
    XINPU,
    Office,
    day,
    facts,
    map_officer,
    parcel_sent,
)
from tests.land_check.vocabulary import office as land_office
from tests.registration.vocabulary import Office as Counter
from tests.registration.vocabulary import clerk, land, submission
from tests.registration.vocabulary import office as counter

Deed = Callable[[Office], Any]
EXAMPLES = 25

uses = st.sampled_from([[INDUSTRIAL], [SHOP], [INDUSTRIAL, SHOP], []])


@st.composite
def registers(draw: st.DrawFn, code: str) -> list[list[Deed]]:
    """What is done to the registers, in the order of each; between them there is none."""
    puts: list[Deed] = [
        lambda at, sent=parcel_sent(code, registered_use=draw(uses), in_village=draw(st.sampled_from([True, False, None]))): at.put(sent)  # type: ignore[misc]
        for _ in range(draw(st.integers(0, 2)))
    ]
    papers: list[Deed] = []
    if draw(st.sampled_from([True, True, True, False])):
        name = draw(st.sampled_from([NAME, NAME, "另一家公司"]))
        result = draw(st.sampled_from(["supports", "supports", "does_not_support"]))
        papers = [lambda at: record(at, parcel_code=code, enterprise_name=name, result=result, second_officer="陈七")]
    return [stream for stream in (puts, papers, draw(entries(code)), draw(parks()), draw(grades())) if stream]


@st.composite
def entries(draw: st.DrawFn, code: str) -> list[Deed]:
    entry = NewEntry(ListType.INEFFICIENT, "旧厂", None, None, code, None, day("2026-10-01"), None)
    opened: list[str] = []

    def open_it(at: Office) -> Any:
        opened[:] = [at.run(entries_opened, command(entry, map_officer)).answers[0]["entry_id"]]

    def close_it(at: Office) -> Any:
        at.run(entries_closed, command(Move(opened[0], ListStatus.DELISTED, "达标"), map_officer))

    deeds: list[Deed] = [open_it, close_it]
    return deeds[: draw(st.integers(0, 2))]


@st.composite
def parks(draw: st.DrawFn) -> list[Deed]:
    park = PutPark("P1", "小微园", ParkKind.SMALL_ENTERPRISE, XINPU)
    admission = NewAdmission("P1", NAME, None, None, draw(st.sampled_from(AdmissionStatus)), day("2026-11-01"))
    founded: Deed = lambda at: at.run(parks_put, command(park, map_officer))  # noqa: E731
    admitted: Deed = lambda at: at.run(admissions_recorded, command(admission, map_officer))  # noqa: E731
    return [founded, admitted][: draw(st.sampled_from([0, 2]))]


@st.composite
def grades(draw: st.DrawFn) -> list[Deed]:
    given_grades = draw(st.lists(st.sampled_from(Grade), max_size=2))
    return [lambda at, put=PutGrades(2025, ((USCC_A, grade),)): at.run(grades_put, command(put, map_officer)) for grade in given_grades]  # type: ignore[misc]


def merged(streams: list[list[Deed]], turns: list[int]) -> list[Deed]:
    left = [iter(stream) for stream in streams]
    return [next(left[turn]) for turn in turns]


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[FilingFacts, list[Deed], list[Deed]]:
    """One filing and the same deeds in two orders; in the first the filing comes somewhere between them."""
    code = draw(st.sampled_from([HOMESTEAD, VILLAGE_LAND]))
    filed = facts(code, park_id=draw(st.sampled_from([None, "P1"])), uscc=draw(st.sampled_from([None, USCC_A])))
    streams = draw(registers(code))
    turns = [number for number, stream in enumerate(streams) for _ in stream]
    first = merged(streams, draw(st.permutations(turns)))
    first.insert(draw(st.integers(0, len(first))), lambda at: at.submit("F1", filed))
    return filed, first, merged(streams, draw(st.permutations(turns)))


def seen(findings: LandFindings) -> LandFindings:
    """Without the numbers of paper, entries and admission, which every recording makes anew: only how many there are."""
    numbers = {"open_entries": ("entry",) * len(findings.open_entries), "admission_id": findings.admission_id and "admission"}
    return findings.model_copy(update=numbers | {"statement": findings.statement.model_copy(update={"statement_id": None})})


@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(orders=two_orders())
def test_any_order_of_registers_papers_and_the_filing_ends_in_the_same_decision(
    orders: tuple[FilingFacts, list[Deed], list[Deed]],
) -> None:
    filed, first, second = orders
    with land_office() as at:
        for deed in first:
            deed(at)
        found = seen(at.findings("F1"))
    with land_office() as at:
        for deed in second:
            deed(at)
        checked = seen(at.db.read_sync(lambda tx: check(tx, filed, CURRENT, tx.now)).findings)
        again = seen(at.submit("F1", filed))
    assert found == checked == again
    assert decide(filed, found, Said(), CURRENT, day("2026-11-22")) == decide(filed, again, Said(), CURRENT, day("2026-11-22"))


FOUND = [land("non_industrial", f"required_{state}", in_village=True) for state in ("missing", "valid", "invalid")]
FOUND += [land("industrial", "not_required"), land("unknown"), land("mixed", park_id="P1"), land("mixed", "required_valid", park_id="P1")]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(heard=st.lists(st.sampled_from(FOUND), min_size=1, max_size=4), days=st.integers(0, 2))
def test_a_held_filing_ends_as_if_only_the_last_findings_had_come(heard: list[LandFindings], days: int) -> None:
    with counter() as desk:
        filing = desk.submit(submission(), by=clerk)
        for number, findings in enumerate(heard):
            desk.clock.set(NOON + timedelta(days=days * number))
            filing = desk.hear(filing, findings)
        decisive = next((each for each in heard if _ends(each)), heard[-1])
        assert _without_clock(filing.decision) == _without_clock(_alone(decisive))
        _the_notice_is_not_moved(desk, filing.said.clock, heard, days)


def _ends(findings: LandFindings) -> bool:
    return _alone(findings).outcome in ("accept", "accept_flagged", "refuse")


def _alone(findings: LandFindings) -> Any:
    return decide(submission().facts, findings, Said(), CURRENT, day("2026-11-22"))


def _without_clock(decision: Any) -> Any:
    return decision.outcome, decision.statement, decision.flags, [reason.code for reason in decision.reasons], decision.notify


def _the_notice_is_not_moved(desk: Counter, clock: Clock | None, heard: list[LandFindings], days: int) -> None:
    """The day of the first finding that asked for a paper counts, whatever came between; only a valid paper answers the notice."""
    ended = next((number for number, each in enumerate(heard) if _ends(each)), len(heard))
    answers = [_alone(each) for each in heard[: ended + 1]]
    answered = max((number for number, each in enumerate(answers) if each.statement == "required_valid"), default=-1)
    asked = [number for number, each in enumerate(answers) if each.clock is not None and number > answered]
    assert (None if clock is None else clock.since) == (day("2026-11-22") + timedelta(days=days * asked[0]) if asked else None)
