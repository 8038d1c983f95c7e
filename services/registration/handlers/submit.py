"""Filings come in: known references are answered again, duplicates closed, the rest put under review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chassis.clock import rfc3339
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Command, Message, Result
from chassis.policies import in_force
from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.vocabulary import FilingStatus
from services.registration import rules
from services.registration.domain import LIVE, Decision, Filing, Keys, Submission, facts_of, keys_of, keys_where_found, pending
from services.registration.errors import client_ref_reused
from services.registration.handlers import published
from services.registration.handlers.ledger import keep_new, place_of
from services.registration.tables import CLIENT_REFS, FILINGS, filing_of, same_key


def submit(batch: Sequence[Command[Submission]], tx: Transaction) -> Result:
    """Answers a ``Filing`` for each, or the 409 of a ``client_ref`` used with other content."""
    known = _known_references(batch, tx)
    twins = Twins(tx, [command.data for command in batch])
    now, policy, result = rfc3339(tx.now), in_force(tx), Result()
    new: list[tuple[Filing, Keys, str]] = []
    references: list[dict[str, str]] = []
    for command in batch:
        submission, reference = command.data, _reference(command)
        before = known.get(reference) if reference else None
        if before is not None:
            result.answers.append(before[1] if before[0] == submission.fingerprint else client_ref_reused())
            continue
        filing = _received(command, twins.first_like(submission), policy, now)
        new.append((filing, submission.keys, "filing_closed" if filing.duplicate_of else "filing_submitted"))
        twins.add(filing, submission.keys)
        event = published.closed(filing, policy) if filing.duplicate_of else published.submitted(filing, submission.facts)
        result.messages.append(Message.because(command, event))
        result.answers.append(filing)
        if reference:
            known[reference] = (submission.fingerprint, filing)
            references.append({"ref": reference, "fingerprint": submission.fingerprint, "filing_id": filing.filing_id, "created_at": now})
    keep_new(tx, new)
    tx.insert(CLIENT_REFS, references)
    return result


def _received(command: Command[Submission], first: Filing | None, policy: Policy, now: str) -> Filing:
    submission = command.data
    status, decision = FilingStatus.UNDER_REVIEW, pending(policy.ref, now)
    if first is not None:
        status, decision = FilingStatus.CLOSED_DUPLICATE, closed_beside(first, submission.facts, policy, now)
    return Filing(
        filing_id=new_id("F"),
        version=1,
        revision=1,
        status=status,
        submitted_by=command.principal.sub,
        submitted_at=rfc3339(submission.facts.submitted_at),
        uscc=submission.facts.uscc,
        request=submission.request,
        place=place_of(submission.facts),
        decision=decision,
        duplicate_of=first.filing_id if first else None,
    )


def closed_beside(first: Filing, facts: FilingFacts, policy: Policy, now: str) -> Decision:
    """The decision of a duplicate of ``first``."""
    return replace(rules.duplicate_of(first.decision, policy.is_manufacturing(facts.industry_code), policy), decided_at=now)


def _reference(command: Command[Submission]) -> str | None:
    return None if command.data.client_ref is None else f"{command.principal.sub}\n{command.data.client_ref}"


def _known_references(batch: Sequence[Command[Submission]], tx: Transaction) -> dict[str, tuple[str, Filing]]:
    """What was taken before under the references of this batch: fingerprint and filing."""
    wanted = [reference for command in batch if (reference := _reference(command))]
    if not wanted:
        return {}
    rows = tx.load(CLIENT_REFS, CLIENT_REFS.c.ref, wanted)
    filings = {row.filing_id: filing_of(row) for row in tx.load(FILINGS, FILINGS.c.filing_id, [row.filing_id for row in rows])}
    return {row.ref: (row.fingerprint, filings[row.filing_id]) for row in rows if row.filing_id in filings}


class Twins:
    """Live filings that those coming in may duplicate: one look-up for the whole batch, kept up to date within it."""

    def __init__(self, tx: Transaction, submissions: Sequence[Submission]) -> None:
        self._by_name: dict[Keys, list[Filing]] = {}
        self._by_uscc: dict[tuple[str, str], list[Filing]] = {}
        self._now: dict[str, Filing] = {}
        names, keys = {submission.keys.name for submission in submissions}, {same_key(submission.keys) for submission in submissions}
        named = [submission.facts.place for submission in submissions if submission.facts.place.parcel_code is not None]
        places = {(place.parcel_code, place.unit_number) for place in named}
        # a name may have thousands of filings: only those filed for, or matched to, a place that is filed for now are worth parsing
        rows: Mapping[str, Any] = {
            row.filing_id: row
            for row in tx.load(FILINGS, FILINGS.c.name_key, names)
            if row.same_key in keys or (row.parcel_code, row.unit_number) in places
        }
        codes = {submission.facts.uscc for submission in submissions if submission.facts.uscc}
        codes |= {row.uscc for row in rows.values() if row.uscc and row.status == FilingStatus.ACCEPTED}
        if codes:
            rows = {**rows, **{row.filing_id: row for row in tx.load(FILINGS, FILINGS.c.uscc, codes)}}
        live = [filing_of(rows[filing_id]) for filing_id in sorted(rows) if rows[filing_id].status in LIVE]
        for filing in live:
            if not rules.has_moved_away(filing, live):
                self.add(filing, keys_of(facts_of(filing.request, filing.submitted_at)))

    def add(self, filing: Filing, keys: Keys) -> None:
        """A filing as it is from now on; as it was before it is nobody's twin any more."""
        self._now[filing.filing_id] = filing
        if filing.status not in LIVE:
            return
        for each in {keys, keys_where_found(filing, keys)}:
            self._by_name.setdefault(each, []).append(filing)
            if filing.uscc is not None:
                self._by_uscc.setdefault((filing.uscc, each.place), []).append(filing)

    def first_like(self, submission: Submission, itself: str = "") -> Filing | None:
        """The earliest live filing of the same enterprise (USCC where both have one, else name), action and place, filed or matched.

        ``itself``: the filing that is amended into this.
        """
        uscc, keys = submission.facts.uscc, submission.keys
        named = self._by_name.get(keys, ())
        alike = [filing for filing in named if filing.uscc is None or uscc is None or filing.uscc == uscc]
        if uscc is not None:
            alike += self._by_uscc.get((uscc, keys.place), ())
        others = (filing for filing in alike if filing is self._now[filing.filing_id] and filing.filing_id != itself)
        return min(others, key=lambda filing: filing.filing_id, default=None)
