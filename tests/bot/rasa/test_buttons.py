"""A button acts only while it means what it meant when it was shown."""

from __future__ import annotations

import pytest

from tests.support.assistant_process import Conversation
from tests.support.fake_actions import FakeActions, Plan, slot
from tests.support.order_talk import up_to_confirmation

EXPIRED = "That question is done."


def test_button_of_the_open_question(chat: Conversation) -> None:
    [asked] = chat.turn(text="place an order")
    assert chat.press(asked["buttons"][0]) == ["What for?"]


def test_button_of_an_answered_question_asks_the_open_one_again(chat: Conversation) -> None:
    [asked] = chat.turn(text="place an order")
    chat.press(asked["buttons"][0])
    assert chat.press(asked["buttons"][1]) == [EXPIRED, "What for?"]
    assert chat.say("for my desk") == ["red, for: for my desk. Key k-1. Send it?"]


def test_old_yes_files_nothing(chat: Conversation, actions: FakeActions) -> None:
    [asked] = up_to_confirmation(chat)
    assert chat.press(asked["buttons"][1]) == ["Not sent."]
    assert chat.press(asked["buttons"][0]) == [EXPIRED]
    assert "action_send_order" not in actions.names()


def test_yes_of_an_earlier_summary_files_nothing(chat: Conversation, actions: FakeActions) -> None:
    [first] = up_to_confirmation(chat)
    chat.press(first["buttons"][1])
    actions.plans["action_make_order"] = Plan(
        events=[slot("make_order_outcome", "ok"), slot("order_key", "k-2")]
    )
    chat.say("place an order")
    chat.press({"id": f"{chat.id}:{chat.turns}-0.1"})
    assert chat.say("another desk") == ["blue, for: another desk. Key k-2. Send it?"]
    assert chat.press(first["buttons"][0]) == [EXPIRED, "blue, for: another desk. Key k-2. Send it?"]
    assert "action_send_order" not in actions.names()


def test_button_after_small_talk_still_acts(chat: Conversation) -> None:
    [asked] = chat.turn(text="place an order")
    assert chat.say("hello") == ["Hello.", "Which color?"]
    assert chat.press(asked["buttons"][0]) == ["What for?"]


@pytest.mark.parametrize(
    "button_id",
    ["{first}.2", "{first}.-1", "{first}.x", "{first}", "nobody-0.0", ".0", "{first}.00000000000000000009"],
)
def test_forged_button(chat: Conversation, actions: FakeActions, button_id: str) -> None:
    [asked] = chat.turn(text="place an order")
    forged = {"id": button_id.format(first=asked["id"])}
    assert chat.press(forged) == [EXPIRED, "Which color?"]


def test_button_of_another_conversation(chat: Conversation) -> None:
    [asked] = chat.turn(text="place an order")
    other = chat.assistant.conversation()
    assert other.press(asked["buttons"][0]) == [EXPIRED]


def test_button_in_an_empty_conversation(chat: Conversation) -> None:
    assert chat.press({"id": "nothing-0.0"}) == [EXPIRED]


def test_button_that_starts_a_flow(chat: Conversation) -> None:
    [hello] = chat.turn(event={"kind": "session_start", "data": {}})
    assert chat.press(hello["buttons"][0]) == ["Which color?"]


def test_button_with_an_intent(chat: Conversation) -> None:
    [hello] = chat.turn(event={"kind": "session_start", "data": {}})
    assert chat.press(hello["buttons"][1]) == ["Open {{from}} eight."]


def test_button_without_a_question_acts_while_none_is_open(chat: Conversation) -> None:
    [hello] = chat.turn(event={"kind": "session_start", "data": {}})
    chat.say("hello")
    assert chat.press(hello["buttons"][0]) == ["Which color?"]
    assert chat.press(hello["buttons"][0]) == [EXPIRED, "Which color?"]


def test_button_that_the_author_got_wrong(chat: Conversation) -> None:
    [hello] = chat.turn(event={"kind": "session_start", "data": {}})
    assert chat.press(hello["buttons"][2]) == [EXPIRED]
