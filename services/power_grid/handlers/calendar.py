"""What nobody does: a watch ends, a plan comes within five years, a grade of the new year counts, another policy set is in force."""

from __future__ import annotations

from chassis import policies
from chassis.clock import today
from chassis.database import Transaction
from chassis.messages import Result
from chassis.policies import in_force
from services.power_grid import tables
from services.power_grid.handlers.settling import Touched, settle

AT_ONCE = 200


def judge_due_sites(tx: Transaction) -> Result:
    """Judge the sites whose day has come; the rest of a long list comes with the next run."""
    due = tables.due_parcels(tx, today(tx.now), AT_ONCE)
    if not due:
        return Result()
    return Result(settle(tx, in_force(tx), Touched(parcels=dict.fromkeys(due)), {}))


def judge_under_another_policy(tx: Transaction) -> Result:
    """The next sites that have not been judged under the set in force, with what was asked for there. What is connected stays
    connected: where this set would not allow it, a case for review is opened.
    """
    sweep = policies.due(tx, "sites")
    if sweep is None:
        return Result()
    codes = tables.parcels_with_sites(tx, sweep.after, AT_ONCE)
    policies.swept(tx, sweep, codes)
    return Result(settle(tx, sweep.now, Touched(parcels=dict.fromkeys(codes)), {}, tables.clearances_at(tx, codes)))
