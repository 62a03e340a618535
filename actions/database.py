"""The jobs database: SQLite (WAL) or PostgreSQL, two kinds of transaction, migrations at start."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from common.settings import with_driver

_MIGRATIONS = Path(__file__).parent / "jobs" / "migrations"
_BUSY_SECONDS = 4
_MIGRATION_LOCK = 5_054_218_317  # any number that nobody else on this PostgreSQL uses


class Database:
    """Transactions are short; nothing is called over the network inside one."""

    def __init__(self, url: str) -> None:
        """`url`: `sqlite:///<file>` or `postgresql://…`; the folder of a SQLite file is made."""
        address = make_url(with_driver(url, "pg8000"))
        self._is_sqlite = address.get_backend_name() == "sqlite"
        # A failed statement must not print its parameters: they hold people's answers.
        options: dict[str, Any] = {
            "hide_parameters": True,
            "pool_size": 8,
            "max_overflow": 24,
            "pool_timeout": 4,
        }
        if self._is_sqlite:
            Path(address.database or "").parent.mkdir(parents=True, exist_ok=True)
            options["connect_args"] = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
        else:
            options["pool_pre_ping"] = True
            options["connect_args"] = {"timeout": _BUSY_SECONDS}
        self.engine: Engine = create_engine(address, **options)
        if self._is_sqlite:
            event.listen(self.engine, "connect", _configure_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    def migrate(self) -> None:
        """Bring the tables to the newest revision; server and workers that start together take turns."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with self.write() as connection:
            if not self._is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(jobs_read=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, relaxed: bool = False) -> Iterator[Connection]:
        """On SQLite the write lock is taken at once, so that reading first and writing then cannot fail.

        `relaxed`: a power cut may undo it; spares the wait for the disk where nothing was promised.
        """
        with (
            self.engine.connect().execution_options(jobs_relaxed=relaxed) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # _begin_sqlite begins transactions, not the driver
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA secure_delete=ON")  # a deleted draft leaves no text in the file
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("jobs_read"):
        connection.exec_driver_sql("BEGIN")
        return
    # FULL: a promise that was spoken survives a power cut.
    connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if options.get('jobs_relaxed') else 'FULL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
