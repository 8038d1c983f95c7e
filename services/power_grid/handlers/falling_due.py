"""What falls due on the power side: blocks and holds that an owner has not acknowledged, and watch periods that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from chassis.clock import today
from chassis.database import Transaction
from chassis.policies import in_force
from contracts.values import dataclass
from contracts.vocabulary import Unit
from services.power_grid import rules, tables
from services.power_grid.domain import ParcelFacts, SiteKey
from services.power_grid.handlers.blocks import OWNERS
from services.power_grid.handlers.settling import township_of

ACKNOWLEDGEMENT, WATCH_PERIOD = "acknowledgement", "watch_period"


@dataclass(frozen=True, slots=True)
class Due:
    """``due`` None: no calendar reaches that far. ``owner`` is to act until the end of that day, or to know that it ends then."""

    kind: str
    site: SiteKey
    township_code: str | None
    block_id: str | None
    due: date | None
    owner: Unit


def falling_due(tx: Transaction) -> list[Due]:
    """Everything that falls due, in no order."""
    standing = [site.block_id for site in tables.standing_sites(tx) if site.block_id is not None]
    blocks = [block for block in tables.load_blocks(tx, standing).values() if any(unit not in block.acknowledged for unit in OWNERS)]
    watched = tables.watched_parcels(tx)
    facts = tables.load_facts(tx, sorted({*watched, *(block.site.parcel_code for block in blocks)}))
    unseen = [
        Due(ACKNOWLEDGEMENT, block.site, _township(facts, block.site), block.block_id, rules.seen_by(today(block.imposed_at)), unit)
        for block in blocks
        for unit in OWNERS
        if unit not in block.acknowledged
    ]
    return [*unseen, *_watches(tx, {code: facts[code] for code in watched})]


def _watches(tx: Transaction, facts: dict[str, ParcelFacts]) -> Iterator[Due]:
    policy, day = in_force(tx), today(tx.now)
    for code, sites in tables.load_sites(tx, facts).items():
        for site in sites.values():
            until = None if site.next_look is None else rules.known_at(policy, facts[code], site.key.unit_number).watch_until
            if until is not None and until >= day:
                yield Due(WATCH_PERIOD, site.key, _township(facts, site.key), None, until, Unit.MGO)


def _township(facts: dict[str, ParcelFacts], site: SiteKey) -> str | None:
    return township_of(facts[site.parcel_code], None)
