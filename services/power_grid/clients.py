"""Outgoing calls: what the land side reads under a candidate policy set, for what-ifs only. No clearance waits for another service."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice

from chassis.peers import Peers, PeerUnreachable
from chassis.what_if import Question, Sets
from contracts.land_check import LandFindings
from contracts.values import dataclass
from contracts.what_if import MOST_ASKED, LandReading, LandTrial

FINDINGS = "/land-check/v1/findings:what-if"
FINDINGS_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Land:
    """What the land side reads under each set: by filing id the revision and its findings, by parcel code the verdicts."""

    filings: Mapping[str, tuple[int, tuple[LandFindings, ...]]]
    parcels: Mapping[str, tuple[LandReading, ...]]


async def readings(peers: Peers, filing_ids: Collection[str], parcel_codes: Collection[str], question: Question, sets: Sets) -> Land:
    """Of the filings and parcels it knows. Raises PeerUnreachable, also while it decides by another set than the one here."""
    filings: dict[str, tuple[int, tuple[LandFindings, ...]]] = {}
    parcels: dict[str, tuple[LandReading, ...]] = {}
    ids, codes = iter(sorted(filing_ids)), iter(sorted(parcel_codes))
    while (some := list(islice(ids, MOST_ASKED))) + (others := list(islice(codes, MOST_ASKED))):
        answer = await _ask(peers, some, others, question)
        if not answer.is_by(sets.present.ref, sets.alone):
            raise PeerUnreachable("it has not heard of the set in force yet")
        filings |= answer.of_filings()
        parcels |= answer.of_parcels()
    return Land(filings, parcels)


async def _ask(peers: Peers, filing_ids: Sequence[str], parcel_codes: Sequence[str], question: Question) -> LandTrial:
    body = {
        "filing_ids": filing_ids,
        "parcel_codes": parcel_codes,
        "switches": dict(question.switches),
        "policy_set": question.policy_set,
    }
    return await peers.ask_for(LandTrial, FINDINGS, body, FINDINGS_SECONDS)
