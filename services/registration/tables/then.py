"""A filing as it stood at an earlier version: the present one, with what each later version changed taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import Row

from contracts.vocabulary import FilingStatus, LandVerdict, Outcome
from services.registration.domain import STATUS_OF, Decision, Filing, Place
from services.registration.tables.records import decision_of, packed, said_of

SHOWN = ("answers", "appeal", "pauses", "extension", "set_aside", "corrections")
"""What was said and is shown on a filing."""


def undo_of(before: Filing, after: Filing) -> str | None:
    """What stood before and no longer stands, beside the decision, as JSON; None if nothing else changed."""
    was: dict[str, Any] = {}
    if before.request is not after.request:
        was["request"] = before.request
    if before.place != after.place:
        was["place"] = [before.place.township_code, before.place.parcel_code, before.place.unit_number]
    if before.uscc != after.uscc:
        was["uscc"] = before.uscc
    if before.said is not after.said:
        said = ((name, getattr(before.said, name), getattr(after.said, name)) for name in SHOWN)
        was |= {name: then for name, then, now in said if then != now}
    return packed(was) if was else None


def at_version(now: Filing, lines: Sequence[Row[Any]], line: Row[Any]) -> Filing:
    """The filing at the version of ``line``, one of its ``lines``."""
    then = now
    for later in reversed(lines):
        if later.version > line.version and later.undo is not None:
            then = _undone(then, orjson.loads(later.undo))
    decision = decision_of(line.decision, line.at)
    status = _status(line.event, decision)
    return replace(
        then,
        version=line.version,
        status=status,
        decision=decision,
        matched_by=None if status is FilingStatus.UNDER_REVIEW else now.matched_by,
        duplicate_of=now.duplicate_of if status is FilingStatus.CLOSED_DUPLICATE else None,
    )


def _undone(filing: Filing, was: dict[str, Any]) -> Filing:
    present = orjson.loads(packed(filing.said))
    said = said_of({**present, **{name: was[name] for name in SHOWN if name in was}})
    return replace(
        filing,
        request=was.get("request", filing.request),
        place=Place(*was["place"]) if "place" in was else filing.place,
        uscc=was.get("uscc", filing.uscc),
        said=said,
    )


def _status(event: str, decision: Decision) -> FilingStatus:
    if decision.outcome is Outcome.CLOSED:
        return FilingStatus.WITHDRAWN if event == "filing_withdrawn" else FilingStatus.CLOSED_DUPLICATE
    if decision.land_verdict is LandVerdict.PENDING:
        return FilingStatus.UNDER_REVIEW
    return STATUS_OF[decision.outcome]
