"""Between rows and meaning: filings, decisions and what was said, as compact JSON without the texts of the policy's catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import blake2b
from itertools import islice
from typing import Any

import orjson
from pydantic import BaseModel, TypeAdapter

from contracts.land_check import LandFindings
from contracts.policy import FIRST
from contracts.vocabulary import Fact, FilingReason, FilingStatus, Flag, LandVerdict, Outcome, PolicyRef, StatementOutcome, Tag, Unit
from services.registration.domain import (
    Appeal,
    Clock,
    Decision,
    Extension,
    Filing,
    Keys,
    Pause,
    Place,
    Reason,
    Review,
    Said,
    SetAside,
    pending,
)

NOTHING_SAID = Said()

_SET_ASIDE = TypeAdapter(tuple[SetAside, ...])


def same_key(keys: Keys) -> str:
    """What two filings of one enterprise, by name, for the same thing share: 32 hexadecimal digits."""
    return blake2b("\n".join(keys).encode(), digest_size=16).hexdigest()


def row_of(filing: Filing, due: Mapping[str, str | None], keys: Keys | None = None) -> dict[str, Any]:
    """The whole row of a filing; ``due`` are its columns of ``DUE``; ``keys`` are needed only where it is written with what was filed."""
    refuse_after = filing.decision.refuse_after
    return {
        "filing_id": filing.filing_id,
        "version": filing.version,
        "revision": filing.revision,
        "status": str(filing.status),
        "submitted_by": filing.submitted_by,
        "submitted_at": filing.submitted_at,
        "name_key": keys.name if keys else None,
        "same_key": same_key(keys) if keys else None,
        "uscc": filing.uscc,
        "township_code": filing.place.township_code,
        "parcel_code": filing.place.parcel_code,
        "unit_number": filing.place.unit_number,
        "matched_by": filing.matched_by,
        "duplicate_of": filing.duplicate_of,
        "refuse_after": refuse_after.isoformat() if refuse_after else None,
        **due,
        "request": orjson.dumps(filing.request).decode() if keys else None,
        "decision": None if _says_nothing(filing) else stored(filing.decision),
        "land": None if filing.land is None else filing.land.model_dump_json(),
        "said": None if filing.said == NOTHING_SAID else packed(filing.said),
    }


def _says_nothing(filing: Filing) -> bool:
    """Only submitted, under the first set: the decision of most rows that will ever be written, so it is not stored at all."""
    return filing.pending and filing.version == 1 and filing.decision.policy == FIRST.ref


def filing_of(row: Iterable[Any]) -> Filing:
    """The filing of a whole row."""
    # unpacked at once, in the order of the table: looking columns up by name costs more than all the rest
    values = iter(row)
    filing_id, version, revision, status, submitted_by, at, _, _, uscc = islice(values, 9)
    town, parcel, unit, matched_by, first, _, _, _, request, decision, land, said = values
    return Filing(
        filing_id=filing_id,
        version=version,
        revision=revision,
        status=FilingStatus(status),
        submitted_by=submitted_by,
        submitted_at=at,
        uscc=uscc,
        request=orjson.loads(request),
        place=Place(town, parcel, unit),
        decision=decision_of(decision, at),
        matched_by=matched_by,
        land=None if land is None else LandFindings.model_validate_json(land),
        said=said_in(said),
        duplicate_of=first,
    )


def stored(decision: Decision) -> str:
    """A decision as JSON; pending under the first set is the moment alone."""
    if decision.land_verdict is LandVerdict.PENDING and decision.outcome is Outcome.HOLD:
        named = {} if decision.policy == FIRST.ref else {"policy": [decision.policy.id, decision.policy.version]}
        return orjson.dumps({"pending": decision.decided_at, **named}).decode()
    return orjson.dumps(
        {
            "outcome": decision.outcome,
            "land_verdict": decision.land_verdict,
            "statement": decision.statement,
            "policy": [decision.policy.id, decision.policy.version],
            "reasons": [(reason.code, reason.due, reason.variant, reason.refuses) for reason in decision.reasons],
            "flags": decision.flags,
            "tags": decision.tags,
            "notify": decision.notify,
            "facts": [(fact.name, fact.value, fact.source, fact.as_of) for fact in decision.facts],
            "decided_at": decision.decided_at,
            "refuse_after": decision.refuse_after,
        }
    ).decode()


def decision_of(text: str | None, submitted_at: str) -> Decision:
    """The decision of ``stored``. Nothing stored: pending under the first set."""
    if text is None:
        return pending(FIRST.ref, submitted_at)
    body = orjson.loads(text)
    if "pending" in body:
        policy = FIRST.ref if "policy" not in body else PolicyRef(id=body["policy"][0], version=body["policy"][1])
        return pending(policy, body["pending"])
    policy_id, policy_version = body["policy"]
    return Decision(
        outcome=Outcome(body["outcome"]),
        land_verdict=LandVerdict(body["land_verdict"]),
        statement=StatementOutcome(body["statement"]),
        policy=PolicyRef(id=policy_id, version=policy_version),
        reasons=tuple(Reason(FilingReason(code), _day(due), variant, refuses) for code, due, variant, refuses in body["reasons"]),
        flags=tuple(Flag(flag) for flag in body["flags"]),
        tags=tuple(Tag(tag) for tag in body["tags"]),
        notify=tuple(Unit(unit) for unit in body["notify"]),
        facts=tuple(Fact(name=name, value=value, source=source, as_of=as_of) for name, value, source, as_of in body["facts"]),
        decided_at=body["decided_at"],
        refuse_after=_day(body["refuse_after"]),
    )


def packed(said: Any) -> str:
    """What was said, or a part of it, as JSON."""
    return orjson.dumps(said, default=_as_object).decode()


def _as_object(value: Any) -> Any:
    """A decision that was set aside is kept among what was said, with its facts, which are values of the contracts."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(type(value))


