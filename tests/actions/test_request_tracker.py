"""What only Request Tracker does: its query language, requestors, states, merges and rights.

Against the fake one, and against a real one where it is installed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from actions.desks.request_tracker import RequestTrackerDesk
from actions.desks.request_tracker_ticket import to_link, to_mailbox
from actions.desks.ticket_sql import quoted
from actions.http import CallHuman, HttpClient, NotFound, RetryLater, TellPerson
from tests.support.actions_tools import QUICK, draft
from tests.support.desks import PATIENT, Served, serve_rt
from tests.support.fake_request_tracker import QUEUE, FakeRequestTracker
from tests.support.fault_proxy import RETRY_AFTER
from tests.support.request_tracker_server import RequestTracker, request_tracker_programs

Tracker = FakeRequestTracker | RequestTracker


@pytest.fixture
def fake() -> Iterator[FakeRequestTracker]:
    tracker = FakeRequestTracker()
    yield tracker
    tracker.close()


@pytest.fixture(params=["fake", *(["request_tracker"] if request_tracker_programs() else [])])
def tracker(request: pytest.FixtureRequest) -> Tracker:
    one: Tracker = request.getfixturevalue(request.param)
    return one


@pytest.fixture
def served(tracker: Tracker) -> Iterator[Served]:
    yield from _served(tracker)


@pytest.fixture
def quick(fake: FakeRequestTracker) -> Iterator[Served]:
    yield from _served(fake)


def _served(tracker: Tracker) -> Iterator[Served]:
    for one in serve_rt(tracker, QUICK if isinstance(tracker, FakeRequestTracker) else PATIENT):
        yield one
        one.desk.close()


def test_an_address_with_quotes_finds_its_own_tickets_only(served: Served) -> None:
    served.desk.create("key-1", draft("kim@agency.org"))
    mine = served.desk.create("key-2", draft("o'neil@agency.org"))
    assert [ticket.id for ticket in served.desk.search("o'neil@agency.org")] == [mine.id]
    assert served.desk.search("x'or'1'='1@agency.org") == []
    assert served.desk.search("x' OR id > 0 OR Subject = '") == []


def test_quoted_values_stay_one_value() -> None:
    assert quoted("o'neil\\") == "'o\\'neil\\\\'"


@pytest.mark.parametrize("key", ["it's", "a\\'b", "é 1", "x' OR id > 0 OR Subject = '", "k" * 300])
def test_odd_keys_find_their_own_ticket(quick: Served, key: str) -> None:
    quick.desk.create("other", draft())
    made = quick.desk.create(key, draft())
    found = quick.desk.find(key)
    assert found is not None and found.id == made.id
    assert len(to_link(key)) < 200


NAMES = [
    'Jo" <root@localhost>, "x',
    'Jo, root@localhost, "Doe',
    "Jo <root@localhost>",
    "group:Admins",
    "Żółć 李",
    "\\",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_never_an_address(quick: Served, fake: FakeRequestTracker, name: str) -> None:
    _files_under(name, quick, fake)


def test_the_worst_name_is_never_an_address(served: Served, tracker: Tracker) -> None:
    _files_under(NAMES[0], served, tracker)


def _files_under(name: str, served: Served, tracker: Tracker) -> None:
    served.desk.create("key-1", dataclasses.replace(draft(), name=name))
    ((address, shown),) = tracker.tickets()[0].people
    assert address == "jo@agency.org"
    assert f'"{shown}" <jo@agency.org>' == to_mailbox(name, "jo@agency.org")


def test_closed_and_opened_again_by_an_answer(served: Served, tracker: Tracker) -> None:
    made = served.desk.create("key-1", draft())
    tracker.answer(made.id, "done")
    tracker.change(made.id, Status="resolved")
    closed = served.desk.status(made.id)
    assert (closed.status, closed.requester, len(closed.answers)) == ("closed", "jo@agency.org", 1)
    found = served.desk.find("key-1")
    assert found is not None and (found.id, found.status) == (made.id, "closed")
    served.desk.reply(made.id, "reply-1", "Please again")
    assert served.desk.status(made.id).status == "open"


def test_merged_tickets_are_the_ticket_they_went_into(served: Served, tracker: Tracker) -> None:
    gone, kept = served.desk.create("key-1", draft()), served.desk.create("key-2", draft())
    served.desk.reply(gone.id, "reply-1", "Please again")
    tracker.change(gone.id, MergeInto=kept.id)
    served.desk.reply(gone.id, "reply-1", "Please again")
    tracker.answer(kept.id, "done")
    assert served.desk.status(gone.id) == served.desk.status(kept.id)
    assert served.desk.status(gone.id).status == "answered"
    found = served.desk.find("key-1")
    assert found is not None and found.id == kept.id
    assert sum(len(ticket.replies) for ticket in served.tickets()) == 1


def test_a_deleted_ticket_is_closed(served: Served, tracker: Tracker) -> None:
    made = served.desk.create("key-1", draft())
    tracker.change(made.id, Status="deleted")
    deleted = served.desk.status(made.id)
    assert (deleted.status, deleted.requester) == ("closed", "jo@agency.org")
    assert served.desk.search("jo@agency.org") == []


def test_a_ticket_of_another_queue_looks_like_none(served: Served, tracker: Tracker) -> None:
    number = tracker.file_elsewhere("jo@agency.org")
    with pytest.raises(NotFound):
        served.desk.status(number)
    with pytest.raises(NotFound):
        served.desk.reply(number, "reply-1", "hello")
    assert served.desk.search("jo@agency.org") == []


def test_a_queue_that_is_not_there_is_an_operators_matter(served: Served, tracker: Tracker) -> None:
    client = HttpClient("rt", f"{tracker.url}/REST/2.0", tracker.token, limits=PATIENT, scheme="token")
    with pytest.raises(CallHuman, match="rt POST /ticket: status 403"):
        RequestTrackerDesk(client, "No such queue").create("key-1", draft())
    client.close()


def test_a_wrong_address_is_an_operators_matter(fake: FakeRequestTracker) -> None:
    client = HttpClient("rt", f"{fake.url}/elsewhere", fake.token, limits=QUICK, scheme="token")
    desk = RequestTrackerDesk(client, QUEUE)
    with pytest.raises(CallHuman):
        desk.create("key-1", draft())
    with pytest.raises(CallHuman):
        desk.find("key-1")
    client.close()


def test_the_requestors_own_mail_is_no_answer(quick: Served, fake: FakeRequestTracker) -> None:
    made = quick.desk.create("key-1", draft())
    fake.write(made.id, "root", "done")
    fake.write(made.id, "jo@agency.org", "it does not work")
    ticket = quick.desk.status(made.id)
    assert (ticket.status, len(ticket.answers)) == ("open", 1)


def test_fields_that_are_not_configured_are_not_sent(fake: FakeRequestTracker) -> None:
    client = HttpClient("rt", f"{fake.url}/REST/2.0", fake.token, limits=QUICK, scheme="token")
    desk = RequestTrackerDesk(client, QUEUE)
    desk.create("key-1", dataclasses.replace(draft(), transcript=(), name=""))
    assert fake.bodies == [
        {
            "Queue": QUEUE,
            "Subject": draft().subject,
            "Requestor": "jo@agency.org",
            "Content": draft().body,
            "ContentType": "text/plain",
            "RefersTo": [to_link("key-1")],
            "CustomFields": {},
        }
    ]
    found = desk.find("key-1")
    assert found is not None and found.row is None
    client.close()


def test_a_desk_that_is_busy_says_for_how_long(quick: Served) -> None:
    quick.proxy.plan("refuse_429", "POST", quick.creating)
    with pytest.raises(RetryLater) as caught:
        quick.desk.create("key-1", draft())
    assert caught.value.after == RETRY_AFTER


def test_a_token_that_was_withdrawn_is_an_operators_matter(quick: Served) -> None:
    made = quick.desk.create("key-1", draft())
    quick.proxy.plan("refuse_401", "GET", "/REST/2.0/", times=4)
    for ask in (lambda: quick.desk.status(made.id), lambda: quick.desk.find("key-1")):
        with pytest.raises(CallHuman):
            ask()


def test_errors_show_no_address(quick: Served) -> None:
    quick.proxy.plan("status_500", "GET", "/REST/2.0/tickets", times=2)
    with pytest.raises(RetryLater) as caught:
        quick.desk.search("jo@agency.org")
    with pytest.raises(TellPerson) as refused:
        quick.desk.create("key-1", draft("jo at agency"))
    assert "agency" not in f"{caught.value} {refused.value}"
