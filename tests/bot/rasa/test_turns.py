"""Turns through the door of a running assistant: what happens once, what is kept, what is only text."""

from __future__ import annotations

import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.assistant_process import AssistantProcess, Conversation, texts
from tests.support.fake_actions import FakeActions, Plan, slot
from tests.support.order_talk import up_to_confirmation


def test_happy_path(chat: Conversation, actions: FakeActions) -> None:
    assert texts(chat.turn(text="place an order")) == ["Which color?"]
    assert chat.press({"id": f"{chat.id}:1-0.1"}) == ["What for?"]
    asked = chat.turn(text="for my desk")
    assert texts(asked) == ["blue, for: for my desk. Key k-1. Send it?"]
    assert [button["title"] for button in asked[0]["buttons"]] == ["Yes, blue", "No"]
    assert chat.press(asked[0]["buttons"][0]) == ["Sent as 1001, until Tuesday, November 24 (Nov 24)."]
    assert actions.names() == ["action_make_order", "action_send_order"]


def test_message_shape(chat: Conversation) -> None:
    [hello] = chat.turn(event={"kind": "session_start", "data": {}})
    assert hello == {
        "id": f"{chat.id}:1-0",
        "text": "Hi on Monday, November 23, 90 days.",
        "buttons": [
            {"id": f"{chat.id}:1-0.0", "title": "Order"},
            {"id": f"{chat.id}:1-0.1", "title": "Hours"},
            {"id": f"{chat.id}:1-0.2", "title": "Broken"},
        ],
        "image": None,
        "custom": None,
    }


def test_messages_of_an_action(chat: Conversation, actions: FakeActions) -> None:
    up_to_confirmation(chat)
    actions.plans["action_send_order"] = Plan(
        events=[slot("send_order_outcome", "ok"), slot("ticket_id", "7"), slot("pick_up_by", "2027-01-02")],
        responses=[{"response": "utter_extra", "ticket_id": "7"}, {"text": "Plain."}],
    )
    said = chat.turn(text="yes")
    assert texts(said) == [
        "From the action.",
        "Plain.",
        "Sent as 7, until Saturday, January 2, 2027 (Jan 2, 2027).",
    ]
    assert said[0]["custom"] == {"receipt": "7"}
    assert said[0]["image"] == {"file": "red.svg", "alt": "All red"}
    turn_id = f"{chat.id}:{chat.turns}"
    assert [message["id"] for message in said] == [f"{turn_id}-{n}" for n in range(3)]
    assert chat.turn(turn_id=turn_id, text="yes") == said


def test_what_an_action_gets(chat: Conversation, actions: FakeActions) -> None:
    up_to_confirmation(chat)
    [call] = actions.calls
    assert actions.headers["authorization"] == "Bearer actions-secret-for-tests-0123456789"
    assert call["tracker"]["slots"]["color"] == "red"
    assert call["tracker"]["slots"]["make_order_outcome"] is None
    latest = [event for event in call["tracker"]["events"] if event["event"] == "user"][-1]
    assert latest["text"] == "for my desk"
    assert {key: latest["metadata"][key] for key in ("turn_id", "at", "channel", "identity")} == {
        "turn_id": f"{chat.id}:3",
        "at": "2026-11-23T10:00:00-08:00",
        "channel": "web",
        "identity": {"level": "anonymous", "email": None},
    }
    assert call["domain"]


def test_same_turn_again_is_answered_from_the_log(chat: Conversation, actions: FakeActions) -> None:
    asked = up_to_confirmation(chat)
    body = chat.body(button={"id": asked[0]["buttons"][0]["id"]})
    first = chat.post(body)
    again = chat.post(body)
    assert first == again
    assert actions.names().count("action_send_order") == 1


def test_a_turn_older_than_the_compaction_window_is_answered_from_the_log(chat: Conversation) -> None:
    first = chat.turn(text="hello")
    for _ in range(45):
        chat.say("opening hours")
    assert chat.turn(turn_id=f"{chat.id}:1", text="hello") == first


