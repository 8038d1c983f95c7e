"""The standing answer of a site: what is imposed, what is lifted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from chassis.identifiers import new_id
from contracts.policy import Policy
from services.power_grid import rules
from services.power_grid.domain import Block, FeedEntry, Known, ParcelFacts, Site, Standing


def stand(
    policy: Policy, facts: ParcelFacts, known: Known, site: Site, day: date, now: datetime
) -> tuple[Site, list[FeedEntry], list[Block]]:
    """The site with its standing answer, the feed entries this takes, and the block it begins.

    Another answer, or the same for other reasons, ends the old block and begins a new one: it is for the owners to acknowledge anew.
    Not by an amendment alone, which leaves things as they stand until the next verdict.
    """
    standing, answer = rules.standing_of(policy, facts, known, site, day)
    reasons = () if answer is None else answer.reasons
    if (standing is site.standing and reasons == site.reasons) or rules.stays_meanwhile(known, site, standing):
        return site, [], []
    entries: list[FeedEntry] = []
    seq = site.streamseq
    if site.standing is not Standing.NONE and site.block_id is not None:
        seq += 1
        entries.append(FeedEntry(f"{site.standing}_lifted", site.block_id, site.key, seq, site.reasons, now, policy.ref))
    if answer is None:
        ended = replace(site, standing=Standing.NONE, reasons=(), notify=(), block_id=None, imposed_at=None, streamseq=seq)
        return ended, entries, []
    seq += 1
    block = Block(new_id("blk_"), site.key, standing, reasons, seq, now, policy=policy.ref)
    entries.append(FeedEntry(f"{standing}_imposed", block.block_id, site.key, seq, reasons, now, policy.ref))
    begun = replace(site, standing=standing, reasons=reasons, notify=answer.notify, block_id=block.block_id, imposed_at=now, streamseq=seq)
    return replace(begun, policy=policy.ref), entries, [block]