def said_in(text: str | None) -> Said:
    """What was said, of the column that keeps it."""
    return NOTHING_SAID if text is None else said_of(orjson.loads(text))


def said_of(body: Mapping[str, Any]) -> Said:
    clock, appeal = body["clock"], body["appeal"]
    return Said(
        reviews=tuple(map(_review, body["reviews"])),
        cannot_provide=body["cannot_provide"],
        clock=None if clock is None else Clock(date.fromisoformat(clock["since"]), _day(clock["due"]), _pauses_in(clock.get("pauses", ()))),
        overruled=tuple(body["overruled"]),
        answers=tuple(body["answers"]),
        appeal=None if appeal is None else Appeal(**{**appeal, "documents": tuple(appeal["documents"])}),
        told=tuple(Unit(unit) for unit in body["told"]),
        pauses=_pauses(body),
        extension=Extension(**body["extension"]) if body.get("extension") else None,
        set_aside=_SET_ASIDE.validate_python(body.get("set_aside", ())),
        corrections=tuple(body.get("corrections", ())),
    )


def _review(stored: Mapping[str, Any]) -> Review:
    about = stored.get("about")
    known = {"code": FilingReason(stored["code"]), "unit": Unit(stored["unit"]), "about": None if about is None else tuple(about)}
    return Review(**{**stored, **known})


def _pauses(body: Mapping[str, Any]) -> tuple[Pause, ...]:
    """A filing stored before pauses were: it stands still since it was held for its statement."""
    if "pauses" in body:
        return _pauses_in(body["pauses"])
    return (Pause(date.fromisoformat(body["clock"]["since"])),) if body["clock"] else ()


def _pauses_in(stored: Iterable[Mapping[str, Any]]) -> tuple[Pause, ...]:
    return tuple(Pause(date.fromisoformat(pause["since"]), _day(pause["until"])) for pause in stored)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
