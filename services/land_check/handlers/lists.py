"""The problem lists: entries opened by people and by the system, moved step by step, closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from chassis.auth import Principal
from chassis.clock import rfc3339, today
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Command, Message, Received, Result
from chassis.policies import in_force
from chassis.problems import Problem
from contracts.land_check import ListEntryClosed, ListEntryOpened
from contracts.power_grid import BreachFound, FindingRecorded
from contracts.values import dataclass
from contracts.vocabulary import Controller, ListCause, ListStatus, ListType, Role
from services.land_check.domain.identity import same_text_key
from services.land_check.errors import bad_field, entry_not_found, wrong_state, wrong_step
from services.land_check.handlers.judging import Cause, judge_again
from services.land_check.handlers.saying import TOLD_OF_LISTS
from services.land_check.handlers.territory import only_township, own_townships
from services.land_check.rules.lists import is_next_step, may_close
from services.land_check.tables.filings import open_filings_at, watching
from services.land_check.tables.parcels import load_parcels
from services.land_check.tables.registers import lock_entry, save_entries


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An enterprise found inefficient, scattered, messy or outdated at a place."""

    list: ListType
    enterprise_name: str
    uscc: str | None
    controller: Controller | None
    parcel_code: str
    unit_number: str | None
    found_on: date
    due: date | None


@dataclass(frozen=True, slots=True)
class Move:
    """The next step of an entry, or its end."""

    entry_id: str
    to: ListStatus
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Why the system itself opens a source control entry, and about whom and where."""

    cause: ListCause
    enterprise_name: str | None
    uscc: str | None
    parcel_code: str | None
    unit_number: str | None
    township_code: str | None


def entries_opened(batch: Sequence[Command[NewEntry]], tx: Transaction) -> Result:
    """Open entries by hand; a township officer only in the own townships."""
    parcels = load_parcels(tx, {command.data.parcel_code for command in batch})
    result = Result()
    rows = []
    for command in batch:
        parcel = parcels.get(command.data.parcel_code)
        township = _township_for(command.principal, None if parcel is None else parcel.township_code)
        if isinstance(township, Problem):
            result.answers.append(township)
            continue
        row = _row_by_hand(command, township, tx)
        rows.append(row)
        result.answers.append(row)
        result.messages.append(Message.because(command, _opened(row)))
    save_entries(tx, rows)
    for row, command in zip(rows, [c for c, a in zip(batch, result.answers, strict=True) if not isinstance(a, Problem)], strict=True):
        result.messages += _judge_concerned(tx, row, command)
    return result


def entries_advanced(batch: Sequence[Command[Move]], tx: Transaction) -> Result:
    """Move entries one step on; the last step takes the enterprise off the list."""
    return _move_all(batch, tx, closing=False)


def entries_closed(batch: Sequence[Command[Move]], tx: Transaction) -> Result:
    """End entries: taken off the list, or closed out."""
    return _move_all(batch, tx, closing=True)


def findings_recorded(batch: Sequence[Received[FindingRecorded]], tx: Transaction) -> Result:
    """Manufacturing seen where none is registered becomes a source control case; a transformer seen is told as a breach."""
    result = Result()
    for received in batch:
        event = received.event
        if event.kind == "manufacturing_use" and event.state == "open":
            found = Finding(ListCause.UNREGISTERED_USE, None, None, event.parcel_code, event.unit_number, event.township_code)
            result.messages += open_by_the_system(tx, received, [found])
    return result


def breaches_found(batch: Sequence[Received[BreachFound]], tx: Transaction) -> Result:
    """A transformer connected without clearance becomes a source control case."""
    result = Result()
    for received in batch:
        event = received.event
        found = Finding(ListCause.BREACH, None, None, event.parcel_code, event.unit_number, event.township_code)
        result.messages += open_by_the_system(tx, received, [found])
    return result


def open_by_the_system(tx: Transaction, cause: Cause, findings: Sequence[Finding]) -> list[Message]:
    """Open source control entries. They hold no filing."""
    rows = [_row_of_finding(found, tx) for found in findings]
    save_entries(tx, rows)
    return [Message.because(cause, _opened(row)) for row in rows]


def _township_for(by: Principal, registered: str | None) -> str | Problem | None:
    """The township of a new entry: the parcel's, else that of an officer of one township."""
    if by.has(Role.MAP_OFFICER):
        return registered
    if registered is not None:
        return registered if registered in own_townships(by) else entry_not_found()
    if (own := only_township(by)) is not None:
        return own
    zh, en = "宗地不在登记册中，无法确定所属镇（街道）", "the parcel is not in the register: its township is not known"
    return bad_field("/parcel_code", "parcel-not-in-register", zh, en)


