"""The ordered feed of blocks and holds, the blocks themselves, and the snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pydantic import TypeAdapter
from sqlalchemy import select, update

from chassis.database import Transaction
from services.power_grid.domain import Block, FeedEntry, Site, Standing
from services.power_grid.tables.rows import BLOCKS, FEED, FEED_HEADS, SITES

_ENTRY = TypeAdapter(FeedEntry)
_BLOCK = TypeAdapter(Block)
_SITE = TypeAdapter(Site)
_HEAD = "blocks"


def append_feed(tx: Transaction, entries: Sequence[FeedEntry]) -> None:
    """Append in order. Positions are taken under one row lock held until COMMIT: whoever reads up to a position has missed nothing."""
    if not entries:
        return
    step = update(FEED_HEADS).where(FEED_HEADS.c.name == _HEAD).values(position=FEED_HEADS.c.position + len(entries))
    last = tx.execute(step.returning(FEED_HEADS.c.position)).scalar_one()
    first = last - len(entries) + 1
    tx.insert(
        FEED,
        [{"position": position, "body": _ENTRY.dump_json(entry).decode()} for position, entry in enumerate(entries, first)],
    )


def feed_head(tx: Transaction) -> int:
    """The position of the newest entry, 0 before the first."""
    position: int = tx.rows(select(FEED_HEADS.c.position).where(FEED_HEADS.c.name == _HEAD))[0].position
    return position


def feed_after(tx: Transaction, position: int, limit: int) -> list[tuple[int, FeedEntry]]:
    rows = tx.rows(select(FEED).where(FEED.c.position > position).order_by(FEED.c.position).limit(limit))
    return [(row.position, _ENTRY.validate_json(row.body)) for row in rows]


def standing_sites(tx: Transaction) -> list[Site]:
    """Every site with a standing hold or block."""
    rows = tx.rows(select(SITES.c.body).where(SITES.c.standing != str(Standing.NONE)))
    return [_SITE.validate_json(row.body) for row in rows]


def blocks_of(tx: Transaction, block_ids: Collection[str]) -> dict[str, Block]:
    if not block_ids:
        return {}
    return {row.block_id: _BLOCK.validate_json(row.body) for row in tx.lock(BLOCKS, BLOCKS.c.block_id, sorted(block_ids))}


def load_blocks(tx: Transaction, block_ids: Collection[str]) -> dict[str, Block]:
    """The same for reading, without a lock."""
    return {row.block_id: _BLOCK.validate_json(row.body) for row in tx.load(BLOCKS, BLOCKS.c.block_id, block_ids)}


def save_blocks(tx: Transaction, blocks: Iterable[Block]) -> None:
    tx.upsert(BLOCKS, [{"block_id": block.block_id, "body": _BLOCK.dump_json(block).decode()} for block in blocks])
