"""Policy sets that were handed in, and the signatures under their activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Row, Table, Text, select, tuple_
from sqlmodel import Field

from chassis.database import Transaction
from services.registration.tables.rows import RegistrationRow


class PolicySetRow(RegistrationRow, table=True):
    """A set as it was handed in; never changed."""

    __tablename__ = "policy_set"

    policy_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    body: str = Field(sa_column=Column(Text, nullable=False))
    recorded_at: str
    recorded_by: str


class SignatureRow(RegistrationRow, table=True):
    """One of the two signatures that activate a set."""

    __tablename__ = "policy_signature"

    policy_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    sub: str
    at: str
    effective_from: str
    reason: str


POLICY_SETS: Table = PolicySetRow.__table__  # type: ignore[attr-defined]
SIGNATURES: Table = SignatureRow.__table__  # type: ignore[attr-defined]


def policy_sets(tx: Transaction, after: Sequence[Any] | None, limit: int) -> Sequence[Row[Any]]:
    """A page of sets by id and version, one row more than ``limit`` if there is a next page."""
    query = select(POLICY_SETS).order_by(POLICY_SETS.c.policy_id, POLICY_SETS.c.version).limit(limit + 1)
    if after is not None:
        policy_id, version = after
        later = (POLICY_SETS.c.policy_id == policy_id) & (POLICY_SETS.c.version > version)
        query = query.where((POLICY_SETS.c.policy_id > policy_id) | later)
    return tx.rows(query)


def policy_set(tx: Transaction, policy_id: str, version: int) -> Row[Any] | None:
    rows = tx.rows(select(POLICY_SETS).where(POLICY_SETS.c.policy_id == policy_id, POLICY_SETS.c.version == version))
    return rows[0] if rows else None


def signatures(tx: Transaction, sets: Sequence[tuple[str, int]]) -> dict[tuple[str, int], list[Row[Any]]]:
    """Those under each of the sets, by id and version, in the order in which they were given; a set without any is left out."""
    query = select(SIGNATURES).where(tuple_(SIGNATURES.c.policy_id, SIGNATURES.c.version).in_(sets))
    found: dict[tuple[str, int], list[Row[Any]]] = {}
    for row in tx.rows(query.order_by(SIGNATURES.c.at)):
        found.setdefault((row.policy_id, row.version), []).append(row)
    return found
