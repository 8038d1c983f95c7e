"""The chassis' own tables, one set in every service's database. Times are RFC 3339 text in UTC."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import DDL, BigInteger, Column, Identity, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, event, text

metadata = MetaData()


class Rights(NamedTuple):
    """What a service's role may do besides reading. It inserts into all of its tables, updates those that are not ``append_only``,
    deletes from those that are ``emptied``, and defines nothing: the role that migrates owns the tables.
    """

    append_only: frozenset[str] = frozenset()
    emptied: frozenset[str] = frozenset()


RIGHTS = Rights(append_only=frozenset({"outbox", "policy_activation"}), emptied=frozenset({"outbox_pending", "idempotency"}))
"""Of the tables below. Events that were said can be neither changed nor taken back, and a policy set that decided stays as it was."""


_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for INTEGER

stream_head = Table(
    "stream_head",  # the last sequence number given to an event of each (topic, key)
    metadata,
    Column("topic", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",  # every event this service said; never changed
    metadata,
    Column("id", _ID, Identity(always=True), primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Text, nullable=False),
    UniqueConstraint("topic", "key", "seq"),
    sqlite_autoincrement=True,  # an id is never given twice, also after old rows are removed
)

outbox_pending = Table(
    "outbox_pending",  # which of them the bus has not confirmed
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
)

# a queue: rows come and go at its head all day, and whoever reads it passes the dead ones until they are cleaned away
_QUEUE = "ALTER TABLE outbox_pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)"
event.listen(outbox_pending, "after_create", DDL(_QUEUE).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]

consumer_offset = Table(
    "consumer_offset",  # how far this service has read, written in the transaction of the effects
    metadata,
    Column("grp", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),  # grows with every claim: a late owner finds another number and stops
    Column("started_at", BigInteger, nullable=False),  # the offset where this group began to read
    Column("updated_at", Text, nullable=False),
    sqlite_with_rowid=False,
)

inbox_head = Table(
    "inbox_head",  # the last event applied of each (topic, key)
    metadata,
    Column("grp", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("event_id", Text),
    Column("state", Integer, nullable=False),  # inbox.OPEN, PARKED or GAP
    sqlite_with_rowid=False,
)

dead_letter = Table(
    "dead_letter",  # quarantine: what could not be processed and what waits behind it, raw as received
    metadata,
    Column("id", _ID, Identity(always=True), primary_key=True),
    Column("grp", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("off", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("seq", BigInteger),
    Column("event_id", Text),
    Column("type", Text),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("original_body", LargeBinary),  # as received, once an operator has superseded it
    Column("status", Text, nullable=False),  # retrying, parked, held; replayed, discarded, superseded
    Column("reason", Text, nullable=False),  # temporary, handler, permanent, decode, headers, conflict, gap, behind
    Column("error_class", Text),
    Column("error_text", Text),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Text),
    Column("first_seen_at", Text, nullable=False),
    Column("resolved_at", Text),
    Column("resolved_by", Text),
    Column("resolution_note", Text),
    UniqueConstraint("grp", "topic", "part", "off"),
    sqlite_autoincrement=True,
)

_OPEN = text("status IN ('retrying', 'parked', 'held')")
Index("dead_letter_open", dead_letter.c.grp, dead_letter.c.topic, dead_letter.c.key, sqlite_where=_OPEN, postgresql_where=_OPEN)
_DUE = text("next_attempt_at IS NOT NULL")
Index("dead_letter_due", dead_letter.c.next_attempt_at, sqlite_where=_DUE, postgresql_where=_DUE)

idempotency = Table(
    "idempotency",  # the answer given to each Idempotency-Key
    metadata,
    Column("subject", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary),
    Column("created_at", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index("idempotency_age", idempotency.c.created_at)

policy_activation = Table(
    "policy_activation",  # the policy sets this service has heard of: from ``effective_from`` on each decides, see policies.py
    metadata,
    Column("policy_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("effective_from", Text, nullable=False),
    Column("activated_at", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("body", Text, nullable=False),
)

policy_sweep = Table(
    "policy_sweep",  # how far what is open has been judged again since another set came into force
    metadata,
    Column("task", Text, primary_key=True),
    Column("before", Text, nullable=False),  # digest of the set that was in force before
    Column("digest", Text, nullable=False),
    Column("after", Text, nullable=False),  # the last key that is done
    Column("done", Integer, nullable=False),
)
