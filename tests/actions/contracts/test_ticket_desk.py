"""What every ticket desk adapter promises. A new adapter joins by adding a line to DESKS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from actions.desks import TicketDesk
from actions.desks.filing import file_once
from actions.desks.sandbox import SandboxDesk
from actions.http import CallHuman, HttpClient, NotFound, NotSent, RetryLater, TellPerson
from actions.tickets import TicketDraft
from tests.support import fake_world
from tests.support.actions_tools import QUICK, draft
from tests.support.backend_server import TOKEN, running_backend
from tests.support.fault_proxy import FAULTS, FaultProxy


@dataclass
class Served:
    """A desk behind a proxy. `tickets` gives what the desk really holds; `answer` is Support's doing."""

    desk: TicketDesk
    proxy: FaultProxy
    tickets: Callable[[], list[dict[str, Any]]]
    answer: Callable[[str, str], None]
    stranger: Callable[[], TicketDesk]


@contextmanager
def sandbox(folder: Path) -> Iterator[Served]:
    with running_backend(folder) as backend:
        proxy = FaultProxy(backend.url, delay=1.5)

        def connect(token: str) -> SandboxDesk:
            return SandboxDesk(HttpClient("desk", proxy.url, token, limits=QUICK))

        def tickets() -> list[dict[str, Any]]:
            found = backend.api.get("/tickets", params={"requester": "jo@agency.org"}).json()["tickets"]
            return [backend.api.get(f"/tickets/{ticket['id']}").json()["ticket"] for ticket in found]

        def answer(ticket_id: str, text: str) -> None:
            body = {"key": f"support-{len(text)}", "from": "support", "text": text}
            assert backend.api.post(f"/tickets/{ticket_id}/replies", json=body).status_code == 201

        yield Served(connect(TOKEN), proxy, tickets, answer, lambda: connect("wrong"))
        proxy.close()


@contextmanager
def forgetful(folder: Path) -> Iterator[Served]:
    """The same protocol on a desk that does not know idempotency: two POSTs are two tickets."""
    world = fake_world.FakeWorld()
    proxy = FaultProxy(world.url, delay=1.5)

    def connect(token: str) -> SandboxDesk:
        return SandboxDesk(HttpClient("desk", proxy.url, token, limits=QUICK))

    def answer(ticket_id: str, text: str) -> None:
        world.answer(int(ticket_id), text)

    yield Served(connect(fake_world.TOKEN), proxy, lambda: world.tickets, answer, lambda: connect("wrong"))
    proxy.close()
    world.close()


DESKS: dict[str, Callable[[Path], AbstractContextManager[Served]]] = {
    "sandbox": sandbox,
    "sandbox-forgetful": forgetful,
}


@pytest.fixture(params=sorted(DESKS))
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    with DESKS[request.param](tmp_path) as one:
        yield one
        one.desk.close()


def persist(served: Served, key: str, one: TicketDraft) -> str:
    """File as a job does: again and again until it is filed, never forgetting that it was tried."""
    for attempt in range(8):
        try:
            return file_once(served.desk, key, one, tried_before=attempt > 0).id
        except RetryLater:
            served.proxy.rest(0.05)
    raise AssertionError("it was never filed")


def test_create_then_find(served: Served) -> None:
    made = served.desk.create("key-1", draft())
    assert made.status == "open"
    assert made.requester == "jo@agency.org"
    assert made.row == "reactivate_account"
    found = served.desk.find("key-1")
    assert found is not None and found.id == made.id
    assert served.desk.find("key-2") is None


def test_what_arrives_is_what_was_drafted(served: Served) -> None:
    served.desk.create("key-1", draft())
    arrived = served.tickets()[0]
    for name, value in draft().to_json().items():
        if name != "transcript":
            assert arrived[name] == value, name
    assert [line["text"] for line in arrived["transcript"]] == ["It says inactive"]


def test_search_is_newest_first(served: Served) -> None:
    first, second = served.desk.create("key-1", draft()), served.desk.create("key-2", draft())
    served.desk.create("key-3", draft("kim@agency.org"))
    assert [ticket.id for ticket in served.desk.search("jo@agency.org")] == [second.id, first.id]
    assert served.desk.search("nobody@agency.org") == []


def test_an_answer_shows_as_an_answer_without_its_text(served: Served) -> None:
    made = served.desk.create("key-1", draft())
    assert served.desk.status(made.id).answers == ()
    served.answer(made.id, "your word is hunter2")
    answered = served.desk.status(made.id)
    assert answered.status == "answered"
    assert len(answered.answers) == 1
    assert "hunter2" not in repr(answered)


def test_a_reply_is_the_requesters_and_happens_once(served: Served) -> None:
    made = served.desk.create("key-1", draft())
    for _ in range(3):
        served.desk.reply(made.id, "reply-1", "Please again")
    served.desk.reply(made.id, "reply-2", "Please again")
    replies = served.tickets()[0]["replies"]
    assert [(reply["from"], reply["text"]) for reply in replies] == [("requester", "Please again")] * 2
    assert served.desk.status(made.id).answers == ()


@pytest.mark.parametrize("ticket_id", ["999999", "0", "../tickets", "a?b", "1001;drop"])
def test_unknown_tickets(served: Served, ticket_id: str) -> None:
    with pytest.raises(NotFound):
        served.desk.status(ticket_id)
    with pytest.raises(NotFound):
        served.desk.reply(ticket_id, "reply-1", "hello")


def test_wrong_credentials_are_an_operators_matter(served: Served) -> None:
    stranger = served.stranger()
    with pytest.raises(CallHuman):
        stranger.create("key-1", draft())
    with pytest.raises(CallHuman):
        stranger.status("1001")
    stranger.close()
    assert served.tickets() == []


def test_refused_connection_is_surely_not_sent(served: Served) -> None:
    with served.proxy.refusing(), pytest.raises(NotSent):
        served.desk.create("key-1", draft())
    assert served.tickets() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_one_ticket_whatever_breaks(served: Served, fault: str) -> None:
    served.proxy.plan(fault, "POST", "/tickets", times=2)
    ticket_id = persist(served, "key-1", draft())
    assert [(str(ticket["id"]), ticket["key"]) for ticket in served.tickets()] == [(ticket_id, "key-1")]


@pytest.mark.parametrize("fault", FAULTS)
def test_one_reply_whatever_breaks(served: Served, fault: str) -> None:
    made = served.desk.create("key-1", draft())
    served.proxy.plan(fault, "POST", "/tickets/", times=2)
    for _ in range(4):
        try:
            served.desk.reply(made.id, "reply-1", "Please again")
            break
        except RetryLater:
            served.proxy.rest(0.05)
    assert len(served.tickets()[0]["replies"]) == 1


def test_a_draft_that_the_desk_never_takes(tmp_path: Path) -> None:
    """422 and the like are for the person, not for another try. Only a desk that checks can show it."""
    with sandbox(tmp_path) as served, pytest.raises(TellPerson):
        served.desk.create("key-1", draft("not an address"))


@pytest.mark.parametrize("fault", ["drop_after", "garbage", "half", "status_500_after"])
def test_one_ticket_though_nobody_could_ask_at_first(served: Served, fault: str) -> None:
    """The desk took the ticket, its answer was lost, and so was the question for the key."""
    served.proxy.plan(fault, "POST", "/tickets")
    served.proxy.plan("status_500", "GET", "/tickets?key=", times=2)
    persist(served, "key-1", draft())
    assert len(served.tickets()) == 1
    assert served.proxy.seen.count("POST /tickets") == 1
