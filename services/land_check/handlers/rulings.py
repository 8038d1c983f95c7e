"""What the map office settles about one filing: the part of a mixed parcel, and the township that answers for the place."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.database import Transaction
from chassis.messages import Command, Result
from chassis.policies import in_force
from contracts.values import dataclass
from services.land_check.domain import Filing, Part
from services.land_check.errors import filing_not_found, not_mixed
from services.land_check.handlers.judging import Case, judge
from services.land_check.handlers.placing import place
from services.land_check.rules.land import is_mixed_before_any_ruling
from services.land_check.tables.filings import lock_filings


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


def _set_township(filing: Filing, settled: SetTownship) -> None:
    rulings = filing.rulings
    before = filing.site.township_code if filing.site is not None else None
    rulings.township_code, rulings.township_reason = settled.township_code, settled.reason
    rulings.disputed_township = None
    if before != settled.township_code:
        rulings.declined = False
