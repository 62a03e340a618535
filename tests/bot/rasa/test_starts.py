"""A row that the page begins: always that flow, whatever is open, and never a yes to anything."""

from __future__ import annotations

import json
import sqlite3

from tests.support.assistant_process import AssistantProcess, Conversation, texts
from tests.support.fake_actions import FakeActions
from tests.support.order_talk import up_to_confirmation

ORDER = {"flow": "order", "title": "Order, said on the page"}
HOURS = {"flow": "hours", "title": "When are you open?"}


def test_a_row_begins_and_its_title_is_what_was_said(chat: Conversation, assistant: AssistantProcess) -> None:
    assert texts(chat.turn(start=ORDER)) == ["Which color?"]
    with sqlite3.connect(assistant.var / "tracker.db") as database:
        stored = "\n".join(database.iterdump())
    assert stored.count(json.dumps(ORDER["title"])) >= 1


def test_the_title_is_never_understood(chat: Conversation) -> None:
    assert texts(chat.turn(start={"flow": "order", "title": "hello"})) == ["Which color?"]
    assert texts(chat.turn(start={"flow": "hours", "title": "/restart"}))[-1] == "Which color?"


def test_what_is_under_way_goes_on(chat: Conversation) -> None:
    chat.turn(start=ORDER)
    chat.turn(button={"id": f"{chat.id}:1-0.0"})
    assert texts(chat.turn(start=ORDER))[-1] == "What for?"


def test_a_start_confirms_nothing(chat: Conversation, actions: FakeActions) -> None:
    [asked] = up_to_confirmation(chat)
    assert texts(chat.turn(start={"flow": "order", "title": "Yes, red"}))[-1] == asked["text"]
    assert "action_send_order" not in actions.names()


def test_the_same_start_twice_is_one_turn(chat: Conversation) -> None:
    said = chat.turn(start=ORDER)
    again = chat.turn(turn_id=f"{chat.id}:1", start=ORDER)
    assert again == said and texts(chat.turn(text="for my desk"))


def test_no_such_flow(chat: Conversation) -> None:
    assert texts(chat.turn(start={"flow": "nowhere", "title": "place an order"})) == ["Sorry?"]
