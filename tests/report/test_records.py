"""Both records as the rooms write them, read back without writing; and the command around it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert

import bot.tracker_schema
from actions.database import Database
from actions.jobs import tables as jobs
from report import records
from report.records import Count, Promise, RecordError, Records, read_records
from tests.support.postgres_server import postgres_programs
from tests.support.stack import ROOT, python_of

DATABASES = ["sqlite", *(["postgresql"] if postgres_programs() else [])]
DAY = date(2026, 11, 23)
COUNTS = (Count(DAY, "web", "*", "came.in", 0, 2), Count(DAY, "web", "*", "said.minutes", 7, 2))
PROMISES = (Promise(DAY, "ticket_filed", "reactivate_account", "2", "web", 3),)
WRITE = """
import sys
from bot import tracker_schema
from bot.outcome_counts import OutcomeCounts
from bot.outcomes import Key
from bot.tracker_store import make_engine
engine = make_engine(sys.argv[1])
tracker_schema.bring_up_to_date(engine)
for _ in range(2):
    with engine.execution_options(writes=True).begin() as connection:
        keys = [("came.in", 0), ("said.minutes", 7)]
        OutcomeCounts.load().add(connection, {Key("2026-11-23", "web", "*", *key): 1 for key in keys})
"""


@pytest.fixture(params=DATABASES)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Addresses of an empty tracker and jobs database; in PostgreSQL they are one."""
    if request.param == "postgresql":
        shared = request.getfixturevalue("postgres").new_database()
        return shared, shared
    return f"sqlite:///{tmp_path}/tracker.db", f"sqlite:///{tmp_path}/jobs.db"


def write_counts(url: str) -> None:
    """As the assistant does, in its own environment."""
    environ = {**os.environ, "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    done = subprocess.run(
        [python_of("bot"), "-W", "ignore", "-c", WRITE, url],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def write_promises(url: str) -> None:
    database = Database(url)
    database.migrate()
    with database.write() as connection:
        about = {"row": "reactivate_account", "ticket_case": "2", "channel": "web"}
        values = {"day": "2026-11-23", "outcome": "ticket_filed", **about, "n": 3}
        connection.execute(insert(jobs.outcomes).values(values))
    database.close()


def test_read_as_they_are_written(urls: tuple[str, str]) -> None:
    assert read_records(*urls) == Records()
    write_counts(urls[0])
    assert read_records(*urls) == Records(COUNTS, ())
    write_promises(urls[1])
    found = read_records(*urls)
    assert (sorted(found.counts, key=repr), found.promises) == (sorted(COUNTS, key=repr), PROMISES)
    assert found.recorded == (DAY, DAY)


def test_the_columns_are_the_rooms() -> None:
    counts, promises = bot.tracker_schema.outcomes, jobs.outcomes
    assert (records.COUNTS.name, records.PROMISES.name) == (counts.name, promises.name)
    assert {one.name for one in records.COUNTS.columns} == {one.name for one in counts.columns}
    assert {one.name for one in records.PROMISES.columns} == {one.name for one in promises.columns}


def test_reading_writes_nothing(urls: tuple[str, str]) -> None:
    write_promises(urls[1])
    engine = records._open(urls[1])
    assert engine is not None
    with engine.connect() as connection, pytest.raises(Exception, match=r"readonly|read-only"):
        connection.execute(insert(records.PROMISES).values(day="2026-11-23", outcome="x", n=1))
    engine.dispose()


def test_a_database_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "tracker.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(RecordError, match=r"^TRACKER_DATABASE_URL: cannot be read \(DatabaseError\)$"):
        read_records(f"sqlite:///{tmp_path}/tracker.db", f"sqlite:///{tmp_path}/jobs.db")
    with pytest.raises(RecordError, match=r"^JOBS_DATABASE_URL: cannot be read \(") as caught:
        read_records(f"sqlite:///{tmp_path}/none.db", "postgresql://somebody:hush@127.0.0.1:1/jobs")
    assert "hush" not in str(caught.value)


def test_tables_of_another_version_are_named(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as database, database:
        database.execute("CREATE TABLE jobs_outcomes (id INTEGER, at TEXT, outcome TEXT)")
    with pytest.raises(RecordError, match="JOBS_DATABASE_URL: jobs_outcomes was made by another version"):
        read_records(f"sqlite:///{tmp_path}/tracker.db", f"sqlite:///{tmp_path}/jobs.db")


def command(
    var: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [python_of("app"), "-m", "report", *arguments],
        cwd=ROOT, env={**inherited, "VAR_DIR": str(var), **(environ or {})}, capture_output=True, text=True,
    )  # fmt: skip


def test_the_command(tmp_path: Path) -> None:
    var = tmp_path / "var with a space"
    var.mkdir()
    write_counts(f"sqlite:///{var}/tracker.db")
    write_promises(f"sqlite:///{var}/jobs.db")
    done = command(var, "--from=2026-11-23", "--to=2026-11-23")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"{var}/report/report.json\n{var}/report/report.html\n")
    data = json.loads((var / "report" / "report.json").read_text(encoding="utf-8"))
    assert (data["total"]["conversations"], data["total"]["tickets"]) == (2, 3)
    assert [path.stat().st_mode & 0o077 for path in (var / "report").iterdir()] == [0, 0]


def test_the_command_without_anything(tmp_path: Path) -> None:
    done = command(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing was counted" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize(
    ("arguments", "environ", "named"),
    [
        (["--from=soon"], {}, "FROM is 'soon'"),
        ([], {"BASELINE_FILE": "policy.yml"}, "policy.yml:"),
        ([], {"POLICY_FILE": "nowhere.yml"}, "nowhere.yml"),
        ([], {"TRACKER_DATABASE_URL": "mysql://x/y"}, "TRACKER_DATABASE_URL"),
        ([], {"JOBS_DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/x"}, "JOBS_DATABASE_URL"),
    ],
)
def test_what_cannot_be_used_ends_it_with_one_line(
    tmp_path: Path, arguments: list[str], environ: dict[str, str], named: str
) -> None:
    done = command(tmp_path, *arguments, environ=environ)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("report: ") and named in done.stderr
    assert "hush" not in done.stderr
