"""Grades, parks and admissions as the map office records them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from chassis.clock import rfc3339
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Command, Message, Result
from chassis.policies import in_force
from contracts.land_check import GradeRecorded, ParkAdmissionRecorded
from contracts.values import dataclass
from contracts.vocabulary import AdmissionStatus, Grade
from services.land_check.domain import ParkKind
from services.land_check.errors import not_found
from services.land_check.handlers.judging import judge_again
from services.land_check.handlers.saying import TOLD_OF_ADMISSIONS
from services.land_check.tables.filings import watching
from services.land_check.tables.registers import admission_keys, load_grades
from services.land_check.tables.rows import ADMISSION, GRADE, PARK


@dataclass(frozen=True, slots=True)
class PutGrades:
    """The per-mu grades of one year, each enterprise once."""

    year: int
    grades: tuple[tuple[str, Grade], ...]


@dataclass(frozen=True, slots=True)
class PutPark:
    park_id: str
    name: str
    kind: ParkKind
    township_code: str


@dataclass(frozen=True, slots=True)
class NewAdmission:
    park_id: str
    enterprise_name: str
    uscc: str | None
    unit_number: str | None
    status: AdmissionStatus
    decided_on: date


def grades_put(batch: Sequence[Command[PutGrades]], tx: Transaction) -> Result:
    """Store grades; the same enterprise and year replaces, an equal grade says nothing."""
    result = Result()
    for command in batch:
        year, grades = command.data.year, command.data.grades
        before = load_grades(tx, [uscc for uscc, _ in grades])
        changed = [(uscc, grade) for uscc, grade in grades if (year, grade) not in before.get(uscc, ())]
        at = rfc3339(tx.now)
        tx.upsert(GRADE, [{"uscc": uscc, "year": year, "grade": grade.value, "recorded_at": at} for uscc, grade in changed])
        for uscc, grade in changed:
            result.messages.append(Message.because(command, GradeRecorded(uscc=uscc, year=year, grade=grade)))
        concerned = watching(tx, [f"uscc:{uscc}" for uscc, _ in changed])
        result.messages += judge_again(tx, concerned, command, in_force(tx)).messages
        result.answers.append(len(grades))
    return result


def parks_put(batch: Sequence[Command[PutPark]], tx: Transaction) -> Result:
    """Store parks. Answers the row and whether it is new."""
    result = Result()
    for command in batch:
        park = command.data
        found = tx.lock(PARK, PARK.c.park_id, [park.park_id])
        row: dict[str, Any] = {
            "park_id": park.park_id,
            "version": 1,
            "name": park.name,
            "kind": park.kind.value,
            "township_code": park.township_code,
        }
        if found:
            row["version"] = found[0].version
            if dict(found[0]._mapping) != row:
                row["version"] += 1
        tx.upsert(PARK, [row])
        result.answers.append((row, not found))
    return result


def admissions_recorded(batch: Sequence[Command[NewAdmission]], tx: Transaction) -> Result:
    """Record a park's word on an enterprise; open filings in that park are judged again."""
    townships = {row.park_id: row.township_code for row in tx.load(PARK, PARK.c.park_id, {command.data.park_id for command in batch})}
    result = Result()
    for command in batch:
        if command.data.park_id not in townships:
            result.answers.append(not_found("该园区", "park"))
            continue
        row = _admission_row(command, tx)
        tx.insert(ADMISSION, [row])
        result.messages.append(Message.because(command, _recorded(command.data, row["admission_id"], townships[command.data.park_id])))
        concerned = watching(tx, [f"park:{command.data.park_id}"])
        result.messages += judge_again(tx, concerned, command, in_force(tx)).messages
        result.answers.append(row)
    return result


def _admission_row(command: Command[NewAdmission], tx: Transaction) -> dict[str, Any]:
    new = command.data
    by_name, by_uscc = admission_keys(new.park_id, new.enterprise_name, new.uscc)
    return {
        "admission_id": new_id("pa-"),
        "park_id": new.park_id,
        "enterprise_name": new.enterprise_name,
        "uscc": new.uscc,
        "unit_number": new.unit_number,
        "status": new.status.value,
        "decided_on": new.decided_on.isoformat(),
        "by_name": by_name,
        "by_uscc": by_uscc,
        "recorded_at": rfc3339(tx.now),
        "recorded_by": command.principal.sub,
    }


def _recorded(new: NewAdmission, admission_id: str, township_code: str) -> ParkAdmissionRecorded:
    return ParkAdmissionRecorded(
        admission_id=admission_id,
        park_id=new.park_id,
        enterprise_name=new.enterprise_name,
        uscc=new.uscc,
        status=new.status,
        decided_on=new.decided_on,
        unit_number=new.unit_number,
        township_code=township_code,
        notify=TOLD_OF_ADMISSIONS,
    )
