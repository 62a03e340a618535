"""The tracker store's tables and their version.

How a change of the tables goes: add a function to `_STEPS` under the next number; it gets an open connection
and alters what the steps before it left. At start every missing step runs, each in one transaction with the
new version number, so a process that dies in between starts again where it stopped. A database that is newer
than this code is refused, not guessed at. Tables carry the prefix `tracker_`, so that all rooms may share one
PostgreSQL database.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

metadata = sa.MetaData()

# One row per conversation: how many events and turns its log holds. Appending checks the number of events it
# read against this row, so two processes can never append to the same place. `tally` is what the conversation
# counts as in `outcomes` so far (JSON of `bot.outcomes.Tally`, since version 2).
conversations = sa.Table(
    "tracker_conversations",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Column("turns", sa.Integer, nullable=False),
    sa.Column("tally", sa.Text),
)

# The full log, append-only. `turn` counts the person's messages; `turn_id` is set on those only.
events = sa.Table(
    "tracker_events",
    metadata,
    sa.Column("conversation", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("turn_id", sa.Text),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
)
sa.Index("tracker_events_turn_id", events.c.conversation, events.c.turn_id)

# State after event `seq` (the first `turn` turns), from which a conversation is continued without its whole
# log.
snapshots = sa.Table(
    "tracker_snapshots",
    metadata,
    sa.Column("conversation", sa.Text, primary_key=True),
    sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
)

# One row that the health check writes and reads back.
health = sa.Table(
    "tracker_health",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("checks", sa.Integer, nullable=False),
)

# How many conversations and turns came to what, per day of the region, channel and row (docs/report.md). Only
# counts: no ids, no times of day, not even the order in which they were written. Deletion leaves them alone.
outcomes = sa.Table(
    "tracker_outcomes",
    metadata,
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("row", sa.Text, primary_key=True),
    sa.Column("measure", sa.Text, primary_key=True),
    sa.Column("value", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

schema = sa.Table(
    "tracker_schema",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
)


class SchemaTooNew(Exception):
    """The database was made by a newer version of this program."""


def _create_first_tables(connection: sa.engine.Connection) -> None:
    columns = "id TEXT NOT NULL PRIMARY KEY, events INTEGER NOT NULL, turns INTEGER NOT NULL"
    connection.execute(sa.text(f"CREATE TABLE {conversations.name} ({columns})"))
    metadata.create_all(connection, tables=[events, snapshots, health])


def _add_outcomes(connection: sa.engine.Connection) -> None:
    connection.execute(sa.text(f"ALTER TABLE {conversations.name} ADD COLUMN tally TEXT"))
    metadata.create_all(connection, tables=[outcomes])


_STEPS: dict[int, Callable[[sa.engine.Connection], None]] = {1: _create_first_tables, 2: _add_outcomes}
LATEST = max(_STEPS)


def bring_up_to_date(engine: sa.engine.Engine) -> None:
    """Run the steps that this database has not seen; raises SchemaTooNew or SQLAlchemy's own errors."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Replicas may start together; this lock ends with the transaction.
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7461001)"))
        schema.create(connection, checkfirst=True)
        version = connection.execute(sa.select([sa.func.max(schema.c.version)])).scalar() or 0
        if version > LATEST:
            raise SchemaTooNew(f"its tables have version {version}; this program knows version {LATEST}")
        for number in range(version + 1, LATEST + 1):
            _STEPS[number](connection)
            connection.execute(schema.insert().values(version=number))
