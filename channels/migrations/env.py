"""Alembic's entry: runs on the connection that `channels.database` hands in, inside its transaction."""

from __future__ import annotations

from alembic import context

from channels.database import VERSION_TABLE
from channels.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    include_name=lambda name, kind, _parents: kind != "table" or str(name).startswith("gateway_"),
)
context.run_migrations()
