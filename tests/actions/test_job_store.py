"""The jobs table: one job for one key, one holder at a time, leases that end, personal data that goes.

Runs on SQLite, and on PostgreSQL too where its programs are installed (CI installs them).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import bindparam, inspect, select, text

from actions.database import Database
from actions.jobs import NewJob, Outcome
from actions.jobs.runner import Runner
from actions.jobs.store import LEASE_SECONDS, JobStore
from actions.jobs.tables import Moment, drafts, metadata, outcomes, queue
from actions.worker import Worker
from common.clock import FixedClock
from tests.support.postgres_server import postgres_programs

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
DATABASES = ["sqlite", *(["postgresql"] if postgres_programs() else [])]


class Timed:
    """A store whose real seconds a test moves."""

    def __init__(self, url: str) -> None:
        self.seconds = 1000.0
        self.database = Database(url)
        self.database.migrate()
        self.store = JobStore(self.database, lambda: self.seconds)

    def count(self, table: object) -> int:
        with self.database.read() as connection:
            return len(connection.execute(select(table)).all())  # type: ignore[call-overload]


@pytest.fixture(params=DATABASES)
def timed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Timed]:
    url = f"sqlite:///{tmp_path}/jobs.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
    one = Timed(url)
    yield one
    one.database.close()


def job(key: str = "k1", kind: str = "watch_ticket", **more: object) -> NewJob:
    made = NewJob(key, kind, "c-1", NOW, refs={"n": 1}, draft={"email": "jo@agency.org"})
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_key_is_one_job(timed: Timed) -> None:
    timed.store.put([job(), job(refs={"n": 2})])
    timed.store.put([job(refs={"n": 3})])
    kept = timed.store.get("k1")
    assert kept is not None and kept.refs == {"n": 1} and kept.draft == {"email": "jo@agency.org"}
    assert timed.count(queue) == timed.count(drafts) == 1


def test_many_writers_and_many_takers_at_once(timed: Timed) -> None:
    taken: list[str] = []

    def work() -> None:
        timed.store.put([job(f"k{n}") for n in range(5)])
        taken.extend(one.key for one in timed.store.claim_due(NOW, 10))

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"k{n}" for n in range(5)]
    assert timed.count(drafts) == 5


def test_a_lease_ends_by_itself_and_its_old_holder_changes_nothing(timed: Timed) -> None:
    timed.store.put([job()])
    first = timed.store.claim("k1")
    assert first is not None and first.attempts == 1
    assert timed.store.claim("k1") is None and timed.store.claim_due(NOW, 5) == []
    timed.seconds += LEASE_SECONDS + 1
    second = timed.store.claim_due(NOW, 5)[0]
    assert second.attempts == 2 and second.first_tried == first.first_tried
    assert not timed.store.finish(first, "done", follow_ups=[job("k2")])
    assert not timed.store.release(first, 5, follow_ups=[job("k2")])
    assert timed.store.get("k2") is None
    assert timed.store.finish(second, "done", result={"x": 1}, follow_ups=[job("k2", draft=None)])
    done = timed.store.get("k1")
    assert done is not None and (done.state, done.result, done.draft) == ("done", {"x": 1}, None)
    assert timed.count(drafts) == 0


def test_due_and_held(timed: Timed) -> None:
    timed.store.put([job("later", due_at=NOW + timedelta(hours=1)), job("held", hold=20.0)])
    assert timed.store.claim_due(NOW, 5) == []
    timed.seconds += 21
    assert [one.key for one in timed.store.claim_due(NOW, 5)] == ["held"]
    assert [one.key for one in timed.store.claim_due(NOW + timedelta(hours=1), 5)] == ["later"]


def test_released_jobs_rest_but_may_be_claimed_by_name(timed: Timed) -> None:
    timed.store.put([job()])
    first = timed.store.claim("k1")
    assert first is not None and timed.store.release(first, 60, error="Uncertain")
    assert timed.store.claim_due(NOW, 5) == []
    again = timed.store.claim("k1")
    assert again is not None and again.attempts == 2 and again.first_tried == first.first_tried


def test_reopened_jobs_remember_that_they_were_tried(timed: Timed) -> None:
    timed.store.put([job()])
    first = timed.store.claim("k1")
    assert first is not None
    timed.store.finish(first, "failed", keep_draft=True)
    timed.store.put([job(draft={"email": "new@agency.org"})])
    assert timed.store.claim("k1") is None
    timed.store.put([job(draft={"email": "new@agency.org"}, reopen=("failed",))])
    again = timed.store.claim("k1")
    assert again is not None and again.attempts == 2 and again.draft == {"email": "new@agency.org"}
    assert timed.count(drafts) == 1


def test_events_of_a_conversation_keep_their_order(timed: Timed) -> None:
    timed.store.put([job("a", "notify"), job("b", "notify"), job("x", "notify", conversation_id="c-2")])
    assert [one.key for one in timed.store.claim_due(NOW, 5)] == ["a", "x"]
    assert timed.store.claim_due(NOW, 5) == []
    timed.store.settle(["a"])  # somebody has it: it is not settled any more
    assert timed.store.claim_due(NOW, 5) == []
    timed.seconds += LEASE_SECONDS + 1
    first = timed.store.claim("a")
    assert first is not None and timed.store.finish(first, "done")
    assert "b" in [one.key for one in timed.store.claim_due(NOW, 5)]


def test_settled_events_are_not_sent(timed: Timed) -> None:
    timed.store.put([job("a", "notify", hold=20.0)])
    timed.store.settle(["a"])
    timed.seconds += 60
    assert timed.store.claim_due(NOW, 5) == []


def test_a_deleted_conversation_leaves_nothing(timed: Timed) -> None:
    timed.store.put([job("a"), job("b"), job("x", conversation_id="c-2")])
    running = timed.store.claim("a")
    timed.store.forget("c-1")
    assert running is not None and not timed.store.finish(running, "done", follow_ups=[job("c")])
    assert timed.count(queue) == timed.count(drafts) == 1


def test_drafts_of_failed_jobs_are_kept_for_a_while(timed: Timed) -> None:
    timed.store.put([job("a"), job("b")])
    failed = timed.store.claim("a")
    assert failed is not None
    timed.store.finish(failed, "failed", keep_draft=True)
    timed.seconds += 500
    assert timed.store.forget_failed_drafts(1000) == 0
    timed.seconds += 600
    assert timed.store.forget_failed_drafts(1000) == 1
    waiting = timed.store.get("b")
    assert waiting is not None and waiting.draft is not None


def traces(folder: Path, words: bytes) -> list[str]:
    """The database's files in which the words can be read."""
    return [path.name for path in sorted(folder.glob("jobs.db*")) if words in path.read_bytes()]


