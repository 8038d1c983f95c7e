"""The parcel register: what the map office puts in, and the filings that are judged again because of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from chassis.clock import rfc3339
from chassis.database import Transaction
from chassis.messages import Command, Message, Result
from chassis.policies import in_force
from chassis.preconditions import stale_version
from chassis.problems import Problem
from contracts.policy import Policy
from contracts.values import dataclass
from contracts.vocabulary import LandVerdict
from services.land_check.domain import ParcelRecord
from services.land_check.domain.geometry import box_of_outline, cells_of_box
from services.land_check.domain.identity import same_text_key
from services.land_check.handlers.judging import judge_again
from services.land_check.handlers.saying import parcel_changed
from services.land_check.rules.land import parcel_verdict
from services.land_check.tables.filings import open_filings_at, watching
from services.land_check.tables.parcels import load_geometries, lock_parcels, parcel_of, save_parcels


@dataclass(frozen=True, slots=True)
class PutParcel:
    """One parcel as it shall stand; ``if_version``: only if that is its version now."""

    record: ParcelRecord
    if_version: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """The parcel's version, whether it is new, whether anything changed, and what its land is."""

    record: ParcelRecord
    version: int
    created: bool
    changed: bool
    verdict: LandVerdict


def put_parcels(batch: Sequence[Command[PutParcel]], tx: Transaction) -> Result:
    """Store single parcels, one after the other: two commands may mean the same parcel."""
    result = Result()
    for command in batch:
        result.answers.append(_put(tx, command, result.messages))
    return result


def import_parcels(batch: Sequence[Command[Sequence[ParcelRecord]]], tx: Transaction) -> Result:
    """Store whole files; the answer is the number of parcels in each."""
    result = Result()
    for command in batch:
        stored = store(tx, command.data, command)
        result.messages += stored[1]
        result.answers.append(len(command.data))
    return result


def store(tx: Transaction, records: Sequence[ParcelRecord], cause: Command[Any]) -> tuple[list[Stored], list[Message]]:
    """Store parcels of different codes. Equal ones change nothing; the others are published, and open filings there judged again."""
    rows = lock_parcels(tx, [record.code for record in records])
    outlines = load_geometries(tx, rows)
    before = {code: _record(orjson.loads(row.body), outlines.get(code)) for code, row in rows.items()}
    policy = in_force(tx)
    versions = {code: row.version for code, row in rows.items()}
    stored = [_compare(record, before.get(record.code), versions.get(record.code, 0), policy) for record in records]
    changed = [each for each in stored if each.changed]
    save_parcels(tx, [(each.record, each.version) for each in changed], rfc3339(tx.now), cause.principal.sub)
    messages = [Message.because(cause, parcel_changed(parcel_of(each.record.body, each.version), policy, tx.now)) for each in changed]
    concerned = _concerned(tx, [each.record for each in changed], [before[each.record.code] for each in changed if not each.created])
    return stored, messages + judge_again(tx, concerned, cause, policy).messages


def _put(tx: Transaction, command: Command[PutParcel], messages: list[Message]) -> Stored | Problem:
    expected = command.data.if_version
    if expected is not None:
        row = lock_parcels(tx, [command.data.record.code]).get(command.data.record.code)
        if row is None or row.version != expected:
            return stale_version(row.version if row is not None else None)
    stored, caused = store(tx, [command.data.record], command)
    messages += caused
    return stored[0]


def _compare(record: ParcelRecord, before: ParcelRecord | None, version: int, policy: Policy) -> Stored:
    same = before is not None and before.body == record.body and before.geometry == record.geometry
    version = version if same else version + 1
    verdict = parcel_verdict(parcel_of(record.body, version), policy)
    return Stored(record, version, created=before is None, changed=not same, verdict=verdict)


def _record(body: dict[str, Any], geometry: dict[str, Any] | None) -> ParcelRecord:
    return ParcelRecord(body, geometry, None if geometry is None else box_of_outline(geometry))


def _concerned(tx: Transaction, now: Sequence[ParcelRecord], before: Iterable[ParcelRecord]) -> set[str]:
    """Open filings placed on the parcels, and those filed without a code that may match them now, or may have matched before."""
    keys = {key for record in (*now, *before) for key in _match_keys(record)}
    return {*open_filings_at(tx, [record.code for record in now]), *watching(tx, keys)}


def _match_keys(record: ParcelRecord) -> list[str]:
    keys = [f"unit-on:{record.code}"]
    keys += [f"unit:{unit['unit_number']}" for unit in record.body["units"]]
    keys += [f"address:{same_text_key(address)}" for address in record.body["addresses"]]
    if record.box is not None:
        keys += [f"cell:{cell}" for cell in cells_of_box(record.box)]
    return keys
