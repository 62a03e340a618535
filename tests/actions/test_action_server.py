"""The action server itself: who may call it, what it does with nonsense, what it never tells."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.support.action_scene import EMAIL, SLOTS, Scene
from tests.support.actions_process import SECRET, new_key, tracker_of
from tests.support.fake_world import TOKEN


@pytest.mark.parametrize("header", [None, "Bearer wrong", f"Basic {SECRET}", SECRET])
def test_nobody_without_the_secret(scene: Scene, header: str | None) -> None:
    headers = {"Authorization": header} if header is not None else {"Authorization": ""}
    for method, path in (("POST", "/webhook"), ("DELETE", "/conversations/c-1"), ("GET", "/nothing")):
        answer = scene.rig.http.request(method, path, json={}, headers=headers)
        assert answer.status_code == 401, path
        assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"next_action": "action_x"}',
        b'{"next_action": 1, "tracker": {"sender_id": "c"}}',
    ],
)
def test_malformed_calls(scene: Scene, content: bytes) -> None:
    answer = scene.rig.http.post("/webhook", content=content)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"slots": []}, "tracker.slots: expected an object"),
        ({"slots": "row"}, "tracker.slots: expected an object"),
        ({"events": {}}, "tracker.events: expected a list of objects"),
        ({"events": ["hello"]}, "tracker.events: expected a list of objects"),
        ({"sender_id": 5}, "tracker.sender_id: expected text"),
    ],
)
def test_a_malformed_tracker_is_named(scene: Scene, wrong: dict[str, Any], told: str) -> None:
    call = {"next_action": "action_check_login", "tracker": {**tracker_of(SLOTS), **wrong}}
    answer = scene.rig.http.post("/webhook", json=call)
    assert (answer.status_code, answer.json()) == (400, {"error": told})


@pytest.mark.parametrize("name", ["slots", "events"])
def test_a_tracker_without_them_is_an_empty_one(scene: Scene, name: str) -> None:
    tracker = tracker_of(SLOTS)
    for call in ({**tracker, name: None}, {key: value for key, value in tracker.items() if key != name}):
        answer = scene.rig.http.post("/webhook", json={"next_action": "action_check_login", "tracker": call})
        assert answer.status_code == 200


def test_no_error_answer_carries_the_conversation(scene: Scene) -> None:
    tracker = tracker_of({**SLOTS, "problem_text": "a very private thing"})
    unknown = scene.rig.post("action_that_is_not_there", tracker)
    broken = scene.rig.post("action_file_ticket", {**tracker, "events": "not a list", "slots": 5})
    assert unknown.status_code == 404
    assert broken.status_code == 400
    for answer in (unknown, broken):
        assert "private" not in answer.text and EMAIL not in answer.text
    assert scene.rig.http.get("/webhook").status_code == 405


@pytest.mark.parametrize("slots", [{}, {"ticket_key": 7}, {"requester_email": ["x"]}, {"row": {"a": 1}}])
@pytest.mark.parametrize(
    "stem",
    [
        *("prepare_ticket", "file_ticket", "prepare_reply", "reply_ticket"),
        *("check_login", "ticket_status", "find_last_login"),
    ],
)
def test_exactly_one_outcome_whatever_the_slots(scene: Scene, stem: str, slots: dict[str, Any]) -> None:
    made = scene.rig.call(f"action_{stem}", slots, said=())
    assert made[f"{stem}_outcome"] in ("ok", "retry", "refused", "human")


def test_compressed_calls(scene: Scene) -> None:
    call = {"next_action": "action_check_login", "tracker": tracker_of(SLOTS), "version": "3.6.21"}
    answer = scene.rig.http.post(
        "/webhook", content=zlib.compress(json.dumps(call).encode()), headers={"Content-Encoding": "deflate"}
    )
    assert answer.status_code == 200 and answer.json()["events"]


def test_a_deleted_conversation_loses_what_was_kept(scene: Scene) -> None:
    with scene.proxy.refusing():
        key = new_key()
        slots = {**SLOTS, "ticket_key": key}
        scene.rig.call("action_file_ticket", slots, conversation="team/c 5")
    assert scene.rig.http.delete("/conversations/team%2Fc%205").status_code == 204
    assert scene.rig.http.delete("/conversations/team%2Fc%205").status_code == 204
    assert scene.rig.store().get(f"file_ticket:{key}") is None


def test_healthz_names_a_missing_worker(scene: Scene) -> None:
    answer = scene.rig.http.get("/healthz", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "worker": "down"})


def test_logs_and_jobs_hold_nobodys_data(scene: Scene) -> None:
    """After all of the above: runs last in this file."""
    folder = scene.rig.folder
    for private in (
        EMAIL,
        "Jo Doe",
        "jo@",
        "Doe",
        "six weeks",
        "The report is empty",
        SECRET,
        TOKEN,
        "a very private",
    ):
        assert private not in scene.rig.log, private
    assert "Traceback" not in scene.rig.log
    assert "incompatible" not in scene.rig.log and "might not be compatible" not in scene.rig.log
    with create_engine(f"sqlite:///{folder}/jobs.db").connect() as connection:
        for table in ("jobs_queue", "jobs_outcomes", "jobs_heartbeats"):
            rows = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            for private in (EMAIL, "Jo Doe", "six weeks", "The report"):
                assert private not in rows, (table, private)