def _move_all(batch: Sequence[Command[Move]], tx: Transaction, *, closing: bool) -> Result:
    result = Result()
    for command in batch:
        try:
            result.answers.append(_move(tx, command, closing, result.messages))
        except Problem as problem:
            result.answers.append(problem)
    return result


def _move(tx: Transaction, command: Command[Move], closing: bool, messages: list[Message]) -> dict[str, Any]:
    move, by = command.data, command.principal
    row = lock_entry(tx, move.entry_id)
    if row is None or not (by.has(Role.MAP_OFFICER) or row["township_code"] in own_townships(by)):
        raise entry_not_found()
    now = ListStatus(row["status"])
    if closing and not may_close(now, move.to):
        raise wrong_state(f"该条目状态为 {now}", f"the entry is {now} already")
    if not closing and not is_next_step(now, move.to):
        raise wrong_step(now, move.to)
    step = {"status": move.to.value, "at": rfc3339(tx.now), "by": by.sub, "reason": move.reason}
    row |= {"status": move.to.value, "version": row["version"] + 1, "steps": orjson.dumps([*orjson.loads(row["steps"]), step]).decode()}
    save_entries(tx, [row])
    if closing or move.to is ListStatus.DELISTED:
        messages.append(Message.because(command, _closed(row)))
        messages += _judge_concerned(tx, row, command)
    return row


def _judge_concerned(tx: Transaction, row: Mapping[str, Any], cause: Cause) -> list[Message]:
    """Judge again the open filings at the entry's place or of its controller."""
    if row["list"] == ListType.SOURCE_CONTROL:
        return []
    name, uscc = row["controller_name"], row["controller_uscc"]
    keys = [f"controller:{key}" for key in (name and same_text_key(name), uscc) if key]
    ids = {*open_filings_at(tx, [row["parcel_code"]]), *watching(tx, keys)}
    return judge_again(tx, ids, cause, in_force(tx)).messages


def _row_by_hand(command: Command[NewEntry], township: str | None, tx: Transaction) -> dict[str, Any]:
    entry = command.data
    return _row(tx, command.principal.sub) | {
        "list": entry.list.value,
        "enterprise_name": entry.enterprise_name,
        "uscc": entry.uscc,
        "controller_name": entry.controller.name if entry.controller is not None else None,
        "controller_uscc": entry.controller.uscc if entry.controller is not None else None,
        "parcel_code": entry.parcel_code,
        "unit_number": entry.unit_number,
        "township_code": township,
        "found_on": entry.found_on.isoformat(),
        "due": None if entry.due is None else entry.due.isoformat(),
    }


def _row_of_finding(found: Finding, tx: Transaction) -> dict[str, Any]:
    return _row(tx, "system") | {
        "list": ListType.SOURCE_CONTROL.value,
        "cause": found.cause.value,
        "enterprise_name": found.enterprise_name,
        "uscc": found.uscc,
        "parcel_code": found.parcel_code,
        "unit_number": found.unit_number,
        "township_code": found.township_code,
        "found_on": today(tx.now).isoformat(),
    }


def _row(tx: Transaction, by: str) -> dict[str, Any]:
    step = {"status": ListStatus.FOUND.value, "at": rfc3339(tx.now), "by": by, "reason": None}
    return {
        "entry_id": new_id("le-"),
        "version": 1,
        "status": ListStatus.FOUND.value,
        "cause": None,
        "controller_name": None,
        "controller_uscc": None,
        "due": None,
        "steps": orjson.dumps([step]).decode(),
    }


def _opened(row: Mapping[str, Any]) -> ListEntryOpened:
    name = row["controller_name"]
    return ListEntryOpened(
        entry_id=row["entry_id"],
        list=ListType(row["list"]),
        status=ListStatus(row["status"]),
        cause=row["cause"] and ListCause(row["cause"]),
        enterprise_name=row["enterprise_name"],
        uscc=row["uscc"],
        controller=None if name is None else Controller(name=name, uscc=row["controller_uscc"]),
        due=row["due"] and date.fromisoformat(row["due"]),
        parcel_code=row["parcel_code"],
        unit_number=row["unit_number"],
        township_code=row["township_code"],
        notify=TOLD_OF_LISTS,
    )


def _closed(row: Mapping[str, Any]) -> ListEntryClosed:
    return ListEntryClosed(
        entry_id=row["entry_id"],
        list=ListType(row["list"]),
        status=ListStatus(row["status"]),
        parcel_code=row["parcel_code"],
        unit_number=row["unit_number"],
        township_code=row["township_code"],
        notify=TOLD_OF_LISTS,
    )
