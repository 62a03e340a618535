"""Values in Request Tracker's query language (TicketSQL, TransactionSQL)."""

from __future__ import annotations


def quoted(value: str) -> str:
    """A value that stays one value whatever a person typed; after a backslash RT takes the next as it is."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
