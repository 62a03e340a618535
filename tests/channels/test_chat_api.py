"""The chat API: shapes, idempotency, order, tokens, limits, plain words."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels import tokens
from channels.options import Rate
from channels.words import load_words
from tests.support.fake_assistant import FakeAssistant
from tests.support.gateway_process import GATEWAY_SECRET, Chat


def test_a_conversation_begins_with_the_greeting(client: httpx.Client, fake: FakeAssistant) -> None:
    opened = client.post("/api/v1/conversations", json={})
    assert opened.status_code == 201
    assert set(opened.json()) == {"conversation_id", "token", "expires_at"}
    (greeting,) = Chat(client, opened.json()).settled()
    assert greeting["seq"] == 1 and greeting["from"] == "assistant"
    assert greeting["buttons"][0]["title"] == "Account is inactive"
    assert greeting["buttons"][0]["id"] == f"{greeting['id']}.0"
    (turn,) = fake.turns
    assert turn["event"] == {"kind": "session_start", "data": {}}
    assert turn["identity"] == {"level": "anonymous", "email": None}
    assert turn["channel"] == "web" and turn["at"] == "2026-11-23T17:00:00+00:00"


def test_the_greeting_is_there_when_the_conversation_opens(client: httpx.Client) -> None:
    for _ in range(5):
        found = Chat(client).history()
        assert len(found["messages"]) == 1 and found["pending"] is False


def test_what_a_person_says_is_answered_in_the_same_request(client: httpx.Client) -> None:
    chat = Chat(client)
    chat.settled()
    answer = chat.say("I am locked out", "c1").json()
    assert [message["text"] for message in answer["messages"]] == ["You said: I am locked out"]
    own, reply = chat.history(after=1)["messages"]
    assert (own["seq"], own["from"], own["text"], own["client_id"]) == (2, "person", "I am locked out", "c1")
    assert (reply["seq"], reply["from"], reply["buttons"]) == (3, "assistant", [])
    assert answer["said"] == own and answer["messages"] == [reply]


def test_a_button_is_shown_as_its_title_and_sent_as_its_id(client: httpx.Client, fake: FakeAssistant) -> None:
    chat = Chat(client)
    button = chat.settled()[0]["buttons"][1]
    assert chat.send({"client_id": "b", "button": button["id"]}).status_code == 200
    assert fake.turns[-1]["button"] == {"id": button["id"]}
    assert chat.texts()[1] == "Account is locked"


def test_the_same_client_id_is_the_same_message(client: httpx.Client, fake: FakeAssistant) -> None:
    chat = Chat(client)
    chat.settled()
    first = chat.say("once, and my password is hunter2", "same")
    again = chat.say("  once, and my password is hunter2 ", "same")
    assert again.status_code == first.status_code == 200 and again.json() == first.json()
    assert len(fake.texts()) == 1
    assert len(chat.history()["messages"]) == 3


def test_another_message_under_the_same_client_id_is_refused(
    client: httpx.Client, fake: FakeAssistant
) -> None:
    chat = Chat(client)
    button = chat.settled()[0]["buttons"][0]
    chat.say("once", "same")
    for body in ({"text": "something else"}, {"button": button["id"]}):
        refused = chat.send({"client_id": "same", **body})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "client_id_taken")
    assert fake.texts() == ["once"] and len(chat.history()["messages"]) == 3
    assert chat.say("something else", "its-own").json()["messages"][0]["text"] == "You said: something else"


def test_the_same_client_id_at_the_same_moment_is_one_turn(client: httpx.Client, fake: FakeAssistant) -> None:
    chat = Chat(client)
    chat.settled()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: chat.say("together", "same").json(), range(8)))
    assert fake.texts() == ["together"]
    assert all(answer == answers[0] for answer in answers)


def test_the_same_client_id_in_another_conversation_is_another_turn(client: httpx.Client) -> None:
    one, two = Chat(client), Chat(client)
    one.say("for one", "same")
    assert two.say("for two", "same").json()["messages"][0]["text"] == "You said: for two"


def test_turns_of_a_conversation_run_one_after_the_other(client: httpx.Client, fake: FakeAssistant) -> None:
    fake.script = _slow_echo
    chat = Chat(client)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: chat.say(f"m{n}"), range(6)))
    messages = chat.settled()
    assert fake.overlaps == 0
    assert sorted(fake.texts()) == [f"m{n}" for n in range(6)]
    assert [m["seq"] for m in messages] == list(range(1, len(messages) + 1))
    said = [m["text"] for m in messages if m["from"] == "person"]
    answered = [m["text"].removeprefix("You said: ") for m in messages if m["from"] == "assistant"]
    assert answered[1:] == said


def _slow_echo(turn: dict[str, Any]) -> list[dict[str, Any]]:
    time.sleep(0.03)
    return [{"text": f"You said: {turn.get('text')}"}]


def test_secrets_are_masked_before_anything_keeps_them(client: httpx.Client, fake: FakeAssistant) -> None:
    chat = Chat(client)
    answer = chat.say("ssn 123-45-6789, my password is hunter2").json()
    masks = load_words().masks
    expected = f"ssn {masks['ssn']}, my password is {masks['password']}"
    assert fake.texts() == [expected] and answer["said"]["text"] == expected


def test_history_comes_in_pages(start: Callable[..., Any]) -> None:
    local = start(history_page=2)
    with httpx.Client(base_url=local.url) as client:
        chat = Chat(client)
        chat.settled()
        for n in range(3):
            chat.say(f"m{n}")
        seen: list[int] = []
        more = True
        while more:
            page = chat.history(after=seen[-1] if seen else 0)
            seen += [message["seq"] for message in page["messages"]]
            more = page["more"]
        assert seen == list(range(1, 8))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"client_id": "a"}, 400, "bad_request"),
        ({"client_id": "a", "text": "x", "button": "y.0"}, 400, "bad_request"),
        ({"text": "x"}, 400, "bad_request"),
        ({"client_id": "a b", "text": "x"}, 400, "bad_request"),
        ({"client_id": "a" * 65, "text": "x"}, 400, "bad_request"),
        ({"client_id": "a\n", "text": "x"}, 400, "bad_request"),
        ({"client_id": 7, "text": "x"}, 400, "bad_request"),
        ({"client_id": "a", "text": "   "}, 400, "bad_request"),
        ({"client_id": "a", "text": "nul\x00"}, 400, "bad_request"),
        ({"client_id": "a", "text": ["x"]}, 400, "bad_request"),
        ({"client_id": "a", "text": "x", "event": "session_start"}, 400, "bad_request"),
        ({"client_id": "a", "text": "x", "identity": {"level": "email"}}, 400, "bad_request"),
        (["x"], 400, "bad_request"),
        ({"client_id": "a", "button": "someone-elses.0"}, 400, "unknown_button"),
        ({"client_id": "a", "text": "x" * 2001}, 413, "too_long"),
        ({"client_id": "a", "text": "x" * 20_000}, 413, "too_large"),
    ],
)
def test_what_cannot_be_taken_is_said_in_plain_words(
    client: httpx.Client, fake: FakeAssistant, body: Any, status: int, code: str
) -> None:
    chat = Chat(client)
    chat.settled()
    response = chat.send(body)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.json()["error"]["message"].endswith(".")
    assert len(fake.turns) == 1 and len(chat.history()["messages"]) == 1


def test_the_longest_text_is_taken(client: httpx.Client) -> None:
    assert Chat(client).say("ü" * 2000).status_code == 200


def test_a_form_of_another_site_cannot_post(client: httpx.Client) -> None:
    response = client.post("/api/v1/conversations", content=b"{}", headers={"Content-Type": "text/plain"})
    assert (response.status_code, response.json()["error"]["code"]) == (415, "not_json")
    chat = Chat(client)
    posted = client.post(f"{chat.path}/messages", data={"text": "x"}, headers=chat.headers)
    assert posted.status_code == 415


def _doors(chat: Chat) -> list[tuple[str, str]]:
    return [
        ("POST", f"{chat.path}/messages"),
        ("GET", f"{chat.path}/messages"),
        ("GET", f"{chat.path}/stream"),
        ("DELETE", chat.path),
    ]


def test_no_door_opens_without_the_conversations_own_token(client: httpx.Client) -> None:
    chat, other = Chat(client), Chat(client)
    never = uuid.uuid4().hex
    cases = [
        ({}, 401, "token_missing"),
        ({"Authorization": "Bearer"}, 401, "token_missing"),
        ({"Authorization": f"Basic {chat.headers['Authorization'][7:]}"}, 401, "token_missing"),
        ({"Authorization": chat.headers["Authorization"][:-1] + "_"}, 401, "token_forged"),
        ({"Authorization": f"Bearer {tokens.issue(chat.id, 9_999_999_999, 'x')}"}, 401, "token_forged"),
        ({"Authorization": f"Bearer {tokens.issue(chat.id, 1, GATEWAY_SECRET)}"}, 401, "token_expired"),
        (other.headers, 403, "other_conversation"),
    ]
    for method, path in _doors(chat):
        for headers, status, code in cases:
            response = client.request(method, path, headers=headers, json={"client_id": "a", "text": "x"})
            assert (response.status_code, response.json()["error"]["code"]) == (status, code), (path, code)
    gone = {"Authorization": f"Bearer {tokens.issue(never, 9_999_999_999, GATEWAY_SECRET)}"}
    for method, path in _doors(chat)[:3]:
        path = path.replace(chat.id, never)
        response = client.request(method, path, headers=gone, json={"client_id": "a", "text": "x"})
        assert (response.status_code, response.json()["error"]["code"]) == (404, "gone"), path
    assert len(chat.settled()) == 1


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 30, "١"])
def test_after_is_a_number(client: httpx.Client, after: str) -> None:
    chat = Chat(client)
    for door in ("messages", "stream"):
        response = client.get(f"{chat.path}/{door}", params={"after": after}, headers=chat.headers)
        assert response.status_code == 400


def test_floods_are_told_when_to_come_back(start: Callable[..., Any]) -> None:
    local = start(conversation_rate=Rate(burst=2, per_minute=6), message_rate=Rate(burst=2, per_minute=60))
    with httpx.Client(base_url=local.url) as client:
        chat = Chat(client)
        Chat(client)
        refused = client.post("/api/v1/conversations", json={})
        assert refused.status_code == 429 and refused.json()["error"]["code"] == "too_many"
        assert 1 <= int(refused.headers["retry-after"]) <= 10
        assert [chat.say(f"m{n}").status_code for n in range(3)] == [200, 200, 429]
        forged = {"X-Forwarded-For": "198.51.100.1"}
        assert client.post("/api/v1/conversations", json={}, headers=forged).status_code == 429


def test_requests_are_counted_whatever_their_token(start: Callable[..., Any]) -> None:
    local = start(request_rate=Rate(burst=3, per_minute=1))
    with httpx.Client(base_url=local.url) as client:
        path = f"/api/v1/conversations/{uuid.uuid4().hex}/messages"
        assert [client.get(path).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_few_turns_may_wait(start: Callable[..., Any], fake: FakeAssistant) -> None:
    fake.stop()
    local = start(waiting_turns=3, answer_within=0.05)
    with httpx.Client(base_url=local.url) as client:
        chat = Chat(client)
        assert [chat.say(f"m{n}").status_code for n in range(3)] == [202, 202, 429]
        fake.start()
        chat.settled()
        assert fake.texts() == ["m0", "m1"]


def test_unknown_addresses_answer_in_json(client: httpx.Client) -> None:
    assert client.get("/api/v2/conversations").json()["error"]["code"] == "not_found"
    assert client.put("/api/v1/conversations").json()["error"]["code"] == "not_allowed"
    assert client.get("/internal/events").status_code == 404
    assert client.post("/internal/events", json={}).status_code == 404


def test_every_error_code_has_words() -> None:
    source = "".join(path.read_text() for path in Path("channels").glob("*.py"))
    used = set(re.findall(r'ApiError\(\s*\d+,\s*"(\w+)"', source)) | {"not_found", "not_allowed"}
    assert used == set(load_words().errors)
