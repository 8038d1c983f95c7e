"""What the power side says before anything is filed and when it is asked in earnest: the same, under every policy."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from contracts.policy import Policy
from contracts.vocabulary import FilingStatus, LandVerdict
from services.power_grid import rules as power
from services.power_grid.domain import Filing, ParcelFacts, SiteKey
from tests.policy.vocabulary import RECLASSIFIED, filing, policies, told
from tests.power_grid.events import HOUSE
from tests.power_grid.vocabulary import asked
from tests.registration.vocabulary import TODAY

verdicts = st.sampled_from(LandVerdict)
known = st.lists(
    st.builds(
        filing,
        st.sampled_from([FilingStatus.ACCEPTED, FilingStatus.REFUSED, FilingStatus.HELD, FilingStatus.WITHDRAWN]),
        verdicts,
        withdrawn_on=st.sampled_from([None, date(2026, 11, 12)]),
    ),
    max_size=1,
)


@given(policies, verdicts, known, st.sampled_from(["3851", "5212", None]))
def test_a_check_says_what_a_newcomer_would_be_told(
    policy: Policy, verdict: LandVerdict, filings: list[Filing], industry: str | None
) -> None:
    facts: ParcelFacts = told(verdict, *filings, since=RECLASSIFIED)
    checked = power.decide(power.question_of_check(policy, facts, None, industry, None, TODAY))
    request = asked(HOUSE, industry=industry, applicant_name="慈溪新来制造有限公司", request_id="PSC-0")
    answered = power.decide(power.question_of_request(policy, facts, SiteKey(HOUSE, None), request, None, TODAY, TODAY))
    assert (checked.decision, checked.reasons, checked.land) == (answered.decision, answered.reasons, answered.land)


@given(policies, verdicts, known)
def test_what_nobody_has_said_is_no_permission(policy: Policy, verdict: LandVerdict, filings: list[Filing]) -> None:
    facts = told(verdict, *filings, since=RECLASSIFIED)
    request = asked(HOUSE, industry=None, applicant_name="某房东", request_id="PSC-0")
    answer = power.decide(power.question_of_request(policy, facts, SiteKey(HOUSE, None), request, None, TODAY, TODAY))
    if verdict in (LandVerdict.UNKNOWN, LandVerdict.PENDING, LandVerdict.NON_INDUSTRIAL):
        assert answer.decision in ("hold", "block")
