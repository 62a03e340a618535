"""The jobs database: SQLite (WAL) or PostgreSQL, two kinds of transaction, migrations at start."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from common.settings import with_driver

log = logging.getLogger(__name__)

_MIGRATIONS = Path(__file__).parent / "jobs" / "migrations"
_BUSY_SECONDS = 4
_SCRUB_SECONDS = 0.25
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

    def migrate(self, revision: str = "head") -> None:
        """Bring the tables to the newest revision, or back to an older one.

        Server and workers that start together take turns.
        """
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with self.write() as connection:
            if not self._is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            config.attributes["connection"] = connection
            move = command.upgrade if revision == "head" else command.downgrade
            move(config, revision)

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

    def scrub(self) -> None:
        """Empty SQLite's write-ahead log, in which deleted text would stay on.

        Never raises; what somebody else holds up for too long is left to the next time.
        """
        if not self._is_sqlite:
            return
        try:
            with closing(self.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
                cursor.execute(f"PRAGMA busy_timeout={int(_SCRUB_SECONDS * 1000)}")
                try:
                    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                    busy = any(row[0] for row in cursor.fetchall())
                finally:
                    cursor.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")
        except (sqlite3.Error, SQLAlchemyError) as error:
            log.warning("the write-ahead log was not emptied: %s", type(error).__name__)
            return
        if busy:
            log.info("the write-ahead log is in use; it is emptied later")

    def close(self) -> None:
        self.engine.dispose()


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # _begin_sqlite begins transactions, not the driver
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA secure_delete=ON")  # a deleted draft leaves no text in the file; see `scrub`
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("jobs_read"):
        connection.exec_driver_sql("BEGIN")
        return
    # FULL: a promise that was spoken survives a power cut.
    connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if options.get('jobs_relaxed') else 'FULL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