WORDS = "so private a sentence"


@pytest.fixture
def in_files(tmp_path: Path) -> Iterator[Timed]:
    """On SQLite; the words of one waiting job can be read in its files."""
    one = Timed(f"sqlite:///{tmp_path}/jobs.db")
    one.store.put([job("a", draft={"ticket": WORDS * 900})])
    assert traces(tmp_path, WORDS.encode())
    yield one
    one.database.close()


def test_a_deleted_conversation_leaves_no_text_in_any_file(in_files: Timed, tmp_path: Path) -> None:
    in_files.store.forget("c-1")
    assert traces(tmp_path, WORDS.encode()) == []


def test_a_job_that_is_done_leaves_no_text_in_any_file(in_files: Timed, tmp_path: Path) -> None:
    held = in_files.store.claim("a")
    assert held is not None and in_files.store.finish(held, "done")
    assert traces(tmp_path, WORDS.encode()) == []


def test_a_failed_draft_leaves_no_text_in_any_file(in_files: Timed, tmp_path: Path) -> None:
    held = in_files.store.claim("a")
    assert held is not None and in_files.store.finish(held, "failed", keep_draft=True)
    assert traces(tmp_path, WORDS.encode())
    in_files.seconds += 2000
    assert in_files.store.forget_failed_drafts(1000) == 1
    assert traces(tmp_path, WORDS.encode()) == []


def test_a_draft_that_is_not_needed_is_not_even_written(in_files: Timed, tmp_path: Path) -> None:
    in_files.store.put([job("a", draft={"ticket": "another text"})])
    assert traces(tmp_path, b"another text") == []


def test_a_reader_holds_nobody_up_and_the_worker_makes_good_for_it(in_files: Timed, tmp_path: Path) -> None:
    with in_files.database.read() as connection:
        connection.execute(select(queue)).all()
        began = time.monotonic()
        in_files.store.forget("c-1")
        assert time.monotonic() - began < 2
        assert traces(tmp_path, WORDS.encode())
    worker = Worker(in_files.store, cast(Runner, None), FixedClock(NOW))
    worker.tick()
    assert traces(tmp_path, WORDS.encode()) == []
    with in_files.database.read() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 4000
        assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1


