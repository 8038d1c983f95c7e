"""The words of the units that own holds: each was given for the facts of that moment, and counts while they are those of now."""

from __future__ import annotations

from contracts.land_check import LandFindings
from contracts.vocabulary import FilingReason
from services.registration.domain import Review, Said

GIVEN_FOR = ("open_entries", "park_id", "admission_id", "disputed_request")
"""Of the land findings, what a word is given for."""


def is_about(code: FilingReason, land: LandFindings) -> tuple[str, ...] | None:
    """What a word on that hold is given for: open list entries, the park and its newest admission, the returned request.

    None: what is filed. That need not be named, since an amendment takes every word away.
    """
    match code:
        case FilingReason.OPEN_LIST_REVIEW:
            return land.open_entries
        case FilingReason.PARK_ADMISSION_MISSING:
            return tuple(str(known) for known in (land.park_id, land.park_admission, land.admission_id) if known is not None)
        case FilingReason.TOWNSHIP_DISPUTED:
            return () if land.disputed_request is None else (land.disputed_request,)
    return None


def word_on(code: FilingReason, land: LandFindings, said: Said) -> Review | None:
    """The last word on a hold that still counts."""
    return next((word for word in reversed(said.reviews) if word.code == code and counts(word, land)), None)


def counts(word: Review, land: LandFindings) -> bool:
    """A clearance counts while nothing has come that it was not given for, a refusal while something that it was given for is there."""
    now = is_about(word.code, land)
    if word.about is None or now is None or word.about == now:
        return True
    return set(now) <= set(word.about) if word.result == "clear" else not set(now).isdisjoint(word.about)
