"""Rows of registration, the queries on them, and their way to and from meaning."""

from services.registration.tables import policies
from services.registration.tables.records import NOTHING_SAID, decision_of, filing_of, row_of, said_in, same_key, stored
from services.registration.tables.rows import (
    CLIENT_REFS,
    FILED,
    FILINGS,
    HISTORY,
    PLACED,
    RIGHTS,
    STANDING,
    RegistrationRow,
    Search,
    by_id,
    by_ids,
    deciders,
    history,
    overdue,
    save,
    search,
    undecided,
)
from services.registration.tables.then import at_version, undo_of

__all__ = [
    "CLIENT_REFS",
    "FILED",
    "FILINGS",
    "HISTORY",
    "NOTHING_SAID",
    "PLACED",
    "RIGHTS",
    "STANDING",
    "RegistrationRow",
    "Search",
    "at_version",
    "by_id",
    "by_ids",
    "deciders",
    "decision_of",
    "filing_of",
    "history",
    "overdue",
    "policies",
    "row_of",
    "said_in",
    "same_key",
    "save",
    "search",
    "stored",
    "undecided",
    "undo_of",
]
