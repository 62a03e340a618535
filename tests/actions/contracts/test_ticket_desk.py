"""What every ticket desk adapter promises. A new adapter joins by adding a line to DESKS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from actions.desks.filing import file_once
from actions.http import CallHuman, NotFound, NotSent, RetryLater, TellPerson
from actions.tickets import TicketDraft
from tests.support.actions_tools import draft
from tests.support.desks import PATIENT, Served, fake_rt, forgetful, sandbox, serve_rt
from tests.support.fault_proxy import FAULTS
from tests.support.request_tracker_server import request_tracker_programs

DESKS: dict[str, Callable[[Path], AbstractContextManager[Served]]] = {
    "sandbox": sandbox,
    "sandbox-forgetful": forgetful,
    "rt-fake": fake_rt,
}
# A real Request Tracker joins where one is installed (CI installs it).
REAL_RT = ["rt"] if request_tracker_programs() else []
# A call to a real RT takes its time; the fake one shows all the others.
REAL_FAULTS = ("drop_after",)
FAILING = [
    *((name, fault) for name in sorted(DESKS) for fault in FAULTS),
    *((name, fault) for name in REAL_RT for fault in REAL_FAULTS),
]
UNASKABLE = [one for one in FAILING if one[1] in ("drop_after", "garbage", "half", "status_500_after")]


def serve(name: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Served]:
    if name == "rt":
        yield from serve_rt(request.getfixturevalue("request_tracker"), PATIENT)
        return
    with DESKS[name](folder) as one:
        yield one


@pytest.fixture(params=[*sorted(DESKS), *REAL_RT])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    for one in serve(request.param, request, tmp_path):
        yield one
        one.desk.close()


@pytest.fixture(params=FAILING, ids="-".join)
def failing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Served, str]]:
    name, fault = request.param
    for one in serve(name, request, tmp_path):
        yield one, fault
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
    served.holds(draft())


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
    assert served.tickets()[0].replies == ["Please again"] * 2
    assert served.desk.status(made.id).answers == ()


def test_who_wrote_last_decides_whether_it_is_answered(served: Served) -> None:
    made = served.desk.create("key-1", draft())
    served.answer(made.id, "done")
    served.desk.reply(made.id, "reply-1", "Please again")
    waiting = served.desk.status(made.id)
    assert (waiting.status, len(waiting.answers)) == ("open", 1)
    served.answer(made.id, "done again")
    answered = served.desk.status(made.id)
    assert (answered.status, answered.answers[:1]) == ("answered", waiting.answers)
    assert len(answered.answers) == 2


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


def test_one_ticket_whatever_breaks(failing: tuple[Served, str]) -> None:
    served, fault = failing
    served.proxy.plan(fault, "POST", served.creating, times=2)
    ticket_id = persist(served, "key-1", draft())
    assert [(ticket.id, ticket.key) for ticket in served.tickets()] == [(ticket_id, "key-1")]


def test_one_reply_whatever_breaks(failing: tuple[Served, str]) -> None:
    served, fault = failing
    made = served.desk.create("key-1", draft())
    served.proxy.plan(fault, "POST", served.replying, times=2)
    for _ in range(4):
        try:
            served.desk.reply(made.id, "reply-1", "Please again")
            break
        except RetryLater:
            served.proxy.rest(0.05)
    assert served.tickets()[0].replies == ["Please again"]


@pytest.mark.parametrize("email", ["not an address", "root"])
def test_a_draft_that_the_desk_never_takes(served: Served, email: str) -> None:
    """What nobody can answer is for the person, not for another try."""
    with pytest.raises(TellPerson):
        served.desk.create("key-1", draft(email))
    assert served.tickets() == []


@pytest.mark.parametrize("failing", UNASKABLE, indirect=True, ids="-".join)
def test_one_ticket_though_nobody_could_ask_at_first(failing: tuple[Served, str]) -> None:
    """The desk took the ticket, its answer was lost, and so was the question for the key."""
    served, fault = failing
    served.proxy.plan(fault, "POST", served.creating)
    served.proxy.plan("status_500", "GET", served.asking, times=2)
    persist(served, "key-1", draft())
    assert len(served.tickets()) == 1
    assert served.proxy.seen.count(f"POST {served.creating}") == 1
