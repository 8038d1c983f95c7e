"""How statements go to PostgreSQL at the least cost: rows as parameters, many or one, and several statements in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import psycopg

from chassis.dialects import Cursor


def several(cursor: Cursor, *statements: str) -> list[Any]:
    """Run statements without parameters, in one round trip; the rows of the last one."""
    driven = cast(psycopg.Cursor[Any], cursor)
    driven.execute("; ".join(statements).encode(), binary=False)
    for _ in statements[1:]:
        driven.nextset()
    return driven.fetchall()


def rows_of(types: Sequence[str], *, one: bool) -> str:
    """Rows of parameters: arrays, a column each; for one row its values, which both sides read in half the time."""
    if one:
        return f"(SELECT {', '.join(f'%b::{each}' for each in types)})"
    return f"unnest({', '.join(f'%b::{each}[]' for each in types)})"


def parameters_of(rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """Of a statement with ``rows_of``, for as many."""
    return rows[0] if len(rows) == 1 else [list(column) for column in zip(*rows, strict=True)]


def _advance(*, one: bool) -> str:
    new = rows_of(("text", "text", "bigint"), one=one)
    return (  # here and below nothing but types and names of ours is put into the text
        f"INSERT INTO stream_head (topic, key, seq) SELECT * FROM {new} AS new"  # noqa: S608
        " ON CONFLICT (topic, key) DO UPDATE SET seq = stream_head.seq + excluded.seq RETURNING topic, key, seq"
    )


def _append(*, one: bool) -> str:
    """Ids are given in the order of the rows: an INSERT takes its defaults after the ORDER BY of its SELECT."""
    columns = "event_id, topic, key, seq, type, headers, body, created_at"
    new = rows_of(("text", "text", "text", "bigint", "text", "text", "bytea", "text"), one=one)
    ordered = f"{new} AS new({columns})" if one else f"{new} WITH ORDINALITY AS new({columns}, place) ORDER BY place"
    return (
        f"WITH said AS (INSERT INTO outbox ({columns}) SELECT {columns} FROM {ordered} RETURNING id)"  # noqa: S608
        " INSERT INTO outbox_pending (id) SELECT id FROM said"
    )


def _heads(*, one: bool) -> str:
    """LIMIT: so it looks up each key, where a planner without statistics would compare every key with every head."""
    wanted = rows_of(("text", "text"), one=one)
    return (
        f"SELECT h.topic, h.key, h.seq, h.event_id, h.state FROM {wanted} AS wanted(topic, key)"  # noqa: S608
        " CROSS JOIN LATERAL (SELECT * FROM inbox_head WHERE grp = %s AND topic = wanted.topic AND key = wanted.key LIMIT 1) AS h"
    )


ADVANCE = {one: _advance(one=one) for one in (False, True)}
APPEND = {one: _append(one=one) for one in (False, True)}
HEADS = {one: _heads(one=one) for one in (False, True)}