def test_filed_here(timed: Timed) -> None:
    timed.store.put([job("a", "file_ticket")])
    running = timed.store.claim("a")
    assert running is not None
    timed.store.finish(running, "done", result={"ticket_id": "1001"})
    assert timed.store.filed_here("c-1", "1001")
    assert not timed.store.filed_here("c-2", "1001")
    assert not timed.store.filed_here("c-1", "1002")
    assert not timed.store.filed_here("c-1", "1001", for_someone_else=True)


def test_filed_here_for_somebody_else(timed: Timed) -> None:
    timed.store.put([job("a", "file_ticket", refs={"for_someone_else": True})])
    running = timed.store.claim("a")
    assert running is not None
    timed.store.finish(running, "done", result={"ticket_id": "1001"})
    assert timed.store.filed_here("c-1", "1001", for_someone_else=True)
    assert not timed.store.filed_here("c-1", "1001")
    assert not timed.store.filed_here("c-2", "1001", for_someone_else=True)


def test_heartbeat(timed: Timed) -> None:
    assert timed.store.seconds_since_beat("worker") is None
    timed.store.beat("worker")
    timed.seconds += 7
    assert timed.store.seconds_since_beat("worker") == pytest.approx(7)
    timed.store.beat("worker")
    assert timed.store.seconds_since_beat("worker") == pytest.approx(0)


def test_moments_come_back_aware(timed: Timed) -> None:
    timed.store.put([job(due_at=datetime.fromisoformat("2026-11-23T10:00:00-08:00"))])
    kept = timed.store.get("k1")
    assert kept is not None and kept.due_at == NOW and kept.due_at.tzinfo is not None


def test_processes_that_start_together_migrate_once(timed: Timed) -> None:
    threads = [threading.Thread(target=timed.database.migrate) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = set(inspect(timed.database.engine).get_table_names())
    assert made == {*metadata.tables, "alembic_version_jobs"}


def test_the_migrations_make_the_tables_that_the_code_names(timed: Timed) -> None:
    found = inspect(timed.database.engine)
    for table in metadata.tables.values():
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}


def counted(database: Database) -> dict[tuple[str, ...], int]:
    with database.read() as connection:
        return {tuple(row[:-1]): row.n for row in connection.execute(select(outcomes))}


def test_outcomes_hold_nothing_that_leads_to_a_person() -> None:
    """Counts per day: no id and no moment, and no row id that would tell their order."""
    keys = {column.name for column in outcomes.primary_key}
    assert keys == {"day", "outcome", "row", "ticket_case", "channel"}
    assert {column.name for column in outcomes.columns} - keys == {"n"}
    assert outcomes.dialect_options["sqlite"]["with_rowid"] is False


def test_outcomes_are_counted_with_the_job_and_outlive_the_conversation(timed: Timed) -> None:
    filed = Outcome("2026-11-23", "ticket_filed", "unlock_account", "", "web")
    answered = Outcome("2026-11-23", "ticket_answered", "unlock_account", "", "web")
    for key in ("a", "b"):
        timed.store.put([job(key)])
        claimed = timed.store.claim(key)
        assert claimed is not None
        assert timed.store.finish(claimed, "done", outcomes=(filed, answered, answered))
        assert not timed.store.finish(claimed, "done", outcomes=(filed,))  # the lease is over
    timed.store.forget("c-1")
    assert counted(timed.database) == {tuple(filed): 2, tuple(answered): 4}


def test_listed_outcomes_become_counts(timed: Timed) -> None:
    """From the tables of revision 0001; the day is that of UTC."""
    timed.database.migrate("0001")
    listed = (
        'INSERT INTO jobs_outcomes (at, outcome, "row", ticket_case, channel, started_at)'
        " VALUES (:at, :outcome, :row, NULL, 'web', :at)"
    )
    moments = [datetime(2026, 11, 23, hour, 30, tzinfo=UTC) for hour in (0, 12, 23)]
    with timed.database.write() as connection:
        for moment in [*moments, moments[0] + timedelta(days=1)]:
            values = {"outcome": "ticket_filed", "row": "unlock_account"}
            connection.execute(
                text(listed).bindparams(bindparam("at", type_=Moment)), values | {"at": moment}
            )
        connection.execute(
            text(listed).bindparams(bindparam("at", type_=Moment)),
            {"at": NOW, "outcome": "reminded", "row": None},
        )
    timed.database.migrate()
    assert counted(timed.database) == {
        ("2026-11-23", "ticket_filed", "unlock_account", "", "web"): 3,
        ("2026-11-24", "ticket_filed", "unlock_account", "", "web"): 1,
        ("2026-11-23", "reminded", "", "", "web"): 1,
    }
