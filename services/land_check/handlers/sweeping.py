"""Another policy set came into force: what is open is judged again, what is decided is looked at for review, and the power side is
told of land that is read otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from chassis import policies
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Itself, Message, Result
from contracts.land_check import LandFindings, Review
from contracts.policy import Policy
from services.land_check.domain import Filing, Parcel
from services.land_check.handlers.judging import digest_of, evidence_of, judge_again
from services.land_check.handlers.saying import findings_of, parcel_changed, verdict_issued
from services.land_check.rules.land import parcel_verdict
from services.land_check.rules.statements import standing
from services.land_check.tables.filings import decided_filings_after, load_filings, open_filings_after
from services.land_check.tables.parcels import parcel_of, parcels_after

AT_ONCE = 500


def judge_open_filings(tx: Transaction) -> Result:
    """The next open filings that have not been judged under the set in force."""
    sweep = policies.due(tx, "filings")
    if sweep is None:
        return Result()
    ids = open_filings_after(tx, sweep.after, AT_ONCE)
    policies.swept(tx, sweep, ids)
    return Result(judge_again(tx, ids, Itself(new_id()), sweep.now).messages)


def look_at_decided_filings(tx: Transaction) -> Result:
    """What would be found of the next decided filings under the set in force, said beside what the set before finds: for review only.

    Begun when all that was open has been judged, so that a filing decided meanwhile is in one of the two. Nothing is written: an appeal
    that opens a filing again has it judged, and told, anew. What was said last under this very set is not said again.
    """
    if policies.due(tx, "filings") is not None:
        return Result()
    sweep = policies.due(tx, "decided_filings")
    if sweep is None:
        return Result()
    ids = decided_filings_after(tx, sweep.after, AT_ONCE)
    policies.swept(tx, sweep, ids)
    filings = load_filings(tx, ids)
    now, before = _found(tx, filings, sweep.now), _found(tx, filings, sweep.before or sweep.now)
    cause, result = Itself(new_id()), Result()
    for filing, findings, then in zip(filings, now, before, strict=True):
        if digest_of(findings, sweep.now) != filing.digest:
            review = Review() if sweep.before is None else Review(policy=sweep.before.ref, before=None if then == findings else then)
            result.messages.append(Message.because(cause, verdict_issued(filing, findings, sweep.now, tx.now, review)))
    return result


def _found(tx: Transaction, filings: Sequence[Filing], policy: Policy) -> list[LandFindings]:
    """By the register as it is now."""
    found = []
    for case in evidence_of(tx, filings, policy):
        stands = standing(case.verdict, case.asked, case.evidence.papers, case.filing.rulings.declined)
        found.append(findings_of(case.filing, case.site, case.verdict, stands, case.evidence))
    return found


def tell_of_parcels(tx: Transaction) -> Result:
    """The next parcels: those whose land the set in force reads otherwise are published again."""
    sweep = policies.due(tx, "parcels")
    if sweep is None:
        return Result()
    rows = parcels_after(tx, sweep.after, AT_ONCE)
    policies.swept(tx, sweep, [row.parcel_code for row in rows])
    parcels = [parcel_of(orjson.loads(row.body), row.version) for row in rows]
    cause = Itself(new_id())
    told = [parcel for parcel in parcels if sweep.before is None or _verdicts(parcel, sweep.before) != _verdicts(parcel, sweep.now)]
    return Result([Message.because(cause, parcel_changed(parcel, sweep.now, tx.now)) for parcel in told])


def _verdicts(parcel: Parcel, policy: Policy) -> list[str]:
    return [parcel_verdict(parcel, policy), *(parcel_verdict(parcel, policy, unit) for unit in parcel.units)]
