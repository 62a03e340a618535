"""A jobs database that cannot be written: nothing is promised, nothing is lost, and health says so."""

from __future__ import annotations

import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from tests.support.action_scene import EMAIL, SLOTS, Scene
from tests.support.actions_process import new_key, tracker_of


@contextmanager
def locked(scene: Scene) -> Iterator[None]:
    """Somebody else holds the write lock."""
    with closing(
        sqlite3.connect(scene.rig.folder / "jobs.db", isolation_level=None, timeout=5)
    ) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def assert_no_outcome(scene: Scene, action: str, slots: dict[str, Any]) -> None:
    answer = scene.rig.post(action, tracker_of(slots))
    assert answer.status_code == 503
    assert set(answer.json()) == {"error"}
    assert EMAIL not in answer.text and "inactive" not in answer.text


def test_a_ticket_is_not_forgotten_and_another_try_files_it_once(scene: Scene) -> None:
    slots = {**SLOTS, "ticket_key": new_key()}
    with locked(scene):
        assert_no_outcome(scene, "action_file_ticket", slots)
    assert scene.world.tickets == []
    made = scene.rig.call("action_file_ticket", slots)
    assert (made["file_ticket_outcome"], made["ticket_id"]) == ("ok", "1001")
    assert scene.rig.call("action_file_ticket", slots) == made
    assert len(scene.world.tickets) == 1


def test_an_answer_is_not_forgotten_and_another_try_sends_it_once(scene: Scene) -> None:
    scene.file()
    slots = {**SLOTS, "ticket_id": "1001", "reply_key": new_key()}
    with locked(scene):
        assert_no_outcome(scene, "action_reply_ticket", slots)
    assert scene.world.tickets[0]["replies"] == []
    for _ in range(2):
        assert scene.rig.call("action_reply_ticket", slots)["reply_ticket_outcome"] == "ok"
    assert len(scene.world.tickets[0]["replies"]) == 1


def test_an_answer_to_a_ticket_that_cannot_be_looked_at_is_tried_again(scene: Scene) -> None:
    scene.world.post_ticket("elsewhere", {"requester": {"email": EMAIL}})
    slots = {**SLOTS, "ticket_number": "1001", "reply_key": new_key()}
    scene.world.status_of["/tickets"] = 503
    answer = scene.rig.post("action_reply_ticket", tracker_of(slots, conversation="c-elsewhere"))
    assert answer.status_code == 503
    scene.world.status_of.clear()
    made = scene.rig.call("action_reply_ticket", slots, conversation="c-elsewhere")
    assert made["reply_ticket_outcome"] == "ok"


def test_a_locked_database_is_down_within_a_second(scene: Scene) -> None:
    with locked(scene):
        for _ in range(3):
            began = time.monotonic()
            answer = scene.rig.http.get("/healthz")
            assert (answer.status_code, answer.json()) == (503, {"status": "down", "down": ["jobs"]})
            assert time.monotonic() - began < 1.0
    time.sleep(0.2)
    assert scene.rig.http.get("/healthz").status_code == 200


@pytest.fixture
def unwritable(scene: Scene) -> Iterator[None]:
    path = scene.rig.folder / "jobs.db"
    trigger = "CREATE TRIGGER no BEFORE INSERT ON jobs_heartbeats BEGIN SELECT RAISE(ABORT, 'read-only'); END"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(trigger)
    yield
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER no")


def test_a_database_that_can_only_be_read_is_down(scene: Scene, unwritable: None) -> None:
    answer = scene.rig.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "down", "down": ["jobs"]})


def test_nobody_else_on_the_machine_may_read_the_jobs(scene: Scene) -> None:
    files = list(scene.rig.folder.glob("jobs.db*"))
    assert files
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_the_worker_keeps_its_files_to_itself_too(scene: Scene) -> None:
    folder = scene.rig.folder / "other"
    folder.mkdir()
    scene.rig.environ["JOBS_DATABASE_URL"] = f"sqlite:///{folder}/jobs.db"
    try:
        scene.rig.start("worker")
        until = time.monotonic() + 20
        while not list(folder.glob("jobs.db")) and time.monotonic() < until:
            time.sleep(0.05)
        assert scene.rig.stop("worker") in (0, -15)
    finally:
        del scene.rig.environ["JOBS_DATABASE_URL"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.glob("jobs.db*"))
    assert list(folder.glob("jobs.db"))
