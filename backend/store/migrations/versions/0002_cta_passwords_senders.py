"""Training records of their own, passwords, links to choose one, who sent a mail.

Trainings belonged to HMIS accounts; they belong to accounts of the training academy (CTA), which people have
before an HMIS account and keep across employers.
"""

from __future__ import annotations

import uuid
from typing import Any
from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def upgrade() -> None:
    op.create_table(
        "backend_cta_account",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("address_key", sa.String(320), nullable=False, unique=True),
        sa.Column("given", sa.String(100), nullable=False),
        sa.Column("family", sa.String(100), nullable=False),
        sa.Column("employer", sa.String(200), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "backend_cta_training",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "cta_id",
            sa.String(36),
            sa.ForeignKey("backend_cta_account.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("course", sa.String(20), nullable=False),
        sa.Column("completed_at", _MOMENT, nullable=False),
    )
    # SQL that both databases take; Alembic would add the reference in a second step, unknown to SQLite.
    op.execute("ALTER TABLE backend_account ADD COLUMN cta_id VARCHAR(36) REFERENCES backend_cta_account(id)")
    op.create_index("ix_backend_account_cta_id", "backend_account", ["cta_id"])
    _move_trainings(op.get_bind())
    op.drop_table("backend_training")
    _passwords()
    op.add_column("backend_mail", sa.Column("sender", sa.String(320)))


def _passwords() -> None:
    op.create_table(
        "backend_password",
        sa.Column(
            "account_id",
            sa.String(36),
            sa.ForeignKey("backend_account.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("hash", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
    )
    op.create_table(
        "backend_password_link",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column(
            "account_id",
            sa.String(36),
            sa.ForeignKey("backend_account.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("made_at", _MOMENT, nullable=False),
    )


def _move_trainings(connection: sa.Connection) -> None:
    """Whoever completed a course gets an account of the academy, named as the HMIS account is."""
    old = sa.table("backend_training", *map(sa.column, ("account_id", "course", "completed_at")))
    account = sa.table(
        "backend_account",
        sa.column("id"),
        sa.column("profile", sa.JSON),
        sa.column("created_at"),
        sa.column("cta_id"),
    )
    new = sa.table("backend_cta_training", *map(sa.column, ("cta_id", "course", "completed_at")))
    with_trainings = sa.select(old.c.account_id)
    made: dict[str, str] = {}
    for row in (
        connection.execute(sa.select(account).where(account.c.id.in_(with_trainings))).mappings().all()
    ):
        values = _to_cta(row)
        key = values["address_key"]
        if key not in made:
            made[key] = values["id"]
            connection.execute(_cta().insert().values(values))
        connection.execute(account.update().where(account.c.id == row["id"]).values(cta_id=made[key]))
        completed = sa.select(sa.literal(made[key]), old.c.course, old.c.completed_at)
        completed = completed.where(old.c.account_id == row["id"]).order_by(old.c.completed_at)
        connection.execute(new.insert().from_select(["cta_id", "course", "completed_at"], completed))


def _cta() -> sa.TableClause:
    names = ("id", "address", "address_key", "given", "family", "employer", "created_at")
    return sa.table("backend_cta_account", *map(sa.column, names))


def _to_cta(row: sa.RowMapping) -> dict[str, Any]:
    profile: dict[str, Any] = row["profile"]
    emails = sorted(profile.get("emails") or [], key=lambda entry: not entry.get("primary"))
    address = next((entry["value"] for entry in emails if entry.get("value")), profile["userName"])
    name = profile.get("name") or {}
    return {
        "id": str(uuid.uuid4()),
        "address": address,
        "address_key": normalize("NFC", address.strip()).casefold(),
        "given": str(name.get("givenName") or "")[:100],
        "family": str(name.get("familyName") or profile.get("displayName") or profile["userName"])[:100],
        "employer": str((profile.get(_ENTERPRISE) or {}).get("organization") or "")[:200],
        "created_at": row["created_at"],
    }
