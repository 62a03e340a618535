"""What a support agent does in the console, end to end, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from backend.accounts import repository, seed
from tests.support.backend_server import RunningBackend, extension, ticket_draft
from tests.support.console_browser import Agent

CASEY, THEO, RUTH, LOU, PENNY, ADA, DANA, NIA, NED, NOBODY = (
    f"{name}@agency.example"
    for name in (
        "casey.forty",
        "theo.longaway",
        "ruth.ninetyone",
        "lou.locked",
        "penny.pending",
        "ada.active",
        "dana.disabled",
        "nia.neverused",
        "ned.newcomer",
        "nobody",
    )
)


@pytest.fixture
def agent(backend: RunningBackend) -> Iterator[Agent]:
    with Agent(backend) as signed_in:
        yield signed_in


def file(backend: RunningBackend, key: str = "k", **changes: Any) -> int:
    answer = backend.api.post("/tickets", json=ticket_draft(**changes), headers={"Idempotency-Key": key})
    number: int = answer.json()["ticket"]["id"]
    return number


def password_in(text: str) -> str:
    return text.partition("temporary password: ")[2].split()[0]


def test_the_queue_shows_the_longest_wait_first(backend: RunningBackend, agent: Agent) -> None:
    for number in range(3):
        file(backend, f"k{number}", subject=f"Subject {number}", verified="e-mail code" if number else None)
        backend.clock.advance(timedelta(hours=2))
    page = agent.open("tickets")
    order = [page.text.index(f"Subject {number}") for number in range(3)]
    assert order == sorted(order)
    assert "6 h" in page.text and "2 h" in page.text
    assert "Not verified" in page.text and "Verified" in page.text
    assert "Reactivate account Case 1" in page.text

    backend.api.post("/tickets/1001/replies", json={"key": "a", "from": "support", "text": "Done"})
    backend.api.post("/tickets/1001/replies", json={"key": "b", "from": "requester", "text": "Again"})
    page = agent.open("tickets")
    assert page.text.index("Subject 1") < page.text.index("Subject 2") < page.text.index("Subject 0")
    assert "wrote again" in page.text


def test_the_queue_filters_searches_and_pages(any_backend: RunningBackend) -> None:
    for number in range(55):
        file(any_backend, f"k{number}", email=f"p{number}@agency.example", subject=f"Subject {number}.")
    any_backend.api.post("/tickets/1001/replies", json={"key": "a", "from": "support", "text": "Done"})
    with Agent(any_backend) as agent:
        assert "Page 1 of 2" in agent.open("tickets").text
        assert "Subject 54." in agent.open("tickets?page=2").text
        assert "Subject 0." in agent.open("tickets?status=answered").text
        assert "Subject 7." in agent.open("tickets?q=1008").text
        assert "Subject 33." in agent.open("tickets?q=P33@agency").text
        assert "Subject 21." in agent.open("tickets?q=subject+21.").text
        assert "55 tickets found." in agent.open("tickets?status=all&q=FORTY&row=reactivate_account").text
        assert "54 tickets found." in agent.open("tickets?verified=no").text
        assert "Subject" not in agent.open("tickets?verified=yes").text.replace("Subject and requester", "")
        assert "(54)" in agent.open("tickets?row=unlock_account").text
        for nothing in ("tickets?q=zzz", "tickets?q=100%25", "tickets?status=closed", "tickets?page=900"):
            assert "Subject" not in agent.open(nothing).text.replace("Subject and requester", ""), nothing


def test_a_ticket_shows_what_the_agent_needs(backend: RunningBackend, agent: Agent) -> None:
    number = file(backend, subject="<b>Bold</b> & 'quotes'")
    page = agent.open(f"tickets/{number}")
    assert "<b>Bold</b>" not in page.html and "<b>Bold</b> & 'quotes'" in page.text
    for words in (
        "NOT VERIFIED",
        "Last login: October 14, 2026",
        "My account is inactive",
        "Send passwords only to the address on the account",
        "40 days ago",
        "no login for too long",
    ):
        assert words in page.text, words
    assert page.text.index("Facts") < page.text.index("Usual answers") < page.text.index("Your own answer")


def test_reactivated_in_case_1(backend: RunningBackend, agent: Agent) -> None:
    number = file(backend)
    page = agent.open(f"tickets/{number}")
    form = next(each for each in page.forms if each.fields.get("answer") == "reactivated")
    assert "Monday, November 23" in form.words
    after = agent.send(form)
    assert "The answer is in the mail to the requester" in after.text and "Answered" in after.text
    assert extension(backend.find(CASEY))["state"] == "active"
    [mail] = backend.mails()
    assert mail.to == CASEY and "password" not in mail.text
    assert "already sent" in agent.send(form).text
    assert len(backend.mails()) == 1


def test_reactivated_in_case_2_with_a_password_by_mail(backend: RunningBackend, agent: Agent) -> None:
    number = file(backend, email=RUTH, case="2")
    page = agent.open(f"tickets/{number}")
    assert "With a temporary password, which only the mail shows" in page.text
    after = agent.send(next(each for each in page.forms if each.fields.get("answer") == "reactivated"))
    [mail] = backend.mails()
    password = password_in(mail.text)
    assert len(password) == 19 and password not in after.text
    assert password not in backend.api.get(f"/tickets/{number}").text
    assert extension(backend.find(RUTH))["state"] == "active"


def test_no_second_password_after_the_assistants_reactivation(backend: RunningBackend, agent: Agent) -> None:
    number = file(backend, email=RUTH, case="2")
    backend.patch_active(RUTH, True)
    page = agent.open(f"tickets/{number}")
    agent.send(next(each for each in page.forms if each.fields.get("answer") == "reactivated"))
    newest, first = backend.mails(RUTH)
    assert "temporary password: " in first.text and "came in an earlier e-mail today" in newest.text
    assert "temporary password: " not in newest.text


def test_without_the_retake_the_agent_is_warned(backend: RunningBackend, agent: Agent) -> None:
    number = file(backend, email=THEO, case="2")
    page = agent.open(f"tickets/{number}")
    assert "No RETAKE on record" in page.text
    offered = [form.fields["answer"] for form in page.forms if "answer" in form.fields]
    assert offered.index("ask_retake") < offered.index("reactivated")
    agent.press(agent.account_path(THEO), "/complete-retake")
    page = agent.open(f"tickets/{number}")
    assert "No RETAKE on record" not in page.text and "completed Mon, Nov 23" in page.text


# row, person, answers offered
OFFERS = [
    ("reactivate_account", CASEY, ["reactivated", "ask_more"]),
    ("reactivate_account", THEO, ["ask_retake", "ask_more", "reactivated"]),
    ("reactivate_account", RUTH, ["reactivated", "ask_more"]),
    ("reactivate_account", NIA, ["reactivated_new_password", "ask_more"]),
    ("reactivate_account", ADA, ["active_already", "ask_more"]),
    ("reactivate_account", PENNY, ["ask_more"]),
    ("reactivate_account", NOBODY, ["no_account", "ask_more"]),
    ("unlock_account", LOU, ["unlocked", "ask_more"]),
    ("unlock_account", ADA, ["password_reset", "ask_more"]),
    ("reset_password", ADA, ["password_reset", "ask_more"]),
    ("reset_password", LOU, ["unlocked", "ask_more"]),
    ("reset_password", DANA, ["reactivated", "ask_more"]),
    ("reset_password", NOBODY, ["no_account", "ask_more"]),
    ("new_account", PENNY, ["processed", "in_queue", "ask_more"]),
    ("new_account", NED, ["training_first", "ask_more"]),
    ("new_account", NOBODY, ["training_first", "ask_more"]),
    ("new_account", ADA, ["account_exists", "ask_more"]),
    ("change_employer", NOBODY, ["cta_first", "ask_more"]),
    ("change_employer", NED, ["cta_updated", "ask_more"]),
    ("change_employer", CASEY, ["ask_more"]),
    ("contact_support", CASEY, ["reactivated", "ask_more"]),
    ("a_row_of_another_region", ADA, ["ask_more"]),
]


def test_offered_answers_fit_row_and_state(backend: RunningBackend, agent: Agent) -> None:
    for number, (row, person, expected) in enumerate(OFFERS):
        ticket = file(backend, f"k{number}", row=row, email=person)
        page = agent.open(f"tickets/{ticket}")
        offered = [form.fields["answer"] for form in page.forms if "answer" in form.fields]
        assert offered == expected, (row, person)


def test_an_answer_that_no_longer_fits_is_not_sent(backend: RunningBackend, agent: Agent) -> None:
    number = file(backend)
    page = agent.open(f"tickets/{number}")
    form = next(each for each in page.forms if each.fields.get("answer") == "reactivated")
    backend.patch_active(CASEY, True)
    agent.press(agent.account_path(CASEY), "/log-in")
    mails = len(backend.mails())
    assert "Nothing was sent" in agent.send(form).text
    assert "Nothing was sent" in agent.send(form, answer="no_such_answer", key="other").text
    assert len(backend.mails()) == mails
    assert backend.api.get(f"/tickets/{number}").json()["ticket"]["replies"] == []


def test_unlocked_with_a_new_password(backend: RunningBackend, agent: Agent) -> None:
    number = file(backend, email=LOU, row="unlock_account", case=None)
    page = agent.open(f"tickets/{number}")
    agent.send(next(each for each in page.forms if each.fields.get("answer") == "unlocked"))
    assert extension(backend.find(LOU))["state"] == "active"
    assert "temporary password: " in backend.mails(LOU)[0].text


def test_a_password_goes_only_to_the_address_on_the_account(backend: RunningBackend, agent: Agent) -> None:
    body = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "kim@work.example",
        "emails": [{"value": "kim@work.example", "primary": True}, {"value": "kim@home.example"}],
    }
    backend.scim.post("/Users", json=body)
    number = file(backend, email="kim@home.example", row="reset_password", case=None)
    page = agent.open(f"tickets/{number}")
    agent.send(next(each for each in page.forms if each.fields.get("answer") == "password_reset"))
    [answer], [password] = backend.mails("kim@home.example"), backend.mails("kim@work.example")
    assert "temporary password: " not in answer.text and "the e-mail address on the account" in answer.text
    assert password_in(password.text) not in answer.text


def test_own_words_with_and_without_a_password(backend: RunningBackend, agent: Agent) -> None:
    number = file(backend)
    path, ending = f"tickets/{number}", f"/tickets/{number}/reply"
    assert "Nothing was sent" in agent.press(path, ending, text="  ").text
    agent.press(path, ending, text="Please try again.\nThen write to us.")
    [mail] = backend.mails()
    assert "Please try again." in mail.text and "temporary password" not in mail.text
    after = agent.press(path, ending, text="Here is one.", temporary_password="on")
    newest = backend.mails()[0]
    assert password_in(newest.text) not in after.text
    stored = backend.api.get(f"/tickets/{number}").json()["ticket"]
    assert [reply["text"] for reply in stored["replies"]][1] == "Here is one."
    closed = agent.press(path, "/close")
    assert "The ticket is closed" in closed.text
    assert backend.api.get(f"/tickets/{number}").json()["ticket"]["status"] == "closed"


# button, person, what the page says, state afterwards
BUTTONS = [
    ("reactivate", CASEY, "The account is active until midnight", "active"),
    ("reactivate", ADA, "Nothing changed", "active"),
    ("reactivate", LOU, "Nothing changed", "locked"),
    ("unlock", LOU, "The account is unlocked", "active"),
    ("unlock", ADA, "Nothing changed", "active"),
    ("reset-password", ADA, "temporary password is in the mail", "active"),
    ("disable", ADA, "The account is disabled", "inactive"),
    ("disable", CASEY, "Nothing changed", "inactive"),
    ("process", PENNY, "The account is ready", "active"),
    ("log-in", ADA, "Logged in", "active"),
    ("log-in", CASEY, "This account is inactive", "inactive"),
    ("log-in", LOU, "Account is locked", "locked"),
    ("log-in", PENNY, "still in the queue", "pending"),
    ("wrong-password", ADA, "user name or password is wrong", "active"),
    ("wrong-password", CASEY, "user name or password is wrong", "inactive"),
    ("wrong-password", LOU, "Account is locked", "locked"),
    ("complete-basic", ADA, "The basic series is on record", "active"),
    ("complete-retake", THEO, "The RETAKE is on record", "inactive"),
]


def test_every_button_of_an_account(backend: RunningBackend, agent: Agent) -> None:
    for action, address, words, state in BUTTONS:
        path = agent.account_path(address)
        form = agent.open(path).forms[0]
        form.action = f"/console/{path}/{action}"
        page = agent.send(form)
        assert words in page.text, (action, address, page.text)
        assert extension(backend.find(address))["state"] == state, (action, address)
        _reset(backend, address)


def _reset(backend: RunningBackend, address: str) -> None:
    """Plant the person afresh, so that the rows of the table do not depend on one another."""
    account_id = backend.find(address)["id"]
    with backend.world.database.write() as connection:
        repository.remove(connection, account_id)
        entries = [each for each in seed.people() if address.startswith(each["user_name"])]
        seed.plant_person(connection, entries[0], backend.world.clock.now(), backend.world.policy)


def test_wrong_passwords_lock_and_the_hour_opens(backend: RunningBackend, agent: Agent) -> None:
    path = agent.account_path(ADA)
    for _ in range(4):
        assert "is wrong" in agent.press(path, "/wrong-password").text
    assert "is locked now" in agent.press(path, "/wrong-password").text
    assert extension(backend.find(ADA))["lockedUntil"] == "2026-11-23T19:00:00Z"
    backend.clock.advance(timedelta(hours=1))
    assert "Logged in" in agent.press(path, "/log-in").text


def test_midnight_comes_unless_the_person_logs_in(backend: RunningBackend, agent: Agent) -> None:
    for address in (CASEY, DANA):
        agent.press(agent.account_path(address), "/reactivate")
    agent.press(agent.account_path(DANA), "/log-in")
    backend.clock.advance(timedelta(hours=14))
    assert extension(backend.find(CASEY))["disabledReason"] == "midnight"
    assert extension(backend.find(DANA))["state"] == "active"
    page = agent.open("accounts")
    assert "reactivated, not used before midnight" in page.text


def test_buttons_on_a_ticket_lead_back_to_it(backend: RunningBackend, agent: Agent) -> None:
    number = file(backend)
    page = agent.press(f"tickets/{number}", "/reactivate")
    assert page.path == f"/console/tickets/{number}" and "active until midnight" in page.text


def test_the_mailbox_shows_who_got_what(backend: RunningBackend, agent: Agent) -> None:
    assert "No mail yet" in agent.open("mail").text
    backend.patch_active(THEO, True)
    backend.patch_active(CASEY, True)
    page = agent.open("mail")
    assert page.text.index(CASEY) < page.text.index(THEO)
    assert "Your temporary password: " in page.text
    assert CASEY not in agent.open("mail?to=theo").text
    assert "No mail to or about" in agent.open("mail?to=nobody").text


PAGES = ["sign-in", "tickets", "tickets?status=all", "tickets/1001", "accounts", "cta", "mail", "clock"]
PAGES += ["tickets/7"]


def test_pages_are_well_formed_and_labelled(backend: RunningBackend, agent: Agent) -> None:
    file(backend)
    backend.patch_active(THEO, True)
    for path in [*PAGES, agent.account_path(THEO), agent.cta_path(THEO)]:
        page = agent.open(path)
        assert len(page.headings) == 1, path
        assert len(page.ids) == len(set(page.ids)), path
        assert all(label in (*page.ids, "") for label in page.labels), path
        assert '<html lang="en">' in page.html and "<title>" in page.html, path
        assert "<script" not in page.html and " style=" not in page.html and " onclick" not in page.html, path
