"""The two records of counts, read without writing: the assistant's and the jobs'. SQLite or PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import Engine, column, create_engine, inspect, select, table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from common.settings import with_driver

COUNTS = table(
    "tracker_outcomes", *(column(name) for name in ("day", "channel", "row", "measure", "value", "n"))
)
PROMISES = table(
    "jobs_outcomes", *(column(name) for name in ("day", "outcome", "row", "ticket_case", "channel", "n"))
)
_SECONDS = 10
T = TypeVar("T")


class RecordError(Exception):
    """A record is there and cannot be read; the message names the setting."""


@dataclass(frozen=True)
class Count:
    """`n` times, on that day of the region; `row` is `*` for whole conversations (bot.outcomes)."""

    day: date
    channel: str
    row: str
    measure: str
    value: int
    n: int


@dataclass(frozen=True)
class Promise:
    """`n` times a promise came to that on that day (actions.jobs)."""

    day: date
    outcome: str
    row: str
    case: str
    channel: str
    n: int


@dataclass(frozen=True)
class Records:
    counts: tuple[Count, ...] = ()
    promises: tuple[Promise, ...] = ()

    @property
    def recorded(self) -> tuple[date, date] | None:
        """The first and the last day on which anything was counted."""
        days = [one.day for one in self.counts if one.n] + [one.day for one in self.promises if one.n]
        return (min(days), max(days)) if days else None


def read_records(tracker_url: str, jobs_url: str) -> Records:
    """A database or table that is not there yet holds nothing. Raises RecordError for one that fails."""
    return Records(
        tuple(_read("TRACKER_DATABASE_URL", tracker_url, COUNTS, _to_count)),
        tuple(_read("JOBS_DATABASE_URL", jobs_url, PROMISES, _to_promise)),
    )


def _read(setting: str, url: str, source: Any, convert: Callable[[Any], T]) -> Iterable[T]:
    engine = _open(url)
    if engine is None:
        return []
    try:
        with engine.connect() as connection:
            found = inspect(connection)
            if not found.has_table(source.name):
                return []
            missing = {one.name for one in source.columns} - {
                one["name"] for one in found.get_columns(source.name)
            }
            if missing:
                raise RecordError(f"{setting}: {source.name} was made by another version; restart the system")
            return [convert(row) for row in connection.execute(select(source))]
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise RecordError(f"{setting}: cannot be read ({type(error).__name__})") from error
    finally:
        engine.dispose()


def _open(url: str) -> Engine | None:
    """An engine that cannot write; None where there is no SQLite file."""
    address = make_url(with_driver(url, "pg8000"))
    if address.get_backend_name() != "sqlite":
        return create_engine(
            address,
            execution_options={"postgresql_readonly": True},
            connect_args={"timeout": _SECONDS},
            hide_parameters=True,
        )
    path = Path(address.database or "")
    if not path.is_file():
        return None
    place = f"file:{quote(str(path.absolute()))}?mode=ro"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(place, uri=True, timeout=_SECONDS))


def _to_count(row: Any) -> Count:
    return Count(date.fromisoformat(row.day), row.channel, row.row, row.measure, row.value, row.n)


def _to_promise(row: Any) -> Promise:
    return Promise(date.fromisoformat(row.day), row.outcome, row.row, row.ticket_case, row.channel, row.n)
