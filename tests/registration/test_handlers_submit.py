"""Filings come in: under review, closed as duplicates, or known by their client reference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chassis.problems import Problem
from chassis.testing import command, principal, run_handler
from chassis.transaction import Transaction
from contracts.registration import FilingSubmitted
from services.registration.domain import Filing, Submission
from services.registration.handlers import amend, submit, withdraw
from tests.registration.vocabulary import FACTORY, HOMESTEAD, USCC_A, USCC_B, Office, clerk, integrator, land, submission

pytestmark = pytest.mark.usefixtures("backend")


def test_a_filing_is_under_review_and_told_with_its_facts_but_no_person(registration: Office) -> None:
    filing = registration.submit(submission())
    assert (filing.status, filing.version, filing.revision) == ("under_review", 1, 1)
    (event,) = registration.said
    assert isinstance(event, FilingSubmitted)
    assert (event.filing.industry_code, event.notify) == ("3851", ())
    assert "13800000000" not in event.model_dump_json()
    assert "张三" not in event.model_dump_json()
    assert registration.history(filing) == [(1, "filing_submitted", "clerk-1")]


def test_the_same_filing_again_is_closed_beside_the_first(registration: Office) -> None:
    first = registration.hear(registration.submit(submission()), land("industrial", "not_required"))
    second = registration.submit(submission(enterprise_name="慈溪某某电器 有限公司"), by=integrator)
    assert (second.status, second.duplicate_of) == ("closed_duplicate", first.filing_id)
    assert (second.decision.outcome, second.decision.land_verdict, second.decision.notify) == ("closed", "industrial", ("AMR", "PSC"))
    assert registration.names() == ["filing_submitted", "filing_accepted", "filing_closed"]


def test_duplicates_are_seen_within_one_batch(registration: Office) -> None:
    first, second, third = registration.submit(submission(), submission(premises__parcel_code=FACTORY), submission())
    assert [each.status for each in (first, second, third)] == ["under_review", "under_review", "closed_duplicate"]
    assert third.duplicate_of == first.filing_id


@pytest.mark.parametrize(
    "changes",
    [
        {"enterprise_name": "慈溪另一家电器有限公司"},
        {"premises__parcel_code": FACTORY},
        {"premises__unit_number": "2-301"},
        {"action": "branch"},
        {"premises__parcel_code": None, "premises__address": "新浦镇某村2号"},
    ],
)
def test_another_enterprise_action_or_place_is_no_duplicate(registration: Office, changes: dict[str, Any]) -> None:
    assert [each.status for each in registration.submit(submission(), submission(**changes))] == ["under_review", "under_review"]


def test_without_a_parcel_the_address_tells_places_apart(registration: Office) -> None:
    nowhere = {"premises__parcel_code": None, "premises__address": "新浦镇某村１号"}
    same = {"premises__parcel_code": None, "premises__address": "新浦镇 某村1号"}
    assert [each.status for each in registration.submit(submission(**nowhere), submission(**same))] == ["under_review", "closed_duplicate"]


MATCHED = land("industrial", "not_required", parcel_code=FACTORY, unit_number="3", matched_by="address")
THERE: dict[str, Any] = {"premises__parcel_code": FACTORY, "premises__unit_number": "3"}


def test_a_place_that_the_land_side_matched_is_the_place_for_who_names_it_later(registration: Office) -> None:
    first = registration.hear(registration.submit(submission(premises__parcel_code=None)), MATCHED)
    later, same_words = registration.submit(submission(**THERE), submission(premises__parcel_code=None))
    assert [(each.status, each.duplicate_of) for each in (later, same_words)] == [("closed_duplicate", first.filing_id)] * 2
    held = registration.submit(submission())
    amended = registration.act(amend, held, submission(**THERE))
    assert (amended.status, amended.duplicate_of) == ("closed_duplicate", first.filing_id)


@pytest.mark.parametrize(
    "changes", [{"premises__unit_number": "4"}, {"premises__unit_number": None}, {"action": "branch"}, {"enterprise_name": "另一家"}]
)
def test_another_unit_action_or_enterprise_at_a_matched_place_is_no_duplicate(registration: Office, changes: dict[str, Any]) -> None:
    registration.hear(registration.submit(submission(premises__parcel_code=None)), MATCHED)
    assert registration.submit(submission(**THERE | changes)).status == "under_review"


def test_a_matched_place_is_found_by_the_code_of_the_enterprise_too(registration: Office) -> None:
    change: dict[str, Any] = {"action": "amend_scope", "uscc": USCC_A}
    first = registration.hear(registration.submit(submission(**change, premises__parcel_code=None)), MATCHED)
    renamed = registration.submit(submission(**change, **THERE, enterprise_name="慈溪新名电器有限公司"))
    assert renamed.duplicate_of == first.filing_id


def test_the_code_tells_enterprises_apart_where_both_have_one(registration: Office) -> None:
    move: dict[str, Any] = {"action": "amend_premises"}
    first = registration.submit(submission(**move, uscc=USCC_A))
    other = registration.submit(submission(**move, uscc=USCC_B))
    renamed = registration.submit(submission(**move, uscc=USCC_A, enterprise_name="慈溪新名电器有限公司"))
    assert other.status == "under_review"
    assert renamed.duplicate_of == first.filing_id


def test_a_filing_withdrawn_or_refused_may_be_filed_again(registration: Office) -> None:
    filing = registration.submit(submission())
    registration.act(withdraw, filing)
    again = registration.submit(submission())
    assert again.status == "under_review"
    refused = registration.hear(again, land("non_industrial", "required_invalid", "revoked"))
    assert refused.status == "refused"
    assert registration.submit(submission()).status == "under_review"


def referenced(each: Submission, reference: str, content: str = "a") -> Submission:
    return replace(each, client_ref=reference, fingerprint=content)


def test_a_client_reference_is_answered_with_the_same_filing(registration: Office) -> None:
    first = registration.submit(referenced(submission(), "r1"))
    again = registration.submit(referenced(submission(), "r1"))
    assert again.filing_id == first.filing_id
    assert registration.names() == ["filing_submitted"]
    assert registration.submit(referenced(submission(), "r1"), by=integrator).filing_id != first.filing_id


def test_a_client_reference_with_other_content_is_refused(registration: Office) -> None:
    first, again, other = registration.submit(
        referenced(submission(), "r1"), referenced(submission(), "r1"), referenced(submission(), "r1", "b")
    )
    assert again.filing_id == first.filing_id
    assert isinstance(other, Problem)
    assert (other.status, other.code) == (409, "idempotency-key-reused")
    late = registration.submit(referenced(submission(), "r1", "c"))
    assert isinstance(late, Problem)


def test_a_batch_costs_the_same_statements_whatever_its_size(registration: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def counted(name: str) -> Any:
        original = getattr(Transaction, name)

        def call(*args: Any) -> Any:
            calls.append(name)
            return original(*args)

        return call

    for name in ("load", "insert", "execute"):
        monkeypatch.setattr(Transaction, name, counted(name))

    def cost(count: int) -> list[str]:
        calls.clear()
        names = [f"企业{count}-{each}" for each in range(count)]
        run_handler(registration.db, submit, [command(submission(enterprise_name=name), clerk) for name in names])
        return list(calls)

    assert cost(1) == cost(50)


def test_who_submits_is_kept(registration: Office) -> None:
    assert registration.submit(submission(), by=principal("integrator", sub="agent-7")).submitted_by == "agent-7"


def test_who_moves_away_and_comes_back_files_anew(registration: Office) -> None:
    industrial = land("industrial", "not_required", parcel_code=None)

    def moved_to(parcel: str | None) -> Filing:
        move = submission(action="amend_premises", uscc=USCC_A, premises__parcel_code=parcel)
        return registration.hear(registration.submit(move), industrial)

    first, elsewhere, back = moved_to(HOMESTEAD), moved_to(FACTORY), moved_to(HOMESTEAD)
    assert [filing.status for filing in (first, elsewhere, back)] == ["accepted"] * 3
    again = registration.submit(submission(action="amend_premises", uscc=USCC_A, premises__parcel_code=HOMESTEAD))
    assert again.status == "closed_duplicate"


def test_a_branch_does_not_move_with_its_parent(registration: Office) -> None:
    industrial = land("industrial", "not_required", parcel_code=None)
    branch = registration.hear(registration.submit(submission(action="branch", uscc=USCC_A)), industrial)
    registration.hear(registration.submit(submission(action="amend_premises", uscc=USCC_A, premises__parcel_code=FACTORY)), industrial)
    again = registration.submit(submission(action="branch", uscc=USCC_A))
    assert (again.status, again.duplicate_of) == ("closed_duplicate", branch.filing_id)
