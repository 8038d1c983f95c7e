"""Words for the tests of the policy: one question to one service, put under any policy, answered in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from chassis.testing import NOON
from contracts.land_check import LandFindings
from contracts.policy import CURRENT, Policy, Switches
from contracts.registration import FilingFacts
from contracts.vocabulary import Action, FilingStatus, Grade, InstallKind, LandVerdict
from services.land_check.domain import IssuerType, Parcel, Statement, StatementContext, StatementResult
from services.land_check.handlers.checking import check
from services.land_check.rules.land import parcel_verdict
from services.land_check.rules.statements import findings_on
from services.power_grid import rules as power
from services.power_grid.domain import Filing, Judged, ParcelFacts, Question, Registered, SiteKey, Strand, Use
from services.power_grid.domain import Parcel as ParcelTold
from services.registration.domain import Decision, Said
from services.registration.rules import decide
from tests.land_check import vocabulary as land_check
from tests.power_grid.events import FAR, HOUSE
from tests.power_grid.vocabulary import asked
from tests.registration.vocabulary import TODAY

Ask = Callable[[Policy], str]

MADE = Use.MANUFACTURING
NAME, NEIGHBOUR = "慈溪某某电器有限公司", "慈溪邻居模具有限公司"
RECLASSIFIED = NOON - timedelta(days=1)


def with_value(switch: str, value: Any) -> Policy:
    """The shipped policy with one switch turned; ``a.b`` is field b of switch a."""
    name, _, field = switch.partition(".")
    if field:
        value = CURRENT.switches.model_dump(mode="json")[name] | {field: value}
    return CURRENT.with_switches({name: value})


def value_of(policy: Policy, switch: str) -> Any:
    given: Any = policy.switches.model_dump(mode="json")
    for name in switch.split("."):
        given = given[name]
    return given


def all_switches(part: type[BaseModel] = Switches, prefix: str = "") -> Iterator[tuple[str, list[Any] | None]]:
    """Every switch of the policy document and every field of one, with all its values; None where they cannot be counted."""
    for name, field in part.model_fields.items():
        kind: Any = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from all_switches(kind, f"{prefix}{name}.")
        elif get_origin(kind) is Literal:
            yield f"{prefix}{name}", list(get_args(kind))
        elif kind is bool:
            yield f"{prefix}{name}", [True, False]
        elif isinstance(kind, type) and issubclass(kind, StrEnum):
            yield f"{prefix}{name}", list(kind)
        else:
            yield f"{prefix}{name}", None


# switches whose values cannot be counted: the ones worth trying
UNCOUNTED: dict[str, list[Any]] = {
    "land_basis_priority": [["registered_use"], ["land_grant_contract"]],
    "manufacturing_sections": [["C"], ["B", "C", "D"]],
    "industrial_sections": [["B", "C", "D"], ["C"]],
    "subject_types": [["company", "individual_business"], ["company"]],
    "trigger_actions": [["establish", "branch", "amend_premises", "amend_scope"], ["establish"]],
    "missing_statement_grace_days": [10, 0],
    "extra_industrial_codes": [[], [{"scheme": "GB/T21010-2017", "code": "0804"}]],
}
COUNTED = {name: values for name, values in all_switches() if values is not None and "." not in name}


def turned(changes: dict[str, Any]) -> Policy:
    return CURRENT.with_switches(changes)


policies = st.fixed_dictionaries({}, optional={name: st.sampled_from(each) for name, each in (COUNTED | UNCOUNTED).items()}).map(turned)
"""Any policy a city may choose: some switches turned, the others as shipped."""


def line(*words: object) -> str:
    return " ".join(str(word) for word in words) or "nothing"


def decision(filed: FilingFacts, found: LandFindings, policy: Policy) -> Decision:
    return decide(filed, found, Said(), policy, TODAY)


def registered(filed: FilingFacts, found: LandFindings) -> Ask:
    """The outcome of a filing and its reasons, with the day by which a paper must come."""

    def ask(policy: Policy) -> str:
        answer = decision(filed, found, policy)
        return line(answer.outcome, *(word for reason in answer.reasons for word in (reason.code, reason.due) if word))

    return ask


def flagged(filed: FilingFacts, found: LandFindings) -> Ask:
    return lambda policy: line(*decision(filed, found, policy).flags)


def tagged(filed: FilingFacts, found: LandFindings) -> Ask:
    return lambda policy: line(*decision(filed, found, policy).tags)


def supplied(filed: FilingFacts, found: LandFindings) -> Ask:
    """What is said about new land asked for, and who is told."""

    def ask(policy: Policy) -> str:
        answer = decision(filed, found, policy)
        said = [fact.value.partition(" / ")[0] for fact in answer.facts if fact.name == "new_land"]
        return line(answer.outcome, *said, *answer.notify)

    return ask


def land_is(parcel: Parcel) -> Ask:
    return lambda policy: parcel_verdict(parcel, policy)


def flagged_there(**changes: Any) -> Ask:
    """The flags of a factory at a parcel of the register that lies in ``land_check.SQUARE``."""

    def ask(policy: Policy) -> str:
        with land_check.office() as office:
            office.put(land_check.factory_sent(geometry=land_check.SQUARE, **changes))
            filed = land_check.facts(land_check.FACTORY)
            return line(*office.db.read_sync(lambda tx: check(tx, filed, policy, tx.now)).flags)

    return ask


def paper(**changes: Any) -> Statement:
    """A statement of 新浦镇 for its homestead; changed as said."""
    given: dict[str, Any] = {
        "statement_id": "S1",
        "check_code": "C1",
        "filing_id": "F1",
        "township_code": land_check.XINPU,
        "issuer_type": IssuerType.TOWNSHIP,
        "issuer_township": land_check.XINPU,
        "issuer_name": "新浦镇人民政府",
        "result": StatementResult.SUPPORTS,
        "enterprise_name": NAME,
        "uscc": None,
        "parcel_code": land_check.HOMESTEAD,
        "unit_number": None,
        "owner": "李四",
        "basis": "宅基地",
        "second_officer": "陈七",
        "issued_on": date(2026, 11, 1),
        "valid_to": date(2027, 5, 1),
        "document_sha256": land_check.SHA,
        "in_village": None,
        "recorded_by": "officer-1",
        "recorded_at": "2026-11-22T04:00:00.000000Z",
    }
    return Statement(**{**given, **changes})


def holds(brought: Statement, **changes: Any) -> Ask:
    """What is wrong with a paper for an enterprise in a village house of 新浦镇."""
    place: dict[str, Any] = {
        "township_code": land_check.XINPU,
        "parcel_code": land_check.HOMESTEAD,
        "unit_number": None,
        "enterprise_name": NAME,
        "uscc": None,
        "filed_on": TODAY,
        "village_strict": True,
    }
    return lambda policy: line(*findings_on(brought, StatementContext(**{**place, **changes}), policy))


def question(land: LandVerdict, use: Use = MADE, *, kind: InstallKind = InstallKind.NEW_THREE_PHASE_TRANSFORMER, **more: Any) -> Ask:
    """What one use on one piece of land gets that asks for three-phase power today."""

    def ask(policy: Policy) -> str:
        only = Strand(land, use, **{"planned_implementation": FAR, **more})
        answer = power.decide(Question(policy, kind, True, TODAY, TODAY, land, (only,)))
        return line(answer.decision, *(reason.code for reason in answer.reasons))

    return ask


def graded(grade: Grade | None, **more: Any) -> Ask:
    """The same for a factory of this grade in the transition zone, whose plan is far off."""
    return question(LandVerdict.TRANSITION, grade=grade, **more)


def told(verdict: LandVerdict, *filings: Filing, since: Any = NOON) -> ParcelFacts:
    """A parcel as the power side knows it, with the filings there."""
    return ParcelFacts(HOUSE, ParcelTold(HOUSE, 1, land_check.XINPU, verdict, since), filings)


def filing(status: FilingStatus, verdict: LandVerdict, name: str = NAME, **changes: Any) -> Filing:
    """A factory on that parcel, judged ten days ago."""
    before = NOON - timedelta(days=10)
    half = Registered(
        **{
            "version": 2,
            "revision": 1,
            "status": status,
            "action": Action.ESTABLISH,
            "enterprise_name": name,
            "uscc": None,
            "township_code": land_check.XINPU,
            "parcel_code": HOUSE,
            "unit_number": None,
            "industry_code": "3851",
            "manufacturing": True,
            "has_place": True,
            "submitted_at": before,
            "decided_at": before,
            **changes,
        }
    )
    return Filing("fil-1", half, Judged(1, verdict, HOUSE, judged_at=before))


def asks(facts: ParcelFacts, industry: str | None, name: str = "某房东") -> Ask:
    """What somebody of that name gets there who asks for a transformer today and declares that industry."""

    def ask(policy: Policy) -> str:
        request = asked(HOUSE, industry=industry, applicant_name=name, request_id="PSC-0")
        answer = power.decide(power.question_of_request(policy, facts, SiteKey(HOUSE, None), request, None, TODAY, TODAY))
        return line(answer.decision, *(reason.code for reason in answer.reasons))

    return ask
