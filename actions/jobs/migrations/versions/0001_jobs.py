"""Jobs, drafts, outcomes and heartbeats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "jobs_queue",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(250), nullable=False, unique=True),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("conversation_id", sa.String(130), nullable=False, index=True),
        sa.Column("due_at", _moment, nullable=False),
        sa.Column("held_until", sa.Float, nullable=False),
        sa.Column("owner", sa.String(60)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first_tried", sa.Float, nullable=False),
        sa.Column("refs", sa.JSON, nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
        sa.Column("draft_id", sa.Integer),
        sa.Column("error", sa.String(200)),
        sa.Index("ix_jobs_queue_state_due_at", "state", "due_at"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "jobs_drafts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(130), nullable=False, index=True),
        sa.Column("made_at", sa.Float, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "jobs_outcomes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", _moment, nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("row", sa.String(60)),
        sa.Column("ticket_case", sa.String(10)),
        sa.Column("channel", sa.String(30)),
        sa.Column("started_at", _moment),
    )
    op.create_table(
        "jobs_heartbeats",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("seen", sa.Float, nullable=False),
    )


def downgrade() -> None:
    for table in ("jobs_heartbeats", "jobs_outcomes", "jobs_drafts", "jobs_queue"):
        op.drop_table(table)
