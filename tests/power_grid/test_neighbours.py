"""What others do at a place gives whoever asks nothing, and takes nothing in what is each enterprise's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TypeVar

import pytest

from chassis.testing import NOON, principal
from contracts.land_check import StatementFoundForged, StatementIssued, StatementRevoked
from contracts.power_grid import BlockImposed, BlockLifted
from contracts.vocabulary import Grade, LandVerdict, PowerDecision, StatementOutcome, Unit
from services.power_grid import handlers
from tests.parts.activations import activated
from tests.power_grid.events import FACTORY, FAR, HOUSE, LATER, MAKER, NAME, SHA, TRADER, USCC_A, USCC_B, XINPU, Filed, graded, parcel
from tests.power_grid.vocabulary import Grid, asked, codes, grid

pytestmark = pytest.mark.usefixtures("backend")

WORKSHOP, STRANGER = "1-101", "另一企业"
End = TypeVar("End", StatementRevoked, StatementFoundForged)


@pytest.fixture
def power() -> Iterator[Grid]:
    with grid() as made:
        yield made


def a_factory_in_an_industrial_unit(power: Grid, of: LandVerdict) -> None:
    """The rest of the parcel is ``of``."""
    filing = Filed("fil-1", FACTORY, unit=WORKSHOP)
    power.hear(parcel(FACTORY, of, units={WORKSHOP: LandVerdict.INDUSTRIAL}))
    power.hear(filing.submitted(), filing.judged(LandVerdict.INDUSTRIAL), filing.accepted())


@pytest.mark.parametrize("industry", [MAKER, TRADER, None])
@pytest.mark.parametrize("unit", [None, "9-909"])
def test_a_factory_in_an_industrial_unit_opens_nothing_on_the_unknown_rest(power: Grid, industry: str | None, unit: str | None) -> None:
    a_factory_in_an_industrial_unit(power, LandVerdict.UNKNOWN)
    assert power.ask(asked(FACTORY, industry=MAKER, unit_number=WORKSHOP)).answer.decision is PowerDecision.ALLOW
    stranger = power.ask(asked(FACTORY, industry=industry, unit_number=unit))
    assert (stranger.answer.decision, codes(stranger)) == (PowerDecision.HOLD, ["land_unknown"])
    assert power.site(FACTORY).answer.decision is PowerDecision.HOLD


def test_a_shop_that_waits_on_unknown_land_waits_on_when_a_factory_comes_to_an_industrial_unit(power: Grid) -> None:
    power.hear(parcel(FACTORY, LandVerdict.UNKNOWN, units={WORKSHOP: LandVerdict.INDUSTRIAL}))
    shop = power.ask(asked(FACTORY, industry=TRADER))
    filing, own = Filed("fil-1", FACTORY, unit=WORKSHOP), Filed("fil-2", FACTORY, industry=TRADER, name="某商店")
    power.hear(filing.submitted(), filing.judged(LandVerdict.INDUSTRIAL), filing.accepted())
    power.hear(own.submitted(), own.judged(LandVerdict.UNKNOWN), own.accepted())
    assert power.clearance(shop).answer.decision is PowerDecision.HOLD
    assert codes(power.ask(asked(FACTORY, industry=TRADER, filing="fil-2"))) == ["land_unknown"]


def test_a_silent_stranger_on_village_land_beside_an_industrial_unit_still_has_to_say_what_for(power: Grid) -> None:
    a_factory_in_an_industrial_unit(power, LandVerdict.NON_INDUSTRIAL)
    assert codes(power.ask(asked(FACTORY))) == ["use_not_declared"]
    assert power.ask(asked(FACTORY, industry=TRADER)).answer.decision is PowerDecision.ALLOW
    assert power.ask(asked(FACTORY, applicant_type="enterprise", applicant_name=NAME)).answer.decision is PowerDecision.ALLOW


def test_a_check_beside_an_industrial_unit_is_answered_on_the_land_of_the_place(power: Grid) -> None:
    a_factory_in_an_industrial_unit(power, LandVerdict.UNKNOWN)
    place = handlers.PlaceToCheck(FACTORY, None, TRADER, None)
    answer = power.db.read_sync(lambda tx: handlers.check_place(tx, place))
    assert (answer.decision, [reason.code for reason in answer.reasons]) == (PowerDecision.HOLD, ["land_unknown"])


def test_of_a_newcomer_on_a_mixed_parcel_nobody_knows_the_part(power: Grid) -> None:
    settled = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, LandVerdict.MIXED), settled.submitted(), settled.judged(LandVerdict.INDUSTRIAL), settled.accepted())
    newcomer = power.ask(asked(FACTORY, industry=MAKER, applicant_type="enterprise", applicant_name=STRANGER, applicant_uscc=USCC_B))
    assert (newcomer.answer.decision, codes(newcomer)) == (PowerDecision.HOLD, ["land_mixed"])
    again = power.ask(asked(FACTORY, applicant_type="enterprise", applicant_name=STRANGER))
    assert codes(again) == ["land_mixed"]  # what it has declared once stands
    assert (
        power.ask(asked(FACTORY, industry=MAKER, applicant_type="enterprise", applicant_name=NAME)).answer.decision is PowerDecision.ALLOW
    )
    assert power.ask(asked(FACTORY, industry=MAKER)).answer.decision is PowerDecision.ALLOW  # the landlord of what is filed there
    check = handlers.PlaceToCheck(FACTORY, None, MAKER, None)
    assert power.db.read_sync(lambda tx: handlers.check_place(tx, check)).decision is PowerDecision.HOLD


def two_in_the_zone(power: Grid, first: Grade | None, second: Grade | None) -> None:
    """甲厂 and 乙厂 on one parcel in a transition zone, with these grades."""
    one, two = Filed("fil-1", FACTORY, name="甲厂", uscc=USCC_A), Filed("fil-2", FACTORY, name="乙厂", uscc=USCC_B)
    power.hear(parcel(FACTORY, LandVerdict.TRANSITION, planned=FAR))
    for each in (one, two):
        power.hear(each.submitted(), each.judged(LandVerdict.TRANSITION), each.accepted())
    for uscc, grade in ((USCC_A, first), (USCC_B, second)):
        if grade is not None:
            power.hear(graded(uscc, grade))


@pytest.mark.parametrize(
    ("own", "neighbour", "code"),
    [
        (Grade.A, Grade.C, "transition_confirmation"),
        (Grade.A, None, "transition_confirmation"),
        (None, Grade.C, "transition_ungraded"),
        (None, Grade.A, "transition_ungraded"),
        (Grade.D, Grade.A, "transition_grade"),
    ],
)
@pytest.mark.parametrize(
    "named", [{"filing": "fil-1"}, {"applicant_name": "甲厂"}, {"applicant_uscc": USCC_A}], ids=["filing", "name", "uscc"]
)
def test_in_the_zone_an_enterprise_counts_by_its_own_grade_and_not_by_its_neighbours(
    power: Grid, own: Grade | None, neighbour: Grade | None, code: str, named: dict[str, str]
) -> None:
    two_in_the_zone(power, own, neighbour)
    clearance = power.ask(asked(FACTORY, industry=MAKER, applicant_type="enterprise", **named))
    assert codes(clearance) == [code]
    assert clearance.answer.proposed is (PowerDecision.ALLOW if code == "transition_confirmation" else None)


def test_in_the_zone_nobody_in_particular_counts_by_the_worst_there(power: Grid) -> None:
    two_in_the_zone(power, Grade.A, Grade.C)
    assert "transition_grade" in codes(power.ask(asked(FACTORY, industry=MAKER)))


def test_a_block_for_what_is_done_in_one_unit_is_told_to_those_who_watch_village_land(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY, unit=WORKSHOP)
    power.hear(parcel(FACTORY, LandVerdict.INDUSTRIAL, units={WORKSHOP: LandVerdict.NON_INDUSTRIAL}))
    power.hear(filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.held())
    clearance = power.ask(asked(FACTORY))
    assert codes(clearance) == ["non_industrial_site"]
    assert clearance.answer.notify == (Unit.AMR, Unit.PSC, Unit.TWN, Unit.EEB, Unit.EMB)


def test_a_block_on_the_other_part_of_a_mixed_parcel_is_told_to_ecology_and_emergency(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, LandVerdict.MIXED), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.held())
    (imposed,) = power.told(BlockImposed)
    assert {Unit.EEB, Unit.EMB} <= set(imposed.notify)


def test_whoever_must_decide_in_the_zone_is_told_of_it(power: Grid) -> None:
    power.hear(parcel(FACTORY, LandVerdict.TRANSITION, planned=FAR))
    silent = power.ask(asked(FACTORY))
    assert (codes(silent), silent.answer.notify) == (["transition_ungraded"], (Unit.PSC, Unit.NRP, Unit.EIT))


@pytest.mark.parametrize("named", [{"parcel_code": None}, {}], ids=["by its id alone", "with its parcel"])
def test_a_request_that_names_a_duplicate_is_judged_by_the_filing_that_stands_for_it(power: Grid, named: dict[str, None]) -> None:
    first, second = Filed("fil-1", HOUSE), Filed("fil-2", HOUSE)
    power.hear(parcel(), first.submitted(), second.submitted())
    early = power.ask(asked(HOUSE, industry=MAKER, filing="fil-2"))
    assert codes(early) == ["land_verdict_pending"]
    power.hear(second.closed("fil-1"), first.judged(LandVerdict.NON_INDUSTRIAL), first.accepted())
    late = power.ask(asked(HOUSE, industry=MAKER, filing="fil-2", **named))
    assert (late.answer.decision, codes(late)) == (PowerDecision.BLOCK, ["non_industrial_site"])
    assert codes(power.clearance(early)) == ["non_industrial_site"]
    assert [use.filing_id for use in power.site().manufacturing] == ["fil-1"]


def test_a_duplicate_on_industrial_land_gets_what_the_first_filing_gets(power: Grid) -> None:
    first, second = Filed("fil-1", FACTORY), Filed("fil-2", FACTORY)
    power.hear(parcel(FACTORY, LandVerdict.INDUSTRIAL), first.submitted(), first.judged(LandVerdict.INDUSTRIAL), first.accepted())
    power.hear(second.closed("fil-1"))
    assert power.ask(asked(FACTORY, industry=MAKER, filing="fil-2")).answer.decision is PowerDecision.ALLOW


def test_who_is_held_where_a_survey_alone_shows_industry_hears_the_clause_on_historic_land(power: Grid) -> None:
    surveyed = parcel(FACTORY, LandVerdict.UNKNOWN).model_copy(update={"survey_only": True})
    filing = Filed("fil-1", FACTORY)
    power.hear(surveyed, filing.submitted(), filing.judged(LandVerdict.UNKNOWN))
    assert [(reason.code, reason.variant) for reason in power.ask(asked(FACTORY)).answer.reasons] == [("land_unknown", "survey_only")]
    assert [reason.variant for reason in power.site(FACTORY).answer.reasons] == ["survey_only"]
    power.hear(parcel(FACTORY, LandVerdict.UNKNOWN, version=2, at=LATER))
    assert [reason.variant for reason in power.site(FACTORY).answer.reasons] == [None]


def test_a_grade_that_decides_nothing_ends_no_override_and_spoils_no_token(power: Grid) -> None:
    power.hear(parcel(), parcel(FACTORY, LandVerdict.INDUSTRIAL))
    blocked = power.ask(asked(HOUSE, industry=MAKER, applicant_uscc=USCC_A))
    allowed = power.ask(asked(FACTORY, industry=MAKER, applicant_uscc=USCC_A))
    block_id = power.site().block_id
    assert block_id is not None
    for unit in ("MGO", "PSC"):
        power.do(handlers.sign_overrides, handlers.SignOverride(block_id, "个案放行", SHA), principal("admin", sub=unit, unit=unit))
    assert power.clearance(blocked).answer.overridden
    power.hear(graded(USCC_A, Grade.B))
    assert power.clearance(blocked).answer.overridden
    assert power.commit(allowed).committed_at == NOON


def paper(statement_id: str, state: str = "valid") -> StatementIssued:
    return StatementIssued(
        filing_id="fil-1",
        enterprise_name=NAME,
        township_code=XINPU,
        parcel_code=HOUSE,
        unit_number=None,
        statement_id=statement_id,
        statement_request_id=None,
        result="supports",
        state=state,
        issued_on=date(2026, 11, 22),
        valid_to=date(2027, 5, 22),
    )


def revoked(statement_id: str) -> StatementRevoked:
    return ended(StatementRevoked, statement_id)


def ended(kind: type[End], statement_id: str) -> End:
    where = {"township_code": XINPU, "parcel_code": HOUSE, "unit_number": None}
    return kind(filing_id="fil-1", enterprise_name=NAME, statement_id=statement_id, **where)


@pytest.mark.parametrize("filing", ["fil-1", None])
def test_those_who_pursue_a_forged_paper_hear_of_the_forgers_request(power: Grid, filing: str | None) -> None:
    forger = Filed()
    power.hear(
        parcel(), forger.submitted(), forger.judged(LandVerdict.NON_INDUSTRIAL), ended(StatementFoundForged, "stm-1"), forger.refused()
    )
    clearance = power.ask(asked(industry=MAKER, filing=filing, applicant_type="enterprise", applicant_name=NAME))
    assert {Unit.CLE, Unit.MGO} <= set(clearance.answer.notify)


def test_under_the_narrow_reading_a_new_valid_paper_lifts_the_block_of_an_accepted_filing(power: Grid) -> None:
    power.hear(activated(2, date(2026, 11, 2), at=power.clock.now(), three_phase_ban_scope="without_statement"))
    filing = Filed()
    power.hear(parcel(), filing.submitted())
    power.hear(filing.judged(LandVerdict.NON_INDUSTRIAL, statement=StatementOutcome.REQUIRED_VALID), filing.accepted())
    assert power.site().answer.decision is not PowerDecision.BLOCK
    power.hear(revoked("stm-1"))
    assert power.site().answer.decision is PowerDecision.BLOCK
    power.hear(paper("stm-2", "invalid"))
    assert power.site().answer.decision is PowerDecision.BLOCK
    power.hear(paper("stm-3"))
    assert power.site().answer.decision is not PowerDecision.BLOCK
    assert len(power.told(BlockLifted)) == 1


def test_under_the_narrow_reading_to_revoke_an_older_paper_than_the_one_that_counts_blocks_nothing(power: Grid) -> None:
    power.hear(activated(2, date(2026, 11, 2), at=power.clock.now(), three_phase_ban_scope="without_statement"))
    filing = Filed()
    power.hear(parcel(), filing.submitted())
    power.hear(filing.judged(LandVerdict.NON_INDUSTRIAL, statement=StatementOutcome.REQUIRED_VALID), filing.accepted())
    power.hear(paper("stm-2"), revoked("stm-1"))
    assert power.told(BlockImposed) == []
    power.hear(revoked("stm-2"))
    assert len(power.told(BlockImposed)) == 1
