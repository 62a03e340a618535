"""Alembic's entry: runs inside the transaction that `actions.database` opened and locked."""

from __future__ import annotations

from alembic import context

from actions.jobs.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="alembic_version_jobs",
    include_name=lambda name, kind, parents: kind != "table" or str(name).startswith("jobs_"),
)
with context.begin_transaction():
    context.run_migrations()
