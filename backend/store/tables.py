"""The tables, all named `backend_…` so that rooms can share one PostgreSQL. Times are UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; SQLite would otherwise hand back a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("expected an aware datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


cta_accounts = Table(
    "backend_cta_account",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("address", String(320), nullable=False),
    Column("address_key", String(320), nullable=False, unique=True),
    Column("given", String(100), nullable=False),
    Column("family", String(100), nullable=False),
    Column("employer", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
)

trainings = Table(
    "backend_cta_training",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column(
        "cta_id",
        String(36),
        ForeignKey("backend_cta_account.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("course", String(20), nullable=False),
    Column("completed_at", Moment, nullable=False),
)

accounts = Table(
    "backend_account",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user_name_key", String(320), nullable=False, unique=True),
    Column("external_id", String(320), index=True),
    Column("profile", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("modified_at", Moment, nullable=False),
    Column("last_login", Moment),
    Column("reactivated_on", Moment),
    Column("disabled_on", Moment),
    Column("queued_on", Moment),
    Column("processed_on", Moment),
    Column("locked_until", Moment),
    Column("wrong_passwords", Integer, nullable=False, default=0),
    Column("password_set_on", Moment),
    Column("temporary_password_on", Moment),
    Column("cta_id", String(36), ForeignKey("backend_cta_account.id"), index=True),
)

account_emails = Table(
    "backend_account_email",
    metadata,
    Column("account_id", String(36), ForeignKey("backend_account.id", ondelete="CASCADE"), primary_key=True),
    Column("address_key", String(320), primary_key=True),
    Index("ix_backend_account_email_address_key", "address_key"),
)

passwords = Table(
    "backend_password",
    metadata,
    Column("account_id", String(36), ForeignKey("backend_account.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", String(200), nullable=False),
    Column("kind", String(10), nullable=False),
)

password_links = Table(
    "backend_password_link",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column(
        "account_id",
        String(36),
        ForeignKey("backend_account.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("made_at", Moment, nullable=False),
)

tickets = Table(
    "backend_ticket",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("status", String(10), nullable=False),
    Column("requester_key", String(320), nullable=False, index=True),
    Column("draft", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("waiting_since", Moment, nullable=False),
    Index("ix_backend_ticket_status_waiting", "status", "waiting_since"),
    sqlite_autoincrement=True,
)

replies = Table(
    "backend_ticket_reply",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("ticket_id", Integer, ForeignKey("backend_ticket.id"), nullable=False),
    Column("key", String(200), nullable=False),
    Column("author", String(10), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("ticket_id", "key", name="uq_backend_ticket_reply_key"),
)

mails = Table(
    "backend_mail",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(200), unique=True),
    Column("to", String(320), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sender", String(320)),
)

facts = Table(
    "backend_fact",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", Text, nullable=False),
)
