"""Parcels, filings, statements, registers and lists."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    _create_parcels()
    _create_filings()
    _create_statements()
    _create_registers()


def _index_of_known(name: str, table: str, column: str) -> None:
    where = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def _create_parcels() -> None:
    op.create_table(
        "parcel",
        sa.Column("parcel_code", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("township_code", sa.String, nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_parcel_township", "parcel", ["township_code", "parcel_code"])
    op.create_table(
        "parcel_history",
        sa.Column("parcel_code", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("valid_from", sa.String, nullable=False),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
        sa.Column("body", sa.String, nullable=False),
    )
    op.create_table(
        "parcel_geometry",
        sa.Column("parcel_code", sa.String, primary_key=True),
        sa.Column("geometry", sa.String, nullable=False),
        sa.Column("west", sa.Float, nullable=False),
        sa.Column("south", sa.Float, nullable=False),
        sa.Column("east", sa.Float, nullable=False),
        sa.Column("north", sa.Float, nullable=False),
    )
    op.create_index("ix_parcel_geometry_west", "parcel_geometry", ["west"])
    op.create_table(
        "parcel_cell",
        sa.Column("cell", sa.String, primary_key=True),
        sa.Column("parcel_code", sa.String, primary_key=True),
    )
    op.create_index("ix_parcel_cell_parcel", "parcel_cell", ["parcel_code"])
    op.create_table(
        "parcel_address",
        sa.Column("address_key", sa.String, primary_key=True),
        sa.Column("parcel_code", sa.String, primary_key=True),
    )
    op.create_index("ix_parcel_address_parcel", "parcel_address", ["parcel_code"])
    op.create_table(
        "parcel_unit",
        sa.Column("unit_number", sa.String, primary_key=True),
        sa.Column("parcel_code", sa.String, primary_key=True),
    )
    op.create_index("ix_parcel_unit_parcel", "parcel_unit", ["parcel_code"])


def _create_filings() -> None:
    op.create_table(
        "filing",
        sa.Column("filing_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("submitted_on", sa.String, nullable=False),
        sa.Column("facts", sa.String, nullable=False),
        sa.Column("rulings", sa.String),
        sa.Column("parcel_code", sa.String),
        sa.Column("unit_number", sa.String),
        sa.Column("township_code", sa.String, nullable=False),
        sa.Column("matched_by", sa.String),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("open_parcel", sa.String),
    )
    _index_of_known("ix_filing_open_parcel", "filing", "open_parcel")
    op.create_table(
        "filing_watch",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("filing_id", sa.String, primary_key=True),
    )
    op.create_index("ix_filing_watch_filing", "filing_watch", ["filing_id"])


def _create_statements() -> None:
    op.create_table(
        "statement",
        sa.Column("statement_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("check_code", sa.String, nullable=False, unique=True),
        sa.Column("filing_id", sa.String),
        sa.Column("township_code", sa.String, nullable=False),
        sa.Column("parcel_code", sa.String),
        sa.Column("enterprise_key", sa.String, nullable=False),
        sa.Column("uscc", sa.String),
        sa.Column("unbound_parcel", sa.String),
        sa.Column("body", sa.String, nullable=False),
    )
    op.create_index("ix_statement_enterprise", "statement", ["enterprise_key"])
    op.create_index("ix_statement_filing", "statement", ["filing_id"])
    op.create_index("ix_statement_parcel", "statement", ["parcel_code"])
    op.create_index("ix_statement_township", "statement", ["township_code"])
    _index_of_known("ix_statement_unbound", "statement", "unbound_parcel")
    op.create_table(
        "statement_request",
        sa.Column("statement_request_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("filing_id", sa.String, nullable=False),
        sa.Column("township_code", sa.String, nullable=False),
        sa.Column("enterprise_name", sa.String, nullable=False),
        sa.Column("parcel_code", sa.String),
        sa.Column("unit_number", sa.String),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("flags", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("requested_at", sa.String, nullable=False),
        sa.Column("due", sa.String),
        sa.Column("statement_id", sa.String),
        sa.Column("reason", sa.String),
        sa.Column("suggested_township_code", sa.String),
    )
    op.create_index("ix_statement_request_filing", "statement_request", ["filing_id"])
    op.create_index("ix_statement_request_parcel", "statement_request", ["parcel_code"])
    op.create_index("ix_statement_request_township", "statement_request", ["township_code", "status"])


def _create_registers() -> None:
    op.create_table(
        "grade",
        sa.Column("uscc", sa.String, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("grade", sa.String, nullable=False),
        sa.Column("recorded_at", sa.String, nullable=False),
    )
    op.create_table(
        "park",
        sa.Column("park_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("township_code", sa.String, nullable=False),
    )
    op.create_table(
        "park_admission",
        sa.Column("admission_id", sa.String, primary_key=True),
        sa.Column("park_id", sa.String, nullable=False),
        sa.Column("enterprise_name", sa.String, nullable=False),
        sa.Column("uscc", sa.String),
        sa.Column("unit_number", sa.String),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("decided_on", sa.String, nullable=False),
        sa.Column("by_name", sa.String, nullable=False),
        sa.Column("by_uscc", sa.String),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_park_admission_name", "park_admission", ["by_name"])
    _index_of_known("ix_park_admission_uscc", "park_admission", "by_uscc")
    op.create_table(
        "list_entry",
        sa.Column("entry_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("list", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("cause", sa.String),
        sa.Column("enterprise_name", sa.String),
        sa.Column("uscc", sa.String),
        sa.Column("controller_name", sa.String),
        sa.Column("controller_uscc", sa.String),
        sa.Column("parcel_code", sa.String),
        sa.Column("unit_number", sa.String),
        sa.Column("township_code", sa.String),
        sa.Column("found_on", sa.String, nullable=False),
        sa.Column("due", sa.String),
        sa.Column("steps", sa.String, nullable=False),
        sa.Column("open_parcel", sa.String),
        sa.Column("open_controller_name", sa.String),
        sa.Column("open_controller_uscc", sa.String),
    )
    _index_of_known("ix_list_entry_open_name", "list_entry", "open_controller_name")
    _index_of_known("ix_list_entry_open_parcel", "list_entry", "open_parcel")
    _index_of_known("ix_list_entry_open_uscc", "list_entry", "open_controller_uscc")
    op.create_index("ix_list_entry_parcel", "list_entry", ["parcel_code"])
    op.create_index("ix_list_entry_township", "list_entry", ["township_code"])
