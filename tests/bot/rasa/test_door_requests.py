"""What the door refuses, and how."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from bot.door_request import BadTurn, to_turn
from tests.support.assistant_process import AT, AssistantProcess, Conversation
from tests.support.fake_actions import FakeActions

GOOD: dict[str, Any] = {
    "turn_id": "t",
    "at": AT,
    "conversation_id": "c",
    "channel": "web",
    "identity": {"level": "email", "email": "ann@agency.example"},
    "text": "hello",
}
BAD = [
    ({"turn_id": ""}, "turn_id"),
    ({"turn_id": "x" * 121}, "turn_id"),
    ({"turn_id": 7}, "turn_id"),
    ({"conversation_id": None}, "conversation_id"),
    ({"conversation_id": "a\x00b"}, "conversation_id"),
    ({"conversation_id": "a\ud800b"}, "conversation_id"),
    ({"at": "yesterday"}, "at"),
    ({"at": "2026-11-23T10:00:00"}, "at"),
    ({"at": 5}, "at"),
    ({"channel": "Web"}, "channel"),
    ({"channel": ""}, "channel"),
    ({"identity": None}, "identity.level"),
    ({"identity": {"level": "king"}}, "identity.level"),
    ({"identity": {"level": "email", "email": None}}, "identity.email"),
    ({"identity": {"level": "anonymous", "email": "ann@agency.example"}}, "identity.email"),
    ({"identity": {"level": "email", "email": 7}}, "identity.email"),
    ({"text": "   "}, "text"),
    ({"text": 7}, "text"),
    ({"text": None}, "exactly one"),
    ({"button": {"id": "x"}}, "exactly one"),
    ({"text": None, "button": {}}, "button.id"),
    ({"text": None, "button": "x"}, "button"),
    ({"text": None, "button": {"id": "x" * 200}}, "button.id"),
    ({"start": {"flow": "order", "title": "Order"}}, "exactly one"),
    ({"text": None, "start": "order"}, "start"),
    ({"text": None, "start": {"title": "Order"}}, "start.flow"),
    ({"text": None, "start": {"flow": "order; x", "title": "Order"}}, "start.flow"),
    ({"text": None, "start": {"flow": "order"}}, "start.title"),
    ({"text": None, "start": {"flow": "order", "title": " "}}, "start.title"),
    ({"text": None, "start": {"flow": "order", "title": "x" * 201}}, "start.title"),
    ({"text": None, "start": {"flow": "order", "title": "a\x00b"}}, "start.title"),
    ({"text": None, "event": {"kind": "Bad Kind"}}, "event.kind"),
    ({"text": None, "event": {"kind": "ok", "data": {"a": []}}}, "event.data"),
    ({"text": None, "event": {"kind": "ok", "data": [1]}}, "event.data"),
    ({"extra": 1}, "extra"),
]


@pytest.mark.parametrize(("change", "named"), BAD)
def test_refused_with_the_fields_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(BadTurn, match=named.replace(".", r"\.")):
        to_turn(json.dumps({**GOOD, **change}).encode())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 50000])
def test_refused_when_no_json_object(body: bytes) -> None:
    with pytest.raises(BadTurn):
        to_turn(body)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"at": "2026-11-23T18:00:00Z"},
        {"text": None, "button": {"id": "m-0.1"}},
        {"text": None, "start": {"flow": "order", "title": "Place an order"}},
        {"text": None, "event": {"kind": "ticket_filed", "data": {"ticket_id": 7, "note": None}}},
        {"text": None, "event": {"kind": "session_start"}},
    ],
)
def test_accepted(change: dict[str, Any]) -> None:
    turn = to_turn(json.dumps({**GOOD, **change}).encode())
    assert turn.conversation_id == "c"
    assert turn.metadata["identity"] == GOOD["identity"]


def test_half_a_character_becomes_a_question_mark() -> None:
    assert to_turn(json.dumps({**GOOD, "text": "a\ud800b"}).encode()).text == "a?b"


@pytest.mark.parametrize("secret", [None, "", "wrong", "Bearer"])
def test_401(assistant: AssistantProcess, secret: str | None) -> None:
    assert assistant.call("POST", "/turn", GOOD, secret=secret)[0] == 401
    assert assistant.call("DELETE", "/conversations/c", secret=secret)[0] == 401


def test_400_and_413(assistant: AssistantProcess) -> None:
    status, answer = assistant.call("POST", "/turn", {**GOOD, "channel": 7})
    assert (status, answer) == (
        400,
        {"error": "channel: expected a name of small letters, digits and underscores"},
    )
    assert assistant.call("POST", "/turn", {**GOOD, "text": "x" * 70_000})[0] == 413
    assert assistant.call("POST", "/turn", b"not json")[0] == 400


@pytest.mark.parametrize(
    "path", ["/", "/status", "/model", "/conversations/c/tracker", "/webhooks/rest/webhook"]
)
def test_no_other_route(assistant: AssistantProcess, path: str) -> None:
    assert assistant.call("GET", f"/../..{path}")[0] == 404


def test_healthz_needs_no_secret(assistant: AssistantProcess) -> None:
    assert assistant.call("GET", "/healthz", secret=None) == (200, {"status": "ok"})


def test_a_conversation_whose_promises_cannot_be_deleted_stays(
    chat: Conversation, assistant: AssistantProcess, actions: FakeActions
) -> None:
    chat.say("hello")
    actions.forget_status = 500
    assert assistant.call("DELETE", f"/conversations/{chat.id}")[0] == 503
    assert rows_of(assistant, chat) > 0


def test_delete_removes_every_row(
    chat: Conversation, assistant: AssistantProcess, actions: FakeActions
) -> None:
    for _ in range(12):
        chat.say("hello")
    assert rows_of(assistant, chat) > 12
    for _ in range(2):
        assert assistant.call("DELETE", f"/conversations/{chat.id}") == (204, None)
    assert rows_of(assistant, chat) == 0
    assert actions.forgotten == [f"/conversations/{quote(chat.id, safe='')}"] * 2
    assert chat.turn(turn_id=f"{chat.id}:1", text="opening hours")[0]["text"] == "Open {{from}} eight."


def rows_of(assistant: AssistantProcess, chat: Conversation) -> int:
    import sqlite3

    with sqlite3.connect(assistant.var / "tracker.db") as database:
        tables = ["tracker_events", "tracker_snapshots"]
        count = sum(
            database.execute(f"SELECT count(*) FROM {name} WHERE conversation = ?", (chat.id,)).fetchone()[0]
            for name in tables
        )
        return (
            count
            + database.execute(
                "SELECT count(*) FROM tracker_conversations WHERE id = ?", (chat.id,)
            ).fetchone()[0]
        )
