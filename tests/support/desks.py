"""Every kind of ticket desk behind a proxy that can hurt, for tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions.desks import TicketDesk
from actions.desks.request_tracker import RequestTrackerDesk
from actions.desks.request_tracker_ticket import Fields
from actions.desks.sandbox import SandboxDesk
from actions.http import HttpClient, Limits
from actions.tickets import TicketDraft
from tests.support import fake_world
from tests.support.actions_tools import QUICK
from tests.support.backend_server import TOKEN, running_backend
from tests.support.fake_request_tracker import CASE_FIELD, QUEUE, ROW_FIELD, FakeRequestTracker, RtTicket
from tests.support.fault_proxy import FaultProxy
from tests.support.request_tracker_server import RequestTracker

# A real Request Tracker takes its time, the more so on a busy machine.
PATIENT = Limits(connect=1.0, read=15.0, total=20.0)
LINK = "urn:hmis-account-help:"


@dataclass(frozen=True)
class Filed:
    """A ticket as the desk really holds it. `replies`: the texts that were sent for the requester."""

    id: str
    key: str
    replies: list[str]


@dataclass
class Served:
    """A desk behind a proxy. `tickets`: newest first; `answer` is Support's doing; `stranger` has no rights.

    `holds` asserts that a draft arrived whole. `creating`, `replying`, `asking`: how the paths begin with
    which the desk files, replies, and asks for a key.
    """

    desk: TicketDesk
    proxy: FaultProxy
    tickets: Callable[[], list[Filed]]
    answer: Callable[[str, str], None]
    stranger: Callable[[], TicketDesk]
    holds: Callable[[TicketDraft], None]
    creating: str = "/tickets"
    replying: str = "/tickets/"
    asking: str = "/tickets?key="


@contextmanager
def sandbox(folder: Path) -> Iterator[Served]:
    with running_backend(folder) as backend:

        def raw() -> list[dict[str, Any]]:
            found = backend.api.get("/tickets", params={"requester": "jo@agency.org"}).json()["tickets"]
            return [backend.api.get(f"/tickets/{ticket['id']}").json()["ticket"] for ticket in found]

        def answer(ticket_id: str, text: str) -> None:
            body = {"key": f"support-{len(text)}", "from": "support", "text": text}
            assert backend.api.post(f"/tickets/{ticket_id}/replies", json=body).status_code == 201

        yield from _sandbox(FaultProxy(backend.url, delay=1.5), TOKEN, raw, answer)


@contextmanager
def forgetful(_folder: Path) -> Iterator[Served]:
    """The same protocol on a desk that does not know idempotency: two POSTs are two tickets."""
    world = fake_world.FakeWorld()

    def answer(ticket_id: str, text: str) -> None:
        world.answer(int(ticket_id), text)

    proxy = FaultProxy(world.url, delay=1.5)
    yield from _sandbox(proxy, fake_world.TOKEN, lambda: list(reversed(world.tickets)), answer)
    world.close()


def _sandbox(
    proxy: FaultProxy,
    token: str,
    raw: Callable[[], list[dict[str, Any]]],
    answer: Callable[[str, str], None],
) -> Iterator[Served]:
    def connect(token: str) -> SandboxDesk:
        return SandboxDesk(HttpClient("desk", proxy.url, token, limits=QUICK))

    def tickets() -> list[Filed]:
        return [Filed(str(one["id"]), one["key"], _from_requester(one)) for one in raw()]

    def holds(draft: TicketDraft) -> None:
        arrived = raw()[0]
        for name, value in draft.to_json().items():
            if name != "transcript":
                assert arrived[name] == value, name
        assert [line["text"] for line in arrived["transcript"]] == [line.text for line in draft.transcript]

    yield Served(connect(token), proxy, tickets, answer, lambda: connect("wrong"), holds)
    proxy.close()


def _from_requester(ticket: dict[str, Any]) -> list[str]:
    return [reply["text"] for reply in ticket["replies"] if reply["from"] == "requester"]


@contextmanager
def fake_rt(_folder: Path) -> Iterator[Served]:
    tracker = FakeRequestTracker()
    yield from serve_rt(tracker, QUICK)
    tracker.close()


def serve_rt(tracker: FakeRequestTracker | RequestTracker, limits: Limits) -> Iterator[Served]:
    """Request Tracker, the fake one or a real one."""
    proxy = FaultProxy(tracker.url, delay=1.5)

    def connect(token: str) -> RequestTrackerDesk:
        client = HttpClient("rt", f"{proxy.url}/REST/2.0", token, limits=limits, scheme="token")
        return RequestTrackerDesk(client, QUEUE, Fields(ROW_FIELD, CASE_FIELD))

    def tickets() -> list[Filed]:
        return [_to_filed(one) for one in tracker.tickets()]

    def holds(draft: TicketDraft) -> None:
        arrived = tracker.tickets()[0]
        assert arrived.subject == draft.subject
        assert arrived.people == [(draft.email, draft.name)]
        assert arrived.fields == {ROW_FIELD: draft.row, CASE_FIELD: draft.case}
        text, conversation = arrived.texts
        assert text == draft.body
        assert [line.text in conversation for line in draft.transcript] == [True] * len(draft.transcript)

    desk = connect(tracker.token)
    yield Served(
        desk,
        proxy,
        tickets,
        tracker.answer,
        lambda: connect("1-27-wrong"),
        holds,
        creating="/REST/2.0/ticket",
        replying="/REST/2.0/ticket/",
        asking="/REST/2.0/tickets?query=RefersTo",
    )
    proxy.close()


def _to_filed(one: RtTicket) -> Filed:
    ours = [text for user, text in one.replies if user == "account-help"]
    return Filed(one.id, one.links[0].removeprefix(LINK) if one.links else "", ours)
