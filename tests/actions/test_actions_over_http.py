"""The real action server, called as Rasa calls it, against a desk and accounts that a test can break."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.action_scene import EMAIL, PROVEN, SLOTS, Scene
from tests.support.actions_process import new_key
from tests.support.fake_world import EXTENSION

# -- the ticket ---------------------------------------------------------------------------------------

PASSED = {"ticket_number": None, "is_in": None}
"""What a ticket makes the past: a number that was given before it, a login before it."""


def test_summary_and_key_before_anything_is_sent(scene: Scene) -> None:
    first = scene.rig.call("action_prepare_ticket", SLOTS)
    second = scene.rig.call("action_prepare_ticket", SLOTS)
    assert first["prepare_ticket_outcome"] == "ok"
    assert first["ticket_summary"].startswith("**Reactivate account: Jo Doe")
    assert first["ticket_key"] != second["ticket_key"] and len(first["ticket_key"]) == 32
    assert scene.proxy.seen == []


def test_case_1_is_filed_and_reactivated_in_one_turn(scene: Scene) -> None:
    scene.inactive()
    assert scene.file() == {
        "file_ticket_outcome": "ok",
        "ticket_id": "1001",
        "reactivation_ticket_id": "1001",
        "reactivation_state": "reactivated",
        "log_in_by": "2026-11-23",
        **PASSED,
    }
    assert scene.world.users[0][EXTENSION]["state"] == "active"
    ticket = scene.world.tickets[0]
    assert ticket["body"].startswith("NOT VERIFIED: send passwords only to the address on the account\n")
    assert ticket["transcript"][0] == {
        "from": "person",
        "at": "2026-11-23T10:00:00-08:00",
        "text": "It says my account is inactive",
    }


@pytest.mark.parametrize(
    ("case", "login", "reason", "more", "state"),
    [
        ("1", "2026-08-25T18:00:00Z", "noLogin", {}, "reactivated"),
        ("1", "2026-08-24T18:00:00Z", "noLogin", {}, "requested"),
        ("1", "2026-11-12T18:00:00Z", "administrator", {}, "requested"),
        ("2", "2026-03-24T18:00:00Z", "noLogin", {}, "requested"),
        (
            "2",
            "2026-03-24T18:00:00Z",
            "noLogin",
            {"trainings": [{"course": "retake", "completedAt": "2026-11-20T00:00:00Z"}]},
            "reactivated",
        ),
        ("unknown", "2026-10-10T18:00:00Z", "noLogin", {}, "requested"),
        ("never", None, "neverUsed", {}, "requested"),
    ],
)
def test_who_is_reactivated(
    scene: Scene, case: str, login: str, reason: str, more: dict[str, Any], state: str
) -> None:
    scene.inactive(login, reason, **more)
    made = scene.file(ticket_case=case)
    assert (made["file_ticket_outcome"], made["reactivation_state"]) == ("ok", state)
    assert (made["log_in_by"] is not None) is (state == "reactivated")
    assert (scene.world.users[0][EXTENSION]["state"] == "active") is (state == "reactivated")


def test_an_address_without_an_account_looks_the_same_as_one_that_support_must_handle(scene: Scene) -> None:
    nobody = scene.file()
    scene.inactive("2026-11-12T18:00:00Z", "administrator")
    disabled = scene.file()
    same = {"ticket_id": "", "reactivation_ticket_id": ""}
    assert {**nobody, **same} == {**disabled, **same}


def test_other_rows_reactivate_nobody(scene: Scene) -> None:
    scene.inactive()
    made = scene.file(row="contact_support", ticket_case=None, problem_text="The report is empty")
    assert made == {"file_ticket_outcome": "ok", "ticket_id": "1001", **PASSED}
    assert scene.world.users[0][EXTENSION]["state"] == "inactive"
    assert not any("/scim" in seen for seen in scene.proxy.seen)


def test_a_record_that_contradicts_a_proven_person_is_on_the_ticket_and_in_the_summary(scene: Scene) -> None:
    scene.inactive("2026-05-02T18:00:00Z")
    slots = {**SLOTS, "ticket_key": new_key()}
    shown = scene.rig.call("action_prepare_ticket", slots, identity=PROVEN)["ticket_summary"]
    assert "last login May 2, 2026" in shown
    made = scene.rig.call("action_file_ticket", slots, identity=PROVEN)
    assert made["reactivation_state"] == "requested"
    ticket = scene.world.tickets[0]
    assert ticket["verified"] == f"one-time code sent to {EMAIL}"
    assert "Account record: last login May 2, 2026 (this differs from what was said)" in ticket["facts"]


def test_nobody_who_is_not_proven_learns_the_record(scene: Scene) -> None:
    scene.inactive("2026-05-02T18:00:00Z")
    shown = scene.rig.call("action_prepare_ticket", SLOTS)["ticket_summary"]
    assert "May" not in shown
    scene.file()
    assert "May" not in json.dumps(scene.world.tickets)


@pytest.mark.parametrize("email", [None, "", "jo", "jo@agency", "a b@c.org"])
def test_no_usable_address(scene: Scene, email: str | None) -> None:
    slots = {**SLOTS, "requester_email": email, "ticket_key": new_key()}
    assert scene.rig.call("action_prepare_ticket", slots) == {"prepare_ticket_outcome": "refused"}
    assert scene.rig.call("action_file_ticket", slots) == {"file_ticket_outcome": "refused"}
    assert scene.world.tickets == []


def test_what_is_missing_or_unknown_is_a_humans_matter(scene: Scene) -> None:
    assert scene.file(ticket_key=None) == {"file_ticket_outcome": "human"}
    assert scene.file(row="no_such_row") == {"file_ticket_outcome": "human"}
    assert scene.rig.call("action_prepare_ticket", {**SLOTS, "row": None}) == {
        "prepare_ticket_outcome": "human"
    }
    assert scene.world.tickets == []


def test_the_same_yes_twice_is_one_ticket(scene: Scene) -> None:
    scene.inactive()
    key = new_key()
    assert scene.file(ticket_key=key) == scene.file(ticket_key=key)
    assert len(scene.world.tickets) == 1


def test_twenty_at_the_same_time_are_one_ticket(scene: Scene) -> None:
    scene.inactive()
    key = new_key()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: scene.file(ticket_key=key), range(20)))
    assert len(scene.world.tickets) == 1
    assert {answer["file_ticket_outcome"] for answer in answers} <= {"ok", "retry"}
    assert {answer["ticket_id"] for answer in answers if answer["file_ticket_outcome"] == "ok"} == {"1001"}


@pytest.mark.parametrize("fault", ["drop_after", "garbage", "half", "status_500_after"])
def test_a_lost_answer_is_found_again_in_the_same_turn(scene: Scene, fault: str) -> None:
    scene.proxy.plan(fault, "POST", "/tickets")
    assert scene.file()["file_ticket_outcome"] == "ok"
    assert len(scene.world.tickets) == 1


@pytest.mark.parametrize("fault", ["drop_before", "status_503", "status_429", "delay_after"])
def test_a_desk_in_trouble_means_kept(scene: Scene, fault: str) -> None:
    scene.proxy.plan(fault, "POST", "/tickets", times=9)
    scene.proxy.plan(fault, "GET", "/tickets", times=9)
    began = time.monotonic()
    key = new_key()
    assert scene.file(ticket_key=key) == {
        "file_ticket_outcome": "retry",
        "ticket_id": None,
        "reactivation_state": None,
        "log_in_by": None,
        **PASSED,
    }
    assert time.monotonic() - began < 9
    kept = scene.rig.store().get(f"file_ticket:{key}")
    assert kept is not None and kept.state == "waiting"


def test_a_desk_that_is_away_means_kept(scene: Scene) -> None:
    with scene.proxy.refusing():
        assert scene.file()["file_ticket_outcome"] == "retry"
        other = scene.file(row="contact_support", ticket_case=None, problem_text="The report is empty")
    # what an earlier reactivation came to is not touched by another row's ticket
    assert other == {"file_ticket_outcome": "retry", "ticket_id": None, **PASSED}


@pytest.mark.parametrize(("status", "outcome"), [(422, "refused"), (401, "human"), (403, "human")])
def test_a_desk_that_refuses(scene: Scene, status: int, outcome: str) -> None:
    scene.world.status_of["/tickets"] = status
    assert scene.file() == {"file_ticket_outcome": outcome}


def test_accounts_in_trouble_do_not_keep_the_ticket_from_being_filed(scene: Scene) -> None:
    scene.world.status_of["/scim"] = 500
    scene.inactive()
    made = scene.file()
    assert (made["file_ticket_outcome"], made["reactivation_state"]) == ("ok", "requested")


# -- the same ticket again -----------------------------------------------------------------------------


def test_inactive_again_is_an_answer_on_the_same_ticket(scene: Scene) -> None:
    user = scene.inactive()
    scene.file()
    user[EXTENSION] |= {
        "state": "inactive",
        "disabledReason": "midnight",
        "lastLogin": "2026-03-01T18:00:00Z",
    }
    slots = {**SLOTS, "ticket_id": "1001"}
    key = scene.rig.call("action_prepare_reply", slots)["reply_key"]
    for _ in range(2):
        assert scene.rig.call("action_reply_ticket", {**slots, "reply_key": key}) == {
            "reply_ticket_outcome": "ok",
            "reactivation_state": "reactivated",
            "log_in_by": "2026-11-23",
            "is_in": None,
        }
    assert len(scene.world.tickets) == 1
    replies = scene.world.tickets[0]["replies"]
    assert [reply["from"] for reply in replies] == ["requester"]
    assert "reactivate the account again" in replies[0]["text"]


def test_a_number_that_the_person_typed_counts_for_its_requester(scene: Scene) -> None:
    scene.world.post_ticket("elsewhere", {"requester": {"email": EMAIL}})
    for number in ("1001", "#1001", " 1001 "):
        made = scene.rig.call("action_prepare_reply", {**SLOTS, "ticket_number": number}, conversation="c-2")
        assert (made["prepare_reply_outcome"], made["ticket_id"]) == ("ok", "1001")
    kim = {**SLOTS, "requester_email": "kim@agency.org", "ticket_number": "1001"}
    refused = {"prepare_reply_outcome": "refused"}
    assert scene.rig.call("action_prepare_reply", kim, conversation="c-3") == refused
    for number in ("1002", "none", "", "../1001"):
        unknown = {**SLOTS, "ticket_number": number}
        assert scene.rig.call("action_prepare_reply", unknown, conversation="c-3") == refused


def test_a_reply_while_the_desk_is_away_is_kept(scene: Scene) -> None:
    scene.file()
    with scene.proxy.refusing():
        made = scene.rig.call("action_reply_ticket", {**SLOTS, "ticket_id": "1001", "reply_key": new_key()})
        assert made["reply_ticket_outcome"] == "retry"
        strange = scene.rig.call("action_prepare_reply", {"ticket_id": "2002"}, conversation="c-9")
        assert strange == {"prepare_reply_outcome": "retry"}


# -- looking -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "state"),
    [
        (None, "unknown"),
        ({"state": "inactive"}, "inactive"),
        ({"state": "locked"}, "unknown"),
        ({"reactivatedOn": "2026-11-23T17:00:00Z", "lastLogin": "2026-10-01T17:00:00Z"}, "active"),
        ({"reactivatedOn": "2026-11-23T17:00:00Z", "lastLogin": "2026-11-23T17:30:00Z"}, "logged_in"),
        ({"lastLogin": "2026-11-23T17:30:00Z"}, "logged_in"),
        ({"lastLogin": "2026-11-20T17:30:00Z"}, "active"),
    ],
)
def test_check_login(scene: Scene, account: dict[str, Any] | None, state: str) -> None:
    if account is not None:
        scene.world.add_user(EMAIL, **account)
    expected = {"check_login_outcome": "ok", "check_login_state": state}
    assert scene.rig.call("action_check_login", SLOTS) == expected


def test_ticket_status(scene: Scene) -> None:
    scene.file()

    def state(**slots: Any) -> str:
        made = scene.rig.call("action_ticket_status", {**SLOTS, **slots})
        assert made["ticket_status_outcome"] == "ok"
        return str(made["ticket_status_state"])

    assert state(ticket_id="1001") == "open"
    scene.world.answer(1001, "secret text")
    assert state(ticket_id="1001") == "answered"
    assert state(ticket_id="7777") == state() == "unknown"
    scene.world.status_of["/tickets"] = 503
    assert scene.rig.call("action_ticket_status", {"ticket_id": "1001"}) == {"ticket_status_outcome": "retry"}
