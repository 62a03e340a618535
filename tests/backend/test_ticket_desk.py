"""Tickets over HTTP: filing once, finding, replying, refusing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.backend_server import RunningBackend, ticket_draft

CASEY = "casey.forty@agency.example"


def file(backend: RunningBackend, key: str, **changes: Any) -> Any:
    return backend.api.post("/tickets", json=ticket_draft(**changes), headers={"Idempotency-Key": key})


def reply(backend: RunningBackend, number: int, key: str, author: str, text: str) -> Any:
    return backend.api.post(f"/tickets/{number}/replies", json={"key": key, "from": author, "text": text})


def test_a_ticket_keeps_everything_it_was_filed_with(any_backend: RunningBackend) -> None:
    answer = file(any_backend, "key-1")
    assert answer.status_code == 201
    ticket = answer.json()["ticket"]
    expected = ticket_draft()
    assert {name: ticket[name] for name in expected} == expected
    assert (ticket["id"], ticket["key"], ticket["status"], ticket["replies"]) == (1001, "key-1", "open", [])
    assert ticket["created_at"] == "2026-11-23T18:00:00Z"
    assert any_backend.api.get("/tickets/1001").json() == {"ticket": ticket}
    assert any_backend.api.get("/tickets", params={"key": "key-1"}).json() == {"tickets": [ticket]}
    assert file(any_backend, "key-2").json()["ticket"]["id"] == 1002


def test_the_same_key_again_is_the_same_ticket(any_backend: RunningBackend) -> None:
    first = file(any_backend, "key-1").json()
    again = file(any_backend, "key-1", subject="Something else")
    assert (again.status_code, again.json()) == (200, first)


def test_twenty_at_once_with_one_key_file_one_ticket(any_backend: RunningBackend) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: file(any_backend, "one-key"), range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert {answer.json()["ticket"]["id"] for answer in answers} == {answers[0].json()["ticket"]["id"]}
    assert len(any_backend.api.get("/tickets", params={"requester": CASEY}).json()["tickets"]) == 1


def test_twenty_at_once_with_their_own_keys_file_twenty(any_backend: RunningBackend) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: file(any_backend, f"key-{number}"), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["ticket"]["id"] for answer in answers}) == 20


def test_twenty_replies_at_once_with_one_key_are_one(any_backend: RunningBackend) -> None:
    file(any_backend, "key-1")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: reply(any_backend, 1001, "r", "support", "Done."), range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len(any_backend.api.get("/tickets/1001").json()["ticket"]["replies"]) == 1
    assert len(any_backend.mails(CASEY)) == 1


def test_reply_and_reply_again(any_backend: RunningBackend) -> None:
    file(any_backend, "key-1")
    answered = reply(any_backend, 1001, "a", "support", "Please log in today.").json()["ticket"]
    assert answered["status"] == "answered"
    [mail] = any_backend.mails()
    assert mail.to == CASEY and "Please log in today." in mail.text and "1001" in mail.subject

    reopened = reply(any_backend, 1001, "b", "requester", "Inactive again.").json()["ticket"]
    assert reopened["status"] == "open"
    assert [(each["from"], each["text"]) for each in reopened["replies"]] == [
        ("support", "Please log in today."),
        ("requester", "Inactive again."),
    ]
    assert len(any_backend.mails()) == 1


def test_search_by_requester_ignores_case(any_backend: RunningBackend) -> None:
    file(any_backend, "key-1")
    file(any_backend, "key-2", email="other@agency.example")
    for address, expected in ((CASEY.upper(), 1), ("other@agency.example", 1), ("forty@agency.example", 0)):
        found = any_backend.api.get("/tickets", params={"requester": address}).json()["tickets"]
        assert len(found) == expected


BAD_DRAFTS = [
    ({"subject": ""}, "subject"),
    ({"subject": "x" * 300}, "subject"),
    ({"requester": {"email": "nobody", "name": "N"}}, "requester.email"),
    ({"requester": {"email": "a@b, c@d", "name": "N"}}, "requester.email"),
    ({"requester": None}, "requester"),
    ({"row": None}, "row"),
    ({"case": "3"}, "case"),
    ({"facts": ["f"] * 9}, "facts"),
    ({"facts": "f"}, "facts"),
    ({"transcript": [{"from": "person", "at": "yesterday", "text": "t"}]}, "transcript.0.at"),
    ({"body": "x" * 60_000}, "body"),
]


@pytest.mark.parametrize(("changes", "field"), BAD_DRAFTS, ids=lambda value: str(value)[:40])
def test_a_draft_that_cannot_be_filed(
    shared_backend: RunningBackend, changes: dict[str, Any], field: str
) -> None:
    answer = file(shared_backend, "key-1", **changes)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "invalid" and error["message"].startswith(f"{field}: ")
    assert "nobody" not in answer.text and "yesterday" not in answer.text
    assert shared_backend.api.get("/tickets", params={"requester": CASEY}).json() == {"tickets": []}


@pytest.mark.parametrize("key", ["", "x" * 201, "two words"])
def test_a_key_is_needed(shared_backend: RunningBackend, key: str) -> None:
    answer = file(shared_backend, key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "key_missing")


def test_unknown_tickets(shared_backend: RunningBackend) -> None:
    for number in ("7", "1001", "-1", "x", "9" * 30, "1001.5", "１００１"):
        answer = shared_backend.api.get(f"/tickets/{number}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ticket_unknown"), number
    assert reply(shared_backend, 1001, "a", "support", "x").status_code == 404


BAD_REPLIES = [{"key": "a", "from": "robot", "text": "x"}, {"key": "a", "from": "support", "text": " "}, {}]


@pytest.mark.parametrize("body", BAD_REPLIES, ids=str)
def test_a_reply_that_cannot_be_kept(backend: RunningBackend, body: dict[str, Any]) -> None:
    file(backend, "key-1")
    assert backend.api.post("/tickets/1001/replies", json=body).status_code == 422
    assert backend.mails() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/tickets?requester=a@b"), ("POST", "/tickets"), ("GET", "/tickets/1001"), ("POST", "/mail")],
)
def test_nothing_without_the_token(shared_backend: RunningBackend, method: str, path: str) -> None:
    answer = shared_backend.visitor.request(method, path, headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_missing")


def test_search_needs_something_to_search_for(shared_backend: RunningBackend) -> None:
    answer = shared_backend.api.get("/tickets")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "address_missing")


def test_other_errors_are_json_too(shared_backend: RunningBackend) -> None:
    assert shared_backend.api.get("/nothing").json()["error"]["code"] == "not_found"
    assert shared_backend.api.put("/tickets").json()["error"]["code"] == "method_not_allowed"
    too_large = shared_backend.api.post("/tickets", content=b"x" * 600_000, headers={"Idempotency-Key": "k"})
    assert (too_large.status_code, too_large.json()["error"]["code"]) == (413, "body_too_large")


def test_mail_handed_in_twice_is_kept_once(any_backend: RunningBackend) -> None:
    mail = {"key": "code-1", "to": CASEY, "subject": "Your code", "text": "Your code is in here."}
    assert any_backend.api.post("/mail", json=mail).status_code == 201
    assert any_backend.api.post("/mail", json=mail).status_code == 200
    assert [each.subject for each in any_backend.mails(CASEY)] == ["Your code"]
    assert any_backend.api.get("/mail").status_code == 405
