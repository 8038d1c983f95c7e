"""Papers: recorded, bound, held against place and day, withdrawn."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing import command, principal, received
from contracts.vocabulary import Flag
from services.land_check.handlers.filings import filings_submitted
from services.land_check.handlers.rulings import SetTownship, townships_set
from services.land_check.handlers.statements import Withdraw, statements_reported_forged, statements_revoked
from tests.land_check.papers import record
from tests.land_check.vocabulary import (
    FACTORY,
    VILLAGE_LAND,
    XINPU,
    ZHOUXIANG,
    Office,
    elsewhere,
    factory_sent,
    facts,
    map_officer,
    noon,
    office,
    officer,
    parcel_sent,
    submitted,
)

pytestmark = pytest.mark.usefixtures("backend")


def test_paper_waits_for_the_next_filing_of_its_enterprise_and_place() -> None:
    with office() as at:
        at.put(parcel_sent())
        assert record(at).filing_id is None
        assert at.told("StatementIssued") == []
        assert at.submit("F1", facts(enterprise_name="另一家公司")).statement.outcome == "required_missing"
        assert at.submit("F2").statement.outcome == "required_valid"
        assert at.submit("F3").statement.outcome == "required_missing"
        assert [event.filing_id for event in at.told("StatementIssued")] == ["F2"]


def test_paper_without_a_filing_is_taken_by_the_open_one_it_fits() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = record(at)
        assert (paper.filing_id, paper.state, at.findings().statement.outcome) == ("F1", "valid", "required_valid")
        assert [row.status for row in at.requests()] == ["cancelled"]


def revoked_by(at: Office, officer: Any, paper: Any) -> Any:
    return at.run(statements_revoked, command(Withdraw(paper.statement_id, "权属有变"), officer)).answers[0]


def test_a_paper_goes_with_its_filing_where_none_is_needed_and_where_the_filing_is_decided() -> None:
    with office() as at:
        at.put(factory_sent(township_code=XINPU))
        at.submit("F1", facts(FACTORY))
        idle = record(at, filing_id="F1", parcel_code=FACTORY)
        at.run(townships_set, command(SetTownship("F1", ZHOUXIANG, "按界线"), map_officer))
        assert revoked_by(at, officer, idle).status == 404
        assert revoked_by(at, elsewhere, idle).township_code == ZHOUXIANG
        at.put(parcel_sent())
        at.submit("F2")
        used = record(at)
        at.accept("F2", (Flag.STATEMENT_RELIED_ON,))
        at.run(townships_set, command(SetTownship("F2", ZHOUXIANG, "按界线"), map_officer))
        assert revoked_by(at, officer, used).status == 404
        assert revoked_by(at, elsewhere, used).township_code == ZHOUXIANG
        assert [entry.township_code for entry in at.entries()] == [ZHOUXIANG]


def test_a_paper_goes_with_its_filing_when_the_register_moves_the_parcel() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = record(at)
        at.put(parcel_sent(township_code=ZHOUXIANG))
        assert at.findings().statement.findings == ("wrong_township",)
        assert revoked_by(at, officer, paper).status == 404
        assert revoked_by(at, elsewhere, paper).township_code == ZHOUXIANG


def test_a_paper_that_waited_is_where_the_filing_is_that_takes_it() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit("F1", facts(enterprise_name="另一家公司"))
        at.run(townships_set, command(SetTownship("F1", ZHOUXIANG, "按界线"), map_officer))
        waiting = record(at)
        assert (waiting.filing_id, waiting.township_code) == (None, XINPU)
        at.amend("F1", facts())
        assert revoked_by(at, officer, waiting).status == 404
        assert revoked_by(at, elsewhere, waiting).filing_id == "F1"


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"issuer": {"type": "township", "township_code": ZHOUXIANG, "name": "周巷镇人民政府"}}, "wrong_township"),
        ({"issuer": {"type": "village_committee", "township_code": XINPU, "name": "某村民委员会"}}, "not_a_township"),
        ({"issuer": {"type": "zone_committee", "township_code": XINPU, "name": "某管委会"}}, "not_a_township"),
        ({"issuer": {"type": "other", "name": "某某"}}, "not_a_township"),
        ({"valid_to": "2026-11-21"}, "expired"),
        ({"issued_on": "2026-11-22", "valid_to": "2026-11-21"}, "expired"),
        ({"parcel_code": VILLAGE_LAND}, "other_premises"),
        ({"unit_number": "101"}, "other_premises"),
        ({"enterprise_name": "另一家公司"}, "other_enterprise"),
        ({"second_officer": None}, "second_officer_missing"),
        ({"result": "does_not_support"}, "does_not_support"),
    ],
)
def test_paper_that_does_not_hold_is_recorded_with_its_finding(changes: dict[str, Any], finding: str) -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = record(at, filing_id="F1", **changes)
        assert (paper.state, paper.findings) == ("invalid", (finding,))
        assert (at.findings().statement.outcome, at.findings().statement.findings) == ("required_invalid", (finding,))


def test_zone_committee_may_issue_in_the_two_zones() -> None:
    longshan = principal("township_officer", townships=["330282402"])
    with office() as at:
        at.put(parcel_sent("330282123001JC00001", township_code="330282402"))
        at.submit("F1", facts("330282123001JC00001"))
        issuer = {"type": "zone_committee", "township_code": "330282402", "name": "滨海经济开发区管委会"}
        assert record(at, longshan, filing_id="F1", parcel_code="330282123001JC00001", issuer=issuer).state == "valid"


def test_paper_that_ran_out_after_the_filing_still_holds() -> None:
    with office(noon("2026-11-25")) as at:
        at.put(parcel_sent())
        at.submit()  # filed on the 22nd
        assert record(at, filing_id="F1", valid_to="2026-11-22").state == "valid"
        assert record(at, filing_id="F1", valid_to="2026-11-21").findings == ("expired",)
        assert at.findings().statement.outcome == "required_valid"


def test_newest_valid_paper_counts_else_the_newest() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        record(at, filing_id="F1", issued_on="2026-11-01", result="does_not_support")
        record(at, filing_id="F1", issued_on="2026-11-03", enterprise_name="另一家公司")
        assert at.findings().statement.findings == ("other_enterprise",)
        good = record(at, filing_id="F1", issued_on="2026-10-01")
        assert at.findings().statement.statement_id == good.statement_id


def test_paper_counts_on_unknown_land_too() -> None:
    with office() as at:
        at.submit()
        record(at, filing_id="F1")
        assert (at.findings().land_verdict, at.findings().statement.outcome) == ("unknown", "required_valid")


def test_officer_of_another_township_cannot_record_for_this_place() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        assert record(at, elsewhere, filing_id="F1").status == 404
        assert record(at, elsewhere).status == 404


def test_revoked_paper_no_longer_holds_and_an_accepted_filing_becomes_a_case() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = record(at, filing_id="F1")
        at.accept(flags=(Flag.STATEMENT_RELIED_ON,))
        at.said.clear()
        revoked = at.run(statements_revoked, command(Withdraw(paper.statement_id, "权属有变"), officer)).answers[0]
        assert (revoked.state, revoked.findings) == ("revoked", ("revoked",))
        assert at.told("StatementRevoked")[0].notify == ("AMR", "PSC", "TWN")
        assert at.told("LandVerdictIssued") == []
        assert [(entry.list, entry.cause) for entry in at.entries()] == [("source_control", "statement_revoked")]
        assert at.run(statements_revoked, command(Withdraw(paper.statement_id, "再"), officer)).answers[0].code == "wrong-state"


def test_revoking_a_paper_that_no_registration_relied_on_makes_no_case() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        unused = record(at, filing_id="F1", parcel_code=VILLAGE_LAND)
        record(at, filing_id="F1")
        at.accept(flags=(Flag.STATEMENT_RELIED_ON,))
        assert at.run(statements_revoked, command(Withdraw(unused.statement_id, "重复登记"), officer)).answers[0].state == "revoked"
        assert at.entries() == []


def test_paper_revoked_while_its_filing_was_being_accepted_becomes_a_case() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = record(at, filing_id="F1")
        at.run(statements_revoked, command(Withdraw(paper.statement_id, "权属有变"), officer))
        assert at.entries() == []
        at.accept(flags=(Flag.STATEMENT_RELIED_ON,))
        assert [entry.cause for entry in at.entries()] == ["statement_revoked"]


def test_paper_revoked_before_filing_binds_and_refuses() -> None:
    with office() as at:
        at.put(parcel_sent())
        paper = record(at)
        at.run(statements_revoked, command(Withdraw(paper.statement_id, "权属有变"), officer))
        found = at.submit()
        assert (found.statement.outcome, found.statement.findings) == ("required_invalid", ("revoked",))
        assert len(at.told("StatementRevoked")) == 1
        assert at.entries() == []


def test_forged_paper_opens_a_case_at_once_and_tells_when_bound() -> None:
    clerk = principal("clerk", sub="clerk-1")
    with office() as at:
        at.put(parcel_sent())
        paper = record(at)
        forged = at.run(statements_reported_forged, command(Withdraw(paper.statement_id, "印章系伪造"), clerk)).answers[0]
        assert forged.state == "forged"
        assert [(entry.cause, entry.status) for entry in at.entries()] == [("forged_statement", "found")]
        assert at.told("StatementFoundForged") == []
        assert at.submit().statement.findings == ("forged",)
        assert at.told("StatementFoundForged")[0].notify == ("AMR", "PSC", "TWN", "CLE", "MGO")


def test_only_the_township_of_the_place_withdraws_a_paper() -> None:
    with office() as at:
        at.put(parcel_sent())
        paper = record(at)
        for handler in (statements_revoked, statements_reported_forged):
            assert at.run(handler, command(Withdraw(paper.statement_id, "x"), elsewhere)).answers[0].status == 404


def test_a_batch_of_filings_is_judged_at_once_and_shares_papers_in_order() -> None:
    with office() as at:
        at.put(parcel_sent())
        record(at)
        at.run(filings_submitted, *(received(submitted(f"F{n}")) for n in range(3)))
        outcomes = [at.findings(f"F{n}").statement.outcome for n in range(3)]
        assert outcomes == ["required_valid", "required_missing", "required_missing"]
