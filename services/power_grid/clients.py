"""Outgoing calls: what the land side reads under a candidate policy set, for what-ifs only. No clearance waits for another service."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import httpx
from pydantic import ValidationError

from chassis.http import CORRELATION_HEADER
from chassis.what_if import Question, Sets
from contracts.land_check import LandFindings
from contracts.what_if import MOST_ASKED, LandReading, LandTrial

FINDINGS = "/land-check/v1/findings:what-if"
FINDINGS_SECONDS = 60.0


class LandCheckUnreachable(Exception):  # noqa: N818 - says what it is
    """No answer, or none that can be used."""


@dataclass(frozen=True, slots=True)
class Land:
    """What the land side reads under each set: by filing id the revision and its findings, by parcel code the verdicts."""

    filings: Mapping[str, tuple[int, tuple[LandFindings, ...]]]
    parcels: Mapping[str, tuple[LandReading, ...]]


@dataclass(frozen=True, slots=True)
class LandSide:
    """The land side, asked in the caller's name."""

    peers: httpx.AsyncClient | None
    headers: Mapping[str, str]
    correlation_id: str

    async def readings(self, filing_ids: Collection[str], parcel_codes: Collection[str], question: Question, sets: Sets) -> Land:
        """Of the filings and parcels it knows. Raises LandCheckUnreachable, also while it decides by another set than the one here."""
        filings: dict[str, tuple[int, tuple[LandFindings, ...]]] = {}
        parcels: dict[str, tuple[LandReading, ...]] = {}
        ids, codes = iter(sorted(filing_ids)), iter(sorted(parcel_codes))
        while (some := list(islice(ids, MOST_ASKED))) + (others := list(islice(codes, MOST_ASKED))):
            answer = await self._ask(some, others, question)
            if not answer.is_by(sets.present.ref, sets.alone):
                raise LandCheckUnreachable("it has not heard of the set in force yet")
            filings |= answer.of_filings()
            parcels |= answer.of_parcels()
        return Land(filings, parcels)

    async def _ask(self, filing_ids: Sequence[str], parcel_codes: Sequence[str], question: Question) -> LandTrial:
        if self.peers is None:
            raise LandCheckUnreachable("no way to other services is set up")
        passed_on = {CORRELATION_HEADER: self.correlation_id, "Authorization": self.headers.get("authorization", "")}
        body = {
            "filing_ids": filing_ids,
            "parcel_codes": parcel_codes,
            "switches": dict(question.switches),
            "policy_set": question.policy_set,
        }
        try:
            response = await self.peers.post(FINDINGS, json=body, headers=passed_on, timeout=FINDINGS_SECONDS)
            return LandTrial.model_validate_json(response.raise_for_status().content)
        except (httpx.HTTPError, ValidationError) as error:
            raise LandCheckUnreachable(type(error).__name__) from error
