"""Two policies are told apart by a rule that differs, by nothing else: not by a version, a date, a title or a switch of another rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.land_check import LandFindings
from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.vocabulary import AdmissionStatus, Grade, InstallKind, LandVerdict, ListType, PowerReason
from services.land_check.domain import Evidence, Parcel, Statement
from services.power_grid import rules as power
from services.power_grid.domain import Answer, Question, Strand
from services.registration.domain import Decision, Said
from services.registration.rules.case import village_is_closed
from tests.policy.test_every_policy import filings, land_side, outcome, papers, parcels, strands
from tests.policy.vocabulary import COUNTED, UNCOUNTED, policies
from tests.registration.vocabulary import TODAY

EXAMPLES = 60  # each under every other value of every switch
TOGETHER = 20
READS_THE_LAND = {"R02", "R06", "R11", "R20", "R21"}
"""Which use is industrial, what a plan, a control line or history makes of it, and which townships the rules reach."""
SAYS_WHO_IS_ASKED = {"R01", "R02", "R03"}
"""Which trades, actions, subjects and places must answer for their land at all, and with which paper."""
THE_BAN = "R04"
"""Which kinds of supply it reaches, and what unknown land gets meanwhile: it opens or ends the question for every other rule."""

cases = st.tuples(
    filings,
    parcels,
    st.lists(papers, max_size=1),
    st.builds(
        Evidence,
        lists=st.sampled_from([(), (ListType.INEFFICIENT,)]),
        park_id=st.sampled_from([None, "P1"]),
        admission=st.sampled_from([None, *AdmissionStatus]),
        grade=st.sampled_from([None, *Grade]),
    ),
)

questions = st.tuples(st.sampled_from(InstallKind), st.booleans(), st.lists(strands, min_size=1, max_size=2))


Lines = set[tuple[str, Any, str]]
"""What an answer says: a code, the whole of it, and the rule it comes from."""


class Judged(NamedTuple):
    """A filing under one policy: what the land is, what is asked of it, and what is decided."""

    land: LandFindings
    asked: tuple[bool, ...]
    decision: Decision


def judged(policy: Policy, case: tuple[FilingFacts, Parcel, list[Statement], Evidence]) -> Judged:
    filed, on, brought, evidence = case
    _, land, _ = land_side(policy, filed, on, None, brought, evidence)
    who = (filed.action, filed.subject_type, filed.industry_code)
    asked = (
        policy.is_manufacturing(filed.industry_code),
        policy.triggers_check(*who),
        policy.is_new_industry(*who),
        policy.production_place(filed) is None,
        village_is_closed(filed, land, Said(), policy),
    )
    return Judged(land, asked, outcome(filed, land, policy))


def answered(policy: Policy, asked: tuple[InstallKind, bool, list[Strand]]) -> Answer:
    kind, adds, given = asked
    return power.decide(Question(policy, kind, adds, TODAY, TODAY, given[0].land, tuple(given)))


def every_turn(policy: Policy) -> Iterator[tuple[str, Policy]]:
    """The policy with one switch turned, for every switch and value, and the rule that the switch belongs to."""
    given = policy.switches.model_dump(mode="json")
    for name, values in (COUNTED | UNCOUNTED).items():
        yield from ((policy.set.switch_notes[name].rule, policy.with_switches({name: value})) for value in values if value != given[name])


def in_the_way(policy: Policy, answer: Decision | Answer) -> Lines:
    """Every reason why not."""
    return {(each.code, each, policy.reason(each.code, each.variant).rule) for each in answer.reasons}


def said(policy: Policy, decision: Decision) -> Lines:
    """Everything a decision on a filing says."""
    flags = {(flag, flag, policy.flag(flag).rule) for flag in decision.flags}
    tags = {(tag, tag, policy.tag(tag).rule) for tag in decision.tags}
    return in_the_way(policy, decision) | flags | tags


def unexplained(one: Lines, other: Lines, differs: str) -> set[str]:
    """The codes that only one of two answers says, or says otherwise, though the rule that differs says them in neither."""
    changed = one ^ other
    return {code for code, _, _ in changed} - {code for code, _, rule in changed if rule == differs}


def named_otherwise(policy: Policy) -> Policy:
    """The same rules and switches in another version: its title, its dates and who confirmed it are others."""
    changes = {"version": 7, "effective_from": date(2026, 11, 1), "status_note": policy.set.title, "confirmed_by": "市政府办"}
    return Policy(policy.set.model_copy(update=changes))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(policies, cases)
def test_a_filing_is_answered_otherwise_only_by_a_rule_that_differs(policy: Policy, case: Any) -> None:
    one = judged(policy, case)
    for rule, turned in every_turn(policy):
        other = judged(turned, case)
        if one.land.land_verdict is not other.land.land_verdict:
            assert rule in READS_THE_LAND
        elif (one.asked, one.decision.statement) != (other.asked, other.decision.statement):
            assert rule in SAYS_WHO_IS_ASKED
        else:
            first, second = said(policy, one.decision), said(turned, other.decision)
            assert unexplained(first, second, rule) == set()
            assert one.decision.outcome is other.decision.outcome or first != second, "no outcome changes without a reason or a mark"


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(policies, st.lists(questions, min_size=TOGETHER, max_size=TOGETHER))
def test_power_is_answered_otherwise_only_by_a_rule_that_differs(policy: Policy, everything: list[Any]) -> None:
    """Where a transformer would be blocked, low-voltage supply waits for a person instead: whichever rule blocks, R04 says so."""
    before = [answered(policy, asked) for asked in everything]
    for rule, turned in every_turn(policy):
        for asked, one in zip(everything, before, strict=True):
            other = answered(turned, asked)
            if one.decision is not other.decision:  # a block is said without the holds beside it
                assert rule == THE_BAN or (rule == "R07" and any(strand.land is LandVerdict.TRANSITION for strand in asked[2]))
            elif rule != THE_BAN:
                unsaid = unexplained(in_the_way(policy, one), in_the_way(turned, other), rule)
                assert unsaid <= ({PowerReason.LOW_VOLTAGE_REVIEW} if asked[0] is InstallKind.LOW_VOLTAGE_THREE_PHASE else set())


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(policies, cases, questions)
def test_another_version_of_the_same_rules_decides_the_same(policy: Policy, case: Any, asked: Any) -> None:
    renamed = named_otherwise(policy)
    one, other = judged(policy, case), judged(renamed, case)
    assert (one.land, one.asked, replace(one.decision, policy=renamed.ref)) == tuple(other)
    assert answered(policy, asked) == answered(renamed, asked)
