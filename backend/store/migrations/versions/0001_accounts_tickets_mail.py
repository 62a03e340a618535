"""Accounts, trainings, tickets, replies, mails.

Spelled out instead of created from `tables.py`: a revision must keep meaning what it meant when it shipped.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _accounts()
    _desk()
    op.create_table(
        "backend_mail",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(200), unique=True),
        sa.Column("to", sa.String(320), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_table(
        "backend_fact",
        sa.Column("name", sa.String(50), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def _accounts() -> None:
    op.create_table(
        "backend_account",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("user_name_key", sa.String(320), nullable=False, unique=True),
        sa.Column("external_id", sa.String(320), index=True),
        sa.Column("profile", sa.JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("modified_at", _MOMENT, nullable=False),
        sa.Column("last_login", _MOMENT),
        sa.Column("reactivated_on", _MOMENT),
        sa.Column("disabled_on", _MOMENT),
        sa.Column("queued_on", _MOMENT),
        sa.Column("processed_on", _MOMENT),
        sa.Column("locked_until", _MOMENT),
        sa.Column("wrong_passwords", sa.Integer, nullable=False),
        sa.Column("password_set_on", _MOMENT),
        sa.Column("temporary_password_on", _MOMENT),
    )
    op.create_table(
        "backend_account_email",
        sa.Column(
            "account_id",
            sa.String(36),
            sa.ForeignKey("backend_account.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("address_key", sa.String(320), primary_key=True),
        sa.Index("ix_backend_account_email_address_key", "address_key"),
    )
    op.create_table(
        "backend_training",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "account_id",
            sa.String(36),
            sa.ForeignKey("backend_account.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("course", sa.String(20), nullable=False),
        sa.Column("completed_at", _MOMENT, nullable=False),
    )


def _desk() -> None:
    op.create_table(
        "backend_ticket",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(200), nullable=False, unique=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("requester_key", sa.String(320), nullable=False, index=True),
        sa.Column("draft", sa.JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("waiting_since", _MOMENT, nullable=False),
        sa.Index("ix_backend_ticket_status_waiting", "status", "waiting_since"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "backend_ticket_reply",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("ticket_id", sa.Integer, sa.ForeignKey("backend_ticket.id"), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("author", sa.String(10), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.UniqueConstraint("ticket_id", "key", name="uq_backend_ticket_reply_key"),
    )
