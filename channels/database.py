"""The gateway's engine, SQLite (WAL) or PostgreSQL, and the way to the newest tables."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event

from common.settings import with_driver

log = logging.getLogger(__name__)

VERSION_TABLE = "alembic_version_gateway"

# How transactions begin in SQLite. One that will write takes its lock at once: taking it midway may fail
# without a retry. FULL: what a person typed outlives a power cut, not only the end of the process.
_READ = ("BEGIN",)
_WRITE = ("PRAGMA synchronous=FULL", "BEGIN IMMEDIATE")
_WRITE_AGAIN = ("PRAGMA synchronous=NORMAL", "BEGIN IMMEDIATE")

_BUSY_MS = 5_000
# Everybody who writes waits for so long.
_SCRUB_WITHIN_MS = 300

_MIGRATIONS = Path(__file__).with_name("migrations")


class Database:
    """Short transactions. SQLite has one writer at a time: a lock here is quicker than its busy loop."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._writing = self.engine.execution_options(gateway_begin=_WRITE)
        self._writing_again = self.engine.execution_options(gateway_begin=_WRITE_AGAIN)
        self._one_writer: AbstractContextManager[Any] = (
            threading.Lock() if self.engine.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def write(self, *, recoverable: bool = False) -> Iterator[Connection]:
        """`recoverable`: what is written here comes again by itself should a power cut take it.

        Only SQLite makes use of that: it does not wait for the disk, but the next write brings it there too.
        The end of the process, however sudden, takes nothing.
        """
        engine = self._writing_again if recoverable else self._writing
        with self._one_writer, engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def migrate(self) -> None:
        """Bring the tables to the newest form; each room's migrations have a version table of their own."""
        if self.engine.dialect.name == "sqlite" and self.engine.url.database:
            Path(self.engine.url.database).parent.mkdir(parents=True, exist_ok=True)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        with self.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def scrub(self) -> bool:
        """Empty SQLite's write-ahead log, which holds deleted text until then. False: it is in use."""
        if self.engine.dialect.name != "sqlite":
            return True
        with self._one_writer, closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            try:
                cursor.execute(f"PRAGMA busy_timeout={_SCRUB_WITHIN_MS}")
                busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.Error as error:
                log.warning("the write-ahead log could not be emptied (%s)", type(error).__name__)
                return False
            finally:
                cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
                cursor.close()
        return not busy

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(
            with_driver(url, "pg8000"), pool_pre_ping=True, pool_size=8, max_overflow=4, hide_parameters=True
        )
    engine = create_engine(
        url,
        connect_args={"timeout": _BUSY_MS / 1000, "isolation_level": None},
        pool_use_lifo=True,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        cursor = connection.connection.cursor()
        for statement in connection.get_execution_options().get("gateway_begin", _READ):
            cursor.execute(statement)
        cursor.close()

    return engine
