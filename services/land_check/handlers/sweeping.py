"""Another policy set came into force: what is open is judged again, and the power side is told of land that is read otherwise."""

from __future__ import annotations

import orjson

from chassis import policies
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Itself, Message, Result
from contracts.policy import Policy
from services.land_check.domain import Parcel
from services.land_check.handlers.judging import judge_again
from services.land_check.handlers.saying import parcel_changed
from services.land_check.rules.land import parcel_verdict
from services.land_check.tables.filings import open_filings_after
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
