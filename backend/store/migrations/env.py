"""Alembic's entry: runs on the connection that Database.migrate() opened, with this room's version table."""

from __future__ import annotations

from alembic import context

from backend.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="alembic_version_backend",
    include_name=lambda name, kind, parents: kind != "table" or (name or "").startswith("backend_"),
    transaction_per_migration=False,
)
context.run_migrations()
