"""The inner door: events from the worker, stored once, answered once, never from the outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.support.fake_assistant import FakeAssistant
from tests.support.gateway_process import Chat


def _event(chat: Chat, event_id: str = "e1", **changes: Any) -> dict[str, Any]:
    event = {"kind": "ticket_answered", "data": {"ticket_id": 1001}}
    return {"event_id": event_id, "conversation_id": chat.id} | event | changes


def _send(inner: httpx.Client, body: Any, **keywords: Any) -> httpx.Response:
    return inner.post("/internal/events", json=body, **keywords)


def test_an_event_is_a_turn(client: httpx.Client, inner: httpx.Client, fake: FakeAssistant) -> None:
    chat = Chat(client)
    chat.settled()
    answer = _send(inner, _event(chat))
    assert answer.status_code == 200
    assert [message["text"] for message in answer.json()["messages"]] == ["Event: ticket_answered"]
    assert fake.turns[-1]["event"] == {"kind": "ticket_answered", "data": {"ticket_id": 1001}}
    assert chat.texts()[1:] == ["Event: ticket_answered"]


def test_the_same_event_is_the_same_result(
    client: httpx.Client, inner: httpx.Client, fake: FakeAssistant
) -> None:
    chat = Chat(client)
    chat.settled()
    first, again = _send(inner, _event(chat)), _send(inner, _event(chat))
    assert first.json() == again.json() and len(fake.turns) == 2
    assert _send(inner, _event(Chat(client))).status_code == 409


@pytest.mark.parametrize("changes", [{"kind": "ticket_filed"}, {"data": {"ticket_id": 1002}}, {"data": {}}])
def test_another_event_under_the_same_id_is_refused(
    client: httpx.Client, inner: httpx.Client, fake: FakeAssistant, changes: dict[str, Any]
) -> None:
    chat = Chat(client)
    chat.settled()
    _send(inner, _event(chat))
    refused = _send(inner, _event(chat, **changes))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "event_id_taken")
    assert len(fake.turns) == 2


def test_events_reach_an_open_stream(client: httpx.Client, inner: httpx.Client) -> None:
    chat = Chat(client)
    chat.settled()
    stream = chat.events(after=1)
    assert next(stream) == ("state", {"pending": False})
    _send(inner, _event(chat))
    texts = [data["text"] for name, data in (next(stream) for _ in range(2)) if name == "message"]
    assert texts == ["Event: ticket_answered"] or next(stream)[1]["text"] == "Event: ticket_answered"
    stream.close()


def test_while_the_assistant_is_down_the_event_is_kept(
    start: Callable[..., Any], fake: FakeAssistant
) -> None:
    local = start(event_answer_within=0.2)
    headers = {"Authorization": f"Bearer {local.settings.inner_secret}"}
    with (
        httpx.Client(base_url=local.url, timeout=15) as client,
        httpx.Client(base_url=local.inner_url, headers=headers, timeout=15) as inner,
    ):
        chat = Chat(client)
        chat.settled()
        fake.stop()
        later = _send(inner, _event(chat))
        assert later.status_code == 503 and later.json()["error"]["code"] == "later"
        fake.start()
        assert chat.settled()[-1]["text"] == "Event: ticket_answered"
        assert _send(inner, _event(chat)).status_code == 200
        assert len([turn for turn in fake.turns if "event" in turn]) == 2


def test_unknown_and_deleted_conversations(client: httpx.Client, inner: httpx.Client) -> None:
    chat = Chat(client)
    assert _send(inner, _event(chat, conversation_id="nobody")).status_code == 404
    chat.settled()
    chat.delete()
    assert _send(inner, _event(chat)).status_code == 404


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic abc"])
def test_the_secret_is_needed(local: Any, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = httpx.post(f"{local.inner_url}/internal/events", json={}, headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"event_id": ""},
        {"kind": "Not a name"},
        {"kind": None},
        {"data": {"a": [1]}},
        {"data": []},
        {"more": 1},
    ],
)
def test_malformed_events(client: httpx.Client, inner: httpx.Client, changes: dict[str, Any]) -> None:
    assert _send(inner, _event(Chat(client), **changes)).status_code == 400


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_numbers_that_are_none(client: httpx.Client, inner: httpx.Client, number: str) -> None:
    chat = Chat(client)
    chat.settled()
    body = f'{{"event_id": "e", "conversation_id": "{chat.id}", "kind": "a", "data": {{"n": {number}}}}}'
    answer = inner.post("/internal/events", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert chat.history()["pending"] is False


def test_the_two_listeners_share_no_path(local: Any, client: httpx.Client, inner: httpx.Client) -> None:
    assert _send(client, {}).status_code == 404
    assert inner.get("/healthz").status_code == inner.get("/").status_code == 404
    assert local.inner_url.startswith("http://127.0.0.1:")