def test_concurrent_duplicates_share_one_run(chat: Conversation, actions: FakeActions) -> None:
    asked = up_to_confirmation(chat)
    actions.plans["action_send_order"].seconds = 0.5
    body = chat.body(button={"id": asked[0]["buttons"][0]["id"]})
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(chat.post, [body] * 5))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 200
    assert actions.names().count("action_send_order") == 1


def test_turns_of_one_conversation_wait_for_each_other(chat: Conversation, actions: FakeActions) -> None:
    asked = up_to_confirmation(chat)
    actions.plans["action_send_order"].seconds = 0.5
    slow = chat.body(button={"id": asked[0]["buttons"][0]["id"]})
    quick = chat.body(text="opening hours")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(chat.post, slow)
        while "action_send_order" not in actions.names():
            pass
        second = pool.submit(chat.post, quick)
        assert texts(first.result()[1]["messages"])[0].startswith("Sent as 1001")
        assert texts(second.result()[1]["messages"]) == ["Open {{from}} eight."]


def test_a_caller_who_hangs_up_loses_nothing(chat: Conversation, actions: FakeActions) -> None:
    asked = up_to_confirmation(chat)
    actions.plans["action_send_order"].seconds = 2
    body = chat.body(button={"id": asked[0]["buttons"][0]["id"]})
    with pytest.raises(OSError):
        chat.post(body, timeout=1)
    status, answer = chat.post(body)
    assert status == 200
    assert texts(answer["messages"])[0].startswith("Sent as 1001")
    assert actions.names().count("action_send_order") == 1


@pytest.mark.parametrize(
    "text",
    [
        "/order",
        " /restart",
        "/restart",
        "/session_start",
        "/SetSlots(color=red)",
        "/StartFlow(order)",
        '/order{"color": "red"}',
        "EXTERNAL: event_ticket_filed",
        "EXTERNAL: order",
        "/event_ticket_filed",
        "  two  spaces  ",
    ],
)
def test_typed_text_is_text(chat: Conversation, assistant: AssistantProcess, text: str) -> None:
    assert chat.say(text) == ["Sorry?"]
    assert stored_texts(assistant, chat) == [text]


def test_typed_payload_fills_no_slot(chat: Conversation) -> None:
    chat.say("place an order")
    assert chat.say("/SetSlots(color=red)") == ["Sorry?", "Which color?"]
    assert chat.press({"id": f"{chat.id}:{chat.turns}-1.0"}) == ["What for?"]


def test_event_with_data_that_are_slots(chat: Conversation) -> None:
    assert chat.tell("ticket_filed", ticket_id=1007, flow_stack="x", unknown=1, color="no such color") == [
        "Ticket 1007 is filed."
    ]


def test_event_during_a_question_asks_it_again(chat: Conversation) -> None:
    chat.say("place an order")
    assert chat.tell("ticket_filed", ticket_id="1007") == ["Ticket 1007 is filed.", "Which color?"]


def test_event_that_nobody_waits_for_says_nothing(chat: Conversation) -> None:
    assert chat.tell("nobody_waits") == []


def test_free_text_question_is_not_answered_by_an_event(chat: Conversation) -> None:
    chat.say("place an order")
    chat.press({"id": f"{chat.id}:1-0.0"})
    assert chat.tell("ticket_filed", ticket_id="1") == ["Ticket 1 is filed.", "What for?"]


def test_channel_chooses_the_response(assistant: AssistantProcess, actions: FakeActions) -> None:
    slack = assistant.conversation(channel="slack")
    assert slack.say("place an order") == ["Which color, on Slack?"]


def test_restart_forgets_the_answers_and_goes_on(chat: Conversation) -> None:
    up_to_confirmation(chat)
    assert chat.say("start over") == ["From the start."]
    assert chat.say("place an order") == ["Which color?"]


def test_repeat_sends_the_last_messages_once(chat: Conversation) -> None:
    asked = up_to_confirmation(chat)
    again = chat.turn(text="say that again")
    assert texts(again) == texts(asked)
    assert [button["title"] for button in again[0]["buttons"]] == ["Yes, red", "No"]
    assert chat.press(again[0]["buttons"][0])[0].startswith("Sent as 1001")


