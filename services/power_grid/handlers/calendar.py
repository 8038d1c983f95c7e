"""What only time changes: a watch ends, a plan comes within five years, a grade of the new year counts."""

from __future__ import annotations

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
