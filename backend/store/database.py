"""One engine, two kinds of transaction, and migrations at start."""

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

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 15


class Database:
    """SQLite (WAL) or PostgreSQL behind one address.

    `write()` takes SQLite's write lock at once: a transaction that first reads and then writes can then never
    fail half-way with "database is locked". On PostgreSQL rows are locked by the queries that need it.
    """

    def __init__(self, url: str) -> None:
        """`url`: `sqlite:///<file>` or `postgresql://…`; the folder of a SQLite file is made."""
        address = make_url(with_driver(url, "pg8000"))
        self.is_sqlite = address.get_backend_name() == "sqlite"
        options: dict[str, Any] = {
            "pool_size": 10,
            "max_overflow": 40,
            "pool_timeout": 10,
            "hide_parameters": True,  # an error must not carry a person's address into a log
        }
        if self.is_sqlite:
            Path(address.database or "").parent.mkdir(parents=True, exist_ok=True)
            options["connect_args"] = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
        else:
            options["pool_pre_ping"] = True
        self.engine: Engine = create_engine(address, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _configure_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    def migrate(self) -> None:
        """Bring the schema to the newest revision; processes that start together take turns."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with self.write() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('backend migrations'))"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(backend_read=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    def answers(self) -> bool:
        """True when a query comes back: what /healthz reports."""
        try:
            with self.read() as connection:
                return bool(connection.execute(text("SELECT 1 FROM backend_fact LIMIT 1")) is not None)
        except Exception:  # any failure at all means that the database does not answer
            return False

    def close(self) -> None:
        self.engine.dispose()


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not by the driver
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a ticket that was confirmed survives a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("backend_read", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