def test_repeat_of_several_messages(chat: Conversation) -> None:
    chat.say("place an order")
    assert chat.say("hello") == ["Hello.", "Which color?"]
    assert chat.say("once more") == ["Hello.", "Which color?"]


def test_nothing_to_repeat(chat: Conversation) -> None:
    assert chat.say("once more") == []


@pytest.mark.parametrize(
    "failure",
    [
        Plan(status=500),
        Plan(status=400),
        Plan(status=404),
        Plan(drop=True),
        Plan(events=[slot("order_key", "x")]),
        Plan(events=[{"event": "no such event"}]),
        Plan(events=[{"event": "slot"}]),
        Plan(events=[slot("make_order_outcome", "ok")], responses=["no response"]),  # type: ignore[list-item]
    ],
    ids=["500", "400", "404", "dropped", "no outcome", "no event", "no slot", "no response"],
)
def test_a_failed_action_takes_the_flows_failure_branch(
    chat: Conversation, actions: FakeActions, failure: Plan
) -> None:
    actions.plans["action_make_order"] = failure
    chat.say("place an order")
    chat.press({"id": f"{chat.id}:1-0.0"})
    assert chat.say("for my desk") == ["That did not work."]


def test_an_action_decides_nothing_but_its_slots(chat: Conversation, actions: FakeActions) -> None:
    actions.plans["action_make_order"].events += [
        {"event": "followup", "name": "utter_kept"},
        {"event": "restart"},
        {"event": "pause"},
        {"event": "rewind"},
        {"event": "user", "text": "cancel", "parse_data": {"intent": {"name": "cancel"}, "entities": []}},
        slot("flow_stack", []),
    ]
    assert texts(up_to_confirmation(chat)) == ["red, for: for my desk. Key k-1. Send it?"]


def test_odd_characters(chat: Conversation, assistant: AssistantProcess) -> None:
    text = "a\x00b \u202e ü 😀 {color} {0} %s <b>"
    chat.say("place an order")
    chat.press({"id": f"{chat.id}:1-0.0"})
    assert chat.say(text) == [f"red, for: {text}. Key k-1. Send it?"]
    assert stored_texts(assistant, chat)[-1] == text


def test_an_outcome_from_an_earlier_run_does_not_count(chat: Conversation, actions: FakeActions) -> None:
    up_to_confirmation(chat)
    chat.say("no")
    actions.plans["action_make_order"] = Plan(status=500)
    chat.say("place an order")
    chat.press({"id": f"{chat.id}:{chat.turns}-0.0"})
    assert chat.say("for my desk") == ["That did not work."]


def test_an_action_that_hangs_is_given_up(chat: Conversation, actions: FakeActions) -> None:
    actions.plans["action_make_order"].seconds = 12
    chat.say("place an order")
    chat.press({"id": f"{chat.id}:1-0.0"})
    assert chat.say("for my desk") == ["That did not work."]


def test_two_conversations_do_not_wait_for_each_other(
    chat: Conversation, assistant: AssistantProcess, actions: FakeActions
) -> None:
    asked = up_to_confirmation(chat)
    actions.plans["action_send_order"].seconds = 1.5
    other = assistant.conversation()
    done: list[str] = []

    def slow() -> None:
        chat.press(asked[0]["buttons"][0])
        done.append("slow")

    thread = threading.Thread(target=slow)
    thread.start()
    while "action_send_order" not in actions.names():
        pass
    other.say("hello")
    done.append("quick")
    thread.join()
    assert done == ["quick", "slow"]


def stored_texts(assistant: AssistantProcess, chat: Conversation) -> list[str]:
    """The person's messages as the tracker's log has them."""
    with sqlite3.connect(assistant.var / "tracker.db") as database:
        rows = database.execute(
            "SELECT data FROM tracker_events WHERE conversation = ? AND type = 'user' ORDER BY seq",
            (chat.id,),
        )
        return [json.loads(row[0])["text"] for row in rows]
