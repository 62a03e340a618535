"""The tables, all named `jobs_…` so that rooms can share one PostgreSQL.

`due_at` is the clock's time, which the sandbox can move. `held_until`, `first_tried` and `seen` are
real seconds since 1970: leases and back-off must not jump with the clock.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Float, Index, Integer, MetaData, String, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; SQLite alone would hand back a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


queue = Table(
    "jobs_queue",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(250), nullable=False, unique=True),
    Column("kind", String(30), nullable=False),
    Column("state", String(10), nullable=False),
    Column("conversation_id", String(130), nullable=False, index=True),
    Column("due_at", Moment, nullable=False),
    Column("held_until", Float, nullable=False),
    Column("owner", String(60)),
    Column("attempts", Integer, nullable=False),
    Column("first_tried", Float, nullable=False),
    Column("refs", JSON, nullable=False),
    Column("result", JSON, nullable=False),
    Column("draft_id", Integer),
    Column("error", String(200)),
    Index("ix_jobs_queue_state_due_at", "state", "due_at"),
    sqlite_autoincrement=True,
)

# The only table with personal data; a row goes when its job is over or its conversation is deleted.
drafts = Table(
    "jobs_drafts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", String(130), nullable=False, index=True),
    Column("made_at", Float, nullable=False),
    Column("content", JSON, nullable=False),
    sqlite_autoincrement=True,
)

# How often what came of promises, per day of the region, for reports. Only counts: no id, no time of day, not
# even the order in which they were written leads back to a person or a conversation. Empty text: not known.
outcomes = Table(
    "jobs_outcomes",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("outcome", String(40), primary_key=True),
    Column("row", String(60), primary_key=True),
    Column("ticket_case", String(10), primary_key=True),
    Column("channel", String(30), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

heartbeats = Table(
    "jobs_heartbeats",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("seen", Float, nullable=False),
)
