"""Conversations, turns, messages, erasures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_conversations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("next_seq", sa.Integer, nullable=False),
        sa.Column("next_place", sa.Integer, nullable=False),
    )
    op.create_index("ix_gateway_conversations_expires_at", "gateway_conversations", ["expires_at"])
    op.create_table(
        "gateway_turns",
        sa.Column("turn_id", sa.String(120), primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(64),
            sa.ForeignKey("gateway_conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("said", sa.JSON, nullable=False),
        sa.Column("identity", sa.JSON, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.UniqueConstraint("conversation_id", "place", name="gateway_turns_place"),
    )
    op.create_index("gateway_turns_state", "gateway_turns", ["state", "conversation_id"])
    op.create_table(
        "gateway_messages",
        sa.Column(
            "conversation_id",
            sa.String(64),
            sa.ForeignKey("gateway_conversations.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("turn_id", sa.String(120), nullable=False),
        sa.Column("client_id", sa.String(80)),
        sa.Column("sender", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("buttons", sa.JSON, nullable=False),
        sa.Column("image", sa.Text),
        sa.Column("at", sa.String(40), nullable=False),
        sa.UniqueConstraint("conversation_id", "message_id", name="gateway_messages_id"),
    )
    op.create_index("ix_gateway_messages_turn_id", "gateway_messages", ["turn_id"])
    op.create_table(
        "gateway_erasures",
        sa.Column("conversation_id", sa.String(64), primary_key=True),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("gateway_erasures", "gateway_messages", "gateway_turns", "gateway_conversations"):
        op.drop_table(table)
