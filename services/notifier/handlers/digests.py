"""The weekly digests of the three supervision groups and of the governance office (002 §三(二): 「建立检查通报机制」)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from chassis.clock import CITY, rfc3339, today
from chassis.database import Transaction
from chassis.messages import Result
from chassis.policies import in_force
from contracts import power_grid, reference
from contracts.notifier import DigestIssued, UnacknowledgedBlock
from contracts.policy import Policy
from contracts.vocabulary import Unit
from services.notifier import rules, tables
from services.notifier.domain import DeliveryStatus, Item, Kind
from services.notifier.handlers.speaking import say
from services.notifier.rules.figures import Count
from services.notifier.rules.weeks import DAY, WEEK

RECIPIENTS: tuple[tuple[str, Unit, str | None], ...] = (
    ("SG1", Unit.SG, "SG1"),
    ("SG2", Unit.SG, "SG2"),
    ("SG3", Unit.SG, "SG3"),
    ("MGO", Unit.MGO, None),
)
"""Each with the unit it is and its group; the governance office has the whole city."""

KEPT_HEADS = 3
"""How many digests back the ledger is read: its ids go by the machine's clock, its days by the service's."""

HAPPENED = {
    power_grid.BlockImposed.type: "blocks_imposed",
    power_grid.BlockLifted.type: "blocks_lifted",
    power_grid.BreachFound.type: "breaches",
}


def issue_digests(tx: Transaction) -> Result:
    """Issue those of the last week whose first working day has come, unless they are issued: once for each week and recipient.

    After an outage they come late, and their period goes back to the last one; that of the first ones to whatever was told first.
    A system that had told nobody anything has none to issue.
    """
    week = rules.week_to_issue(today(tx.now))
    if week is None:
        return Result()
    last, ends = tables.last_digests(tx, KEPT_HEADS), tables.ledger_ends(tx)
    if ends is None or ends[0] >= _moment(week.monday) or (last and last[0].period_to >= _last_day(week).isoformat()):
        return Result()
    tables.end_what_is_settled(tx)
    begins = date.fromisoformat(last[0].period_to) + DAY if last else min(week.monday - WEEK, _day(ends[0]))
    missing = tables.unacknowledged(tx)
    counts = list(_counts(tx, begins, week.monday, last[-1].ledger_head if len(last) == KEPT_HEADS else "", missing))
    policy = in_force(tx)
    digests = [_digest(*recipient, begins, week, counts, missing, policy) for recipient in RECIPIENTS]
    tx.insert(tables.DIGESTS, [_row(digest, rfc3339(tx.now), ends[1]) for digest in digests])
    return Result(say(tx, digests))


def _last_day(week: rules.Week) -> date:
    """The last day of a digest: the one before the week in which it is issued."""
    return week.monday - DAY


def _counts(tx: Transaction, begins: date, ends: date, after: str, missing: Iterable[Item]) -> Iterator[Count]:
    """Everything there is to count, from the first moment of ``begins`` to that of ``ends``.

    ``after``: a delivery of some weeks before.
    """
    for row in tables.counted_open(tx, today(tx.now)):
        figures = {"held": row.kind == Kind.REGISTRATION, "overdue": row.overdue, "without_day": row.without_day}
        yield from ((row.township_code, name, row.number) for name, counts in figures.items() if counts)
    yield from ((items[0].township_code, "unacknowledged", 1) for items in _by_block(missing))
    period = tables.Made(after, _moment(begins), _moment(ends))
    for row in tables.happened(tx, HAPPENED, period):
        yield row.township_code, HAPPENED[row.event_type], row.number
    given_up = period._replace(since=_moment(begins - WEEK))  # which takes three days
    for status, made in ((DeliveryStatus.NO_ENDPOINT, period), (DeliveryStatus.EXHAUSTED, given_up)):
        yield from ((row.township_code, str(status), row.number) for row in tables.not_delivered(tx, status, made))


def _digest(
    name: str,
    unit: Unit,
    group: str | None,
    begins: date,
    week: rules.Week,
    counts: Iterable[Count],
    missing: Iterable[Item],
    policy: Policy,
) -> DigestIssued:
    townships = rules.figures_by_township(counts, group)
    here = (items for items in _by_block(missing) if group is None or _group(items[0]) == group)
    return DigestIssued(
        endpoint_id=name,
        recipient=unit,
        digest_id=f"dig-{week.monday:%Y%m%d}-{name}",
        group=group,
        period_from=begins,
        period_to=_last_day(week),
        figures=rules.totals(townships),
        townships=townships,
        unacknowledged=tuple(_block(items) for items in here)[: rules.LONGEST_LIST],
        calendar_missing=week.calendar_missing,
        policy=policy.ref,
        policy_confirmed=policy.set.confirmed_by is not None,
        notify=(unit,),
    )


def _by_block(missing: Iterable[Item]) -> Iterator[list[Item]]:
    return (list(items) for _, items in groupby(missing, key=lambda item: item.record_id))


def _group(item: Item) -> str | None:
    return None if item.township_code is None else reference.group_of(item.township_code)


def _block(items: list[Item]) -> UnacknowledgedBlock:
    first = items[0]
    return UnacknowledgedBlock(
        block_id=first.record_id,
        parcel_code=first.parcel_code,
        unit_number=first.unit_number,
        township_code=first.township_code,
        since=first.since,
        due=first.due,
        units=tuple(item.owner for item in items),
    )


def _row(digest: DigestIssued, at: str, ledger_head: str) -> dict[str, Any]:
    return {
        "digest_id": digest.digest_id,
        "recipient": digest.endpoint_id,
        "period_to": digest.period_to.isoformat(),
        "issued_at": at,
        "ledger_head": ledger_head,
        "body": digest.model_dump_json().encode(),
    }


def _day(moment: str) -> date:
    return today(datetime.fromisoformat(moment))


def _moment(day: date) -> str:
    return rfc3339(datetime.combine(day, time.min, CITY))
