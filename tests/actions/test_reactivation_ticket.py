"""Which ticket is meant: the one that asked for reactivation here, and the one whose state is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from actions.identity import Identity
from actions.jobs import Job, promises
from actions.steps.turn import Turn
from tests.support.action_scene import EMAIL, NOW, SLOTS, Scene
from tests.support.actions_process import new_key

OTHER: dict[str, Any] = {"row": "contact_support", "ticket_case": None, "problem_text": "A report is empty"}


def turn_with(**slots: Any) -> Turn:
    return Turn("c-1", slots, [], Identity(), "web", NOW, None)


@pytest.mark.parametrize(
    ("slots", "meant"),
    [
        (
            {"reactivation_ticket_id": "1001", "ticket_number": "1002", "ticket_id": "1003"},
            "1001",
        ),
        ({"ticket_number": "#1002", "ticket_id": "1003"}, "1002"),
        ({"ticket_number": "none", "ticket_id": "1003"}, "1003"),
        ({"reactivation_ticket_id": "../1", "ticket_number": " ", "ticket_id": "1003"}, "1003"),
        ({"reactivation_ticket_id": None}, None),
    ],
)
def test_the_ticket_to_answer(slots: dict[str, Any], meant: str | None) -> None:
    assert turn_with(**slots).reply_ticket_id() == meant


def test_the_ticket_to_look_at_is_the_one_named_else_the_newest_of_the_conversation() -> None:
    named = turn_with(reactivation_ticket_id="1001", ticket_number="1002", ticket_id="1003")
    assert named.ticket_id() == "1002"
    for number in (None, "none"):
        assert turn_with(ticket_number=number, ticket_id="1003").ticket_id() == "1003"


def job(row: str | None) -> Job:
    moment = datetime(2026, 11, 23, tzinfo=NOW.tzinfo)
    return Job(1, "file_ticket:k", "file_ticket", "waiting", "c-1", moment, 1, 0.0, {"row": row}, {}, None)


@pytest.mark.parametrize(
    ("row", "data"),
    [
        ("reactivate_account", {"ticket_id": "1001", "reactivation_ticket_id": "1001"}),
        ("contact_support", {"ticket_id": "1001"}),
        (None, {"ticket_id": "1001"}),
    ],
)
def test_the_event_of_a_ticket_filed_later(row: str | None, data: dict[str, str]) -> None:
    told = promises.tell_filed(job(row), "1001", NOW)
    assert told.refs == {"event": "ticket_filed", "data": data}


def test_only_a_ticket_that_asks_for_reactivation_becomes_the_one_to_answer(scene: Scene) -> None:
    assert scene.file()["reactivation_ticket_id"] == "1001"
    other = scene.file(**OTHER)
    assert other["ticket_id"] == "1002" and "reactivation_ticket_id" not in other


def test_a_kept_ticket_does_not_touch_the_one_to_answer(scene: Scene) -> None:
    with scene.proxy.refusing():
        made = scene.file()
    assert made["file_ticket_outcome"] == "retry" and "reactivation_ticket_id" not in made


def test_the_reactivation_ticket_is_answered_though_others_came_after_it(scene: Scene) -> None:
    first = scene.file()
    second = scene.file(**OTHER)
    slots = {
        **SLOTS,
        "ticket_id": second["ticket_id"],
        "ticket_number": second["ticket_id"],
        "reactivation_ticket_id": first["reactivation_ticket_id"],
    }
    made = scene.rig.call("action_prepare_reply", slots)
    assert (made["prepare_reply_outcome"], made["ticket_id"]) == ("ok", "1001")
    slots["reply_key"] = made["reply_key"]
    assert scene.rig.call("action_reply_ticket", slots)["reply_ticket_outcome"] == "ok"
    assert [len(ticket["replies"]) for ticket in scene.world.tickets] == [1, 0]


def test_the_number_that_was_typed_is_answered_though_another_ticket_was_filed_here(scene: Scene) -> None:
    scene.world.post_ticket("elsewhere", {"requester": {"email": EMAIL}})
    here = scene.file(**OTHER)
    slots = {**SLOTS, "ticket_id": here["ticket_id"], "ticket_number": "1001", "reply_key": new_key()}
    assert scene.rig.call("action_prepare_reply", slots)["ticket_id"] == "1001"
    assert scene.rig.call("action_reply_ticket", slots)["reply_ticket_outcome"] == "ok"
    assert [len(ticket["replies"]) for ticket in scene.world.tickets] == [1, 0]


def test_the_number_of_the_ticket_whose_state_is_told(scene: Scene) -> None:
    scene.file()
    for slots in ({"ticket_id": "1001"}, {"ticket_number": "#1001"}):
        made = scene.rig.call("action_ticket_status", {**SLOTS, **slots})
        assert made == {
            "ticket_status_outcome": "ok",
            "ticket_status_state": "open",
            "ticket_status_number": "1001",
        }
    unknown = scene.rig.call("action_ticket_status", {**SLOTS, "ticket_number": "4711"})
    assert unknown == {"ticket_status_outcome": "ok", "ticket_status_state": "unknown"}
