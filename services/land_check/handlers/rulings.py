"""What the map office settles about one filing: the part of a mixed parcel, and the township that answers for the place."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.database import Transaction
from chassis.messages import Command, Received, Result
from chassis.policies import in_force
from contracts.registration import FilingReviewed
from contracts.values import dataclass
from contracts.vocabulary import FilingReason
from services.land_check.domain import Filing, Part
from services.land_check.errors import filing_not_found, not_mixed
from services.land_check.handlers.judging import Case, judge
from services.land_check.handlers.placing import place
from services.land_check.rules.land import is_mixed_before_any_ruling
from services.land_check.tables.filings import lock_filings, save_filings


@dataclass(frozen=True, slots=True)
class ResolveUnit:
    """In which part of its mixed parcel the filing lies."""

    filing_id: str
    part: Part
    reason: str


@dataclass(frozen=True, slots=True)
class SetTownship:
    """Which township answers for the place."""

    filing_id: str
    township_code: str
    reason: str


def units_resolved(batch: Sequence[Command[ResolveUnit]], tx: Transaction) -> Result:
    """Name the part; the last word counts. Published also for a decided filing: the power side asks what its place is now."""
    filings = lock_filings(tx, sorted({command.data.filing_id for command in batch}))
    place(tx, list(filings.values()), {})
    result = Result()
    for command in batch:
        filing = filings.get(command.data.filing_id)
        if filing is None or filing.site is None:
            result.answers.append(filing_not_found())
        elif not is_mixed_before_any_ruling(filing.site, in_force(tx)):
            result.answers.append(not_mixed())
        else:
            filing.rulings.part, filing.rulings.part_reason = command.data.part, command.data.reason
            result.messages += judge(tx, [Case(filing, command)], in_force(tx)).messages
            result.answers.append(filing)
    return result


def townships_set(batch: Sequence[Command[SetTownship]], tx: Transaction) -> Result:
    """Settle a dispute or a wrong filing: the named township is asked, also one that had returned the request."""
    filings = lock_filings(tx, sorted({command.data.filing_id for command in batch}))
    result = Result()
    for command in batch:
        filing = filings.get(command.data.filing_id)
        if filing is None:
            result.answers.append(filing_not_found())
            continue
        _set_township(filing, command.data)
        result.messages += judge(tx, [Case(filing, command)], in_force(tx)).messages
        result.answers.append(filing)
    return result


def disputes_ended(batch: Sequence[Received[FilingReviewed]], tx: Transaction) -> Result:
    """The map office cleared a dispute: the township that returned the request is the right one after all, and is asked again.

    Heard twice, or of an earlier request than the one in dispute, it changes nothing.
    """
    words = {received.event.filing_id: received for received in batch if _ends_a_dispute(received.event)}
    if not words:
        return Result()
    filings = [filing for filing in lock_filings(tx, sorted(words)).values() if _is_disputed(filing, words[filing.filing_id].event.about)]
    for filing in filings:
        filing.rulings.disputed_township = None
    save_filings(tx, [(filing, ()) for filing in filings if not filing.is_open])  # asked again should it be reopened
    return Result(judge(tx, [Case(filing, words[filing.filing_id]) for filing in filings if filing.is_open], in_force(tx)).messages)


def _ends_a_dispute(event: FilingReviewed) -> bool:
    return event.code == FilingReason.TOWNSHIP_DISPUTED and event.result == "clear"


def _is_disputed(filing: Filing, about: Sequence[str]) -> bool:
    """``about``: the request that was returned, as the map office knew it; empty: not known."""
    return filing.rulings.disputed_township is not None and (not about or filing.rulings.request_id in about)


def _set_township(filing: Filing, settled: SetTownship) -> None:
    rulings = filing.rulings
    before = filing.site.township_code if filing.site is not None else None
    rulings.township_code, rulings.township_reason = settled.township_code, settled.reason
    rulings.disputed_township = None
    if before != settled.township_code:
        rulings.declined = False
