"""A row is the same whether it travels alone or with others: a dialect may have a statement for each."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, LargeBinary, MetaData, Table, Text, select

from chassis.testing import database
from chassis.transaction import Transaction

pytestmark = pytest.mark.usefixtures("backend")

of_every_type = MetaData()
thing = Table(
    "thing",
    of_every_type,
    Column("id", Text, primary_key=True),
    Column("text", Text),
    Column("n", Integer, nullable=False),
    Column("large", BigInteger),
    Column("bytes", LargeBinary),
    Column("done", Boolean),
    Column("part", Float),
)


@pytest.mark.parametrize("size", [1, 2])
async def test_a_row_comes_back_as_it_was_written_alone_or_in_company(size: int) -> None:
    written = [
        ("text", "键'\\", 1, 2**62, b"\x00\xff", True, 0.1),
        ("other", "", -(2**31), -(2**62), b"", False, -1e300),
        ("nothing", None, 0, None, None, None, None),
    ]
    names = [column.name for column in thing.columns]
    with database(of_every_type) as db:

        def work(tx: Transaction, more: int) -> None:
            rows = [dict(zip(names, (*row[:2], row[2] + more, *row[3:]), strict=True)) for row in written]
            for place in range(0, len(rows), size):
                tx.upsert(thing, rows[place : place + size])
                keys: list[Any] = [row["id"] for row in rows[place : place + size]]
                tx.update(thing, ("text", "id"), [(f"{key}'", key) for key in keys])
                assert sorted(row.text for row in tx.load(thing, thing.c.id, keys)) == sorted(f"{key}'" for key in keys)
                tx.update(thing, ("text", "id"), [(row["text"], row["id"]) for row in rows[place : place + size]])

        for more in (1, 0):
            await db.write(partial(work, more=more))
        rows = await db.read(lambda tx: tx.load(thing, thing.c.id, [row[0] for row in written]))
        assert sorted(map(tuple, rows)) == sorted(written)
        await db.write(lambda tx: tx.delete(thing, thing.c.id, [row[0] for row in written[:size]]))
        assert len(await db.read(lambda tx: tx.rows(select(thing)))) == 3 - size
