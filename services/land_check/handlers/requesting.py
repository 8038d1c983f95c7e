"""Statement requests: opened where a statement is wanted and nobody was asked, taken back where it is wanted no more; while one is
pending, its flags are those of its filing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson

from chassis.clock import rfc3339, today
from chassis.database import Transaction
from chassis.deadlines import working_days_after, working_days_between
from chassis.identifiers import new_id
from contracts.land_check import StatementRequested
from contracts.policy import Policy
from contracts.reference import codes_of
from contracts.vocabulary import Flag, LandVerdict, StatementOutcome
from services.land_check.domain import Filing, RequestStatus, Rulings, Site, Standing
from services.land_check.handlers.saying import TOLD_OF_REQUEST
from services.land_check.rules.flags import flags_of_place
from services.land_check.rules.statements import is_in_village
from services.land_check.tables.statements import cancel_requests, flag_requests, open_requests

ANSWERED = (RequestStatus.ISSUED, RequestStatus.DECLINED)


@dataclass(slots=True)
class RequestBook:
    """The requests opened and taken back in one unit of work. ``flagged``: the flags, as stored, of each filing with a pending one."""

    now: datetime
    policy: Policy
    opened: list[dict[str, Any]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    flagged: dict[str, str] = field(default_factory=dict)

    def settle(self, filing: Filing, site: Site, verdict: LandVerdict, stands: Standing) -> StatementRequested | None:
        """Bring the filing's request in line with how it stands; what is to be said if one was opened."""
        rulings = filing.rulings
        if stands.outcome is StatementOutcome.REQUIRED_VALID:
            rulings.due = None  # the notice was answered in time: should a paper be wanted later, a new one begins
        wanted = is_wanted(filing, site, verdict, stands)
        moved = rulings.request_township is None or site.township_code not in codes_of(rulings.request_township)
        if rulings.request_status is RequestStatus.PENDING and (not wanted or moved):
            self.cancelled.append(filing.filing_id)
            rulings.request_status = RequestStatus.CANCELLED
        answered = rulings.request_status in ANSWERED and not moved
        if rulings.request_status is RequestStatus.PENDING:
            self.flagged[filing.filing_id] = _stored(self._flags(filing, site, verdict, stands))
            return None
        return self._open(filing, site, self._flags(filing, site, verdict, stands)) if wanted and not answered else None

    def write(self, tx: Transaction) -> None:
        """Old requests first: the new one of the same filing stays pending."""
        if self.cancelled:
            cancel_requests(tx, self.cancelled)
        if self.flagged:
            flag_requests(tx, self.flagged)
        open_requests(tx, self.opened)

    def _flags(self, filing: Filing, site: Site, verdict: LandVerdict, stands: Standing) -> tuple[Flag, ...]:
        """As the filing itself is flagged: where the register does not say whether it is a village, by the paper it has."""
        return flags_of_place(filing.facts, site, verdict, is_in_village(site.parcel, stands.paper), self.policy)

    def _open(self, filing: Filing, site: Site, flags: tuple[Flag, ...]) -> StatementRequested:
        facts, rulings = filing.facts, filing.rulings
        rulings.due = self._due(rulings)
        rulings.disputed_on = None
        rulings.request_id = new_id("sr-")
        rulings.request_status = RequestStatus.PENDING
        rulings.request_township = site.township_code
        self.opened.append(_row(filing, site, flags, rfc3339(self.now)))
        return StatementRequested(
            filing_id=filing.filing_id,
            enterprise_name=facts.enterprise_name,
            township_code=site.township_code,
            parcel_code=site.parcel_code,
            unit_number=site.unit_number,
            notify=TOLD_OF_REQUEST,
            statement_request_id=rulings.request_id,
            flags=flags,
            due=rulings.due,
        )

    def _due(self, rulings: Rulings) -> date | None:
        """The day of the first request; it has moved by the working days on which nobody knew which township to ask."""
        day, due, since = today(self.now), rulings.due, rulings.disputed_on
        if due is None:
            return working_days_after(day, self.policy.switches.missing_statement_grace_days)
        left = None if since is None else working_days_between(since, due)
        return due if left is None else working_days_after(day, left)


def is_wanted(filing: Filing, site: Site, verdict: LandVerdict, stands: Standing) -> bool:
    """Non-industrial land, no valid statement, and no dispute about which township answers for the place."""
    missing = stands.outcome in (StatementOutcome.REQUIRED_MISSING, StatementOutcome.REQUIRED_INVALID)
    undisputed = filing.rulings.disputed_township != site.township_code
    return filing.is_open and verdict is LandVerdict.NON_INDUSTRIAL and missing and undisputed


def _row(filing: Filing, site: Site, flags: tuple[Flag, ...], at: str) -> dict[str, Any]:
    place, rulings = filing.facts.place, filing.rulings
    return {
        "statement_request_id": rulings.request_id,
        "version": 1,
        "filing_id": filing.filing_id,
        "township_code": site.township_code,
        "enterprise_name": filing.facts.enterprise_name,
        "parcel_code": site.parcel_code,
        "unit_number": site.unit_number,
        "address": place.address,
        "flags": _stored(flags),
        "status": RequestStatus.PENDING.value,
        "requested_at": at,
        "due": None if rulings.due is None else rulings.due.isoformat(),
        "statement_id": None,
        "reason": None,
        "suggested_township_code": None,
    }


def _stored(flags: tuple[Flag, ...]) -> str:
    return orjson.dumps(flags).decode()
