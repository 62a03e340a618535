"""Outcomes become counts per day: a moment of its own for each could be found again on a ticket.

What was written before is counted under its day in UTC; the region's is not known to a migration.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NAMES = (("day", 10), ("outcome", 40), ("row", 60), ("ticket_case", 10), ("channel", 30))


def upgrade() -> None:
    op.rename_table("jobs_outcomes", "jobs_outcomes_listed")
    counts = op.create_table(
        "jobs_outcomes",
        *(sa.Column(name, sa.String(length), primary_key=True) for name, length in _NAMES),
        sa.Column("n", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    listed = sa.table("jobs_outcomes_listed", *(sa.column(name) for name in ("at", *dict(_NAMES))))
    if op.get_bind().dialect.name == "postgresql":
        day = sa.func.to_char(sa.func.timezone("UTC", listed.c["at"]), "YYYY-MM-DD")
    else:
        day = sa.func.substr(listed.c["at"], 1, 10)
    known = [sa.func.coalesce(listed.c[name], "").label(name) for name in ("row", "ticket_case", "channel")]
    facts = sa.select(day.label("day"), listed.c.outcome, *known).subquery().c
    counted = sa.select(*facts, sa.func.count()).group_by(*facts)
    op.execute(counts.insert().from_select([*dict(_NAMES), "n"], counted))
    op.drop_table("jobs_outcomes_listed")


def downgrade() -> None:
    """The table as it was, and empty: moments that were not kept cannot come back."""
    op.drop_table("jobs_outcomes")
    op.create_table(
        "jobs_outcomes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("row", sa.String(60)),
        sa.Column("ticket_case", sa.String(10)),
        sa.Column("channel", sa.String(30)),
        sa.Column("started_at", sa.DateTime(timezone=True)),
    )
