"""Kept or refused: a locked database, a restart, a store that is not ours, settings that cannot work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.tracker_store import make_engine
from tests.support.assistant_process import AssistantProcess, Conversation, texts
from tests.support.fake_actions import FakeActions
from tests.support.order_talk import up_to_confirmation


@pytest.fixture
def locked(assistant: AssistantProcess) -> Iterator[sqlite3.Connection]:
    """The tracker's database with a writer that does not finish."""
    blocker = sqlite3.connect(assistant.var / "tracker.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    yield blocker
    if blocker.in_transaction:
        blocker.execute("ROLLBACK")
    blocker.close()


def test_locked_database_refuses_the_turn_and_the_retry_forgets_nothing(
    chat: Conversation, assistant: AssistantProcess, actions: FakeActions
) -> None:
    asked = up_to_confirmation(chat)
    blocker = sqlite3.connect(assistant.var / "tracker.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    body = chat.body(button={"id": asked[0]["buttons"][0]["id"]})
    status, answer = chat.post(body)
    assert status == 503
    assert "send the same turn again" in answer["error"]
    blocker.execute("ROLLBACK")
    blocker.close()
    status, answer = chat.post(body)
    assert status == 200
    assert texts(answer["messages"])[0].startswith("Sent as 1001")
    # Run twice, since the first turn was not kept: the key that makes it one order came from an earlier turn.
    keys = [
        call["tracker"]["slots"]["order_key"]
        for call in actions.calls
        if call["next_action"] == "action_send_order"
    ]
    assert keys == ["k-1", "k-1"]
    assert chat.post(body) == (status, answer)


def test_a_new_conversation_while_locked(chat: Conversation, locked: sqlite3.Connection) -> None:
    body = chat.body(text="hello")
    assert chat.post(body)[0] == 503
    locked.execute("ROLLBACK")
    status, answer = chat.post(body)
    assert (status, texts(answer["messages"])) == (200, ["Hello."])


def test_health_and_delete_while_locked(
    chat: Conversation, assistant: AssistantProcess, locked: sqlite3.Connection
) -> None:
    assert assistant.call("GET", "/healthz") == (503, {"status": "down", "down": ["tracker store"]})
    assert assistant.call("DELETE", f"/conversations/{chat.id}")[0] == 503
    locked.execute("ROLLBACK")
    assert assistant.call("GET", "/healthz")[0] == 200


def test_restart_keeps_conversations_and_replies(chat: Conversation, assistant: AssistantProcess) -> None:
    asked = up_to_confirmation(chat)
    assistant.stop()
    assistant.start()
    assert chat.turn(turn_id=f"{chat.id}:{chat.turns}", text="for my desk") == asked
    assert chat.press(asked[0]["buttons"][0])[0].startswith("Sent as 1001")


def test_log_holds_nothing_of_what_people_say(chat: Conversation, assistant: AssistantProcess) -> None:
    chat.say("place an order")
    chat.press({"id": f"{chat.id}:1-0.0"})
    chat.say("for quixotic.person@agency.example of 4155550123")
    assert "quixotic" not in assistant.log()
    assert "4155550123" not in assistant.log()


PRODUCTION = {
    "MODE": "production",
    "ACCOUNTS": "none",
    "DESK": "rt",
    "DOOR_SECRET": "kT7_vQ2mZ9xLr4Wb8NcJd5Hs",
    "ACTIONS_SECRET": "pR3_wY6nF1cVt9Xa2MgKe8Zq",
}


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"DOOR_SECRET": ""}, "DOOR_SECRET"),
        ({"ACTIONS_SECRET": ""}, "ACTIONS_SECRET"),
        ({"ASSISTANT_PORT": "many"}, "ASSISTANT_PORT"),
        ({"TRACKER_DATABASE_URL": "mysql://x/y"}, "TRACKER_DATABASE_URL"),
        ({"TRACKER_DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/x"}, "assistant: "),
        ({"POLICY_FILE": "nowhere.yml"}, "nowhere.yml"),
        ({"MODE": "test"}, "MODE"),
        (PRODUCTION, "example address"),
    ],
)
def test_wrong_settings_end_it_with_one_line(
    assistant: AssistantProcess, environ: dict[str, str], named: str
) -> None:
    ended = AssistantProcess(assistant.var, "http://127.0.0.1:9", **environ).run("bot.server")
    assert ended.returncode == 2
    assert named in ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert "hush" not in ended.stderr


def test_a_taken_port_ends_it_with_one_line(assistant: AssistantProcess) -> None:
    ended = AssistantProcess(assistant.var, "http://127.0.0.1:9", ASSISTANT_PORT=str(assistant.port)).run(
        "bot.server"
    )
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert str(assistant.port) in ended.stderr


def test_errors_of_the_store_do_not_show_what_people_said(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/x.db")
    with engine.connect() as connection, pytest.raises(SQLAlchemyError) as raised:
        connection.execute(text("INSERT INTO nowhere VALUES (:said)"), {"said": "something private"})
    assert "private" not in str(raised.value)
    assert make_engine("postgresql://u:p@127.0.0.1/x").hide_parameters


def test_no_model_ends_it_with_one_line(tmp_path: Path) -> None:
    ended = AssistantProcess(tmp_path, "http://127.0.0.1:9").run("bot.server")
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "make train" in ended.stderr
