"""The Reset Password screen: a link to the account's own address, once, and the same words for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from backend.accounts.passwords import demo_password
from backend.hmis.links import LINK_MINUTES, MOST_LINKS
from backend.store.tables import password_links
from tests.support.backend_server import RunningBackend, extension
from tests.support.console_browser import Agent, Page, Person

CASEY, LOU, PENNY, ADA, NOBODY = (
    f"{name}@agency.example"
    for name in ("casey.forty", "lou.locked", "penny.pending", "ada.active", "nobody")
)
NEW = "words of my own"


@pytest.fixture
def person(backend: RunningBackend) -> Iterator[Person]:
    with Person(backend) as somebody:
        yield somebody


def link_in(text: str) -> str:
    found = re.search(r"http://\S+(/hmis/reset-password/\S+)", text)
    assert found, text
    return found[1]


def choose(person: Person, path: str, password: str = NEW) -> Page:
    return person.send(person.open(path).form(path), password=password, again=password)


def test_a_new_password_by_link(backend: RunningBackend, person: Person) -> None:
    assert "is on its way" in person.ask_for_link(f" {ADA.upper()} ").text
    [mail] = backend.mails()
    assert mail.to == ADA and f"{backend.url}/hmis/reset-password/" in mail.text
    page = choose(person, link_in(mail.text))
    assert "Your password is changed. Log in with it." in page.text
    assert "is wrong" in person.log_in(ADA, demo_password()).text
    assert "You are in" in person.log_in(ADA, NEW).text


def test_the_same_words_whether_or_not_there_is_an_account(backend: RunningBackend, person: Person) -> None:
    said = {address: person.ask_for_link(address) for address in (ADA, CASEY, PENNY, NOBODY)}
    assert len({page.text for page in said.values()}) == 1
    assert {mail.to for mail in backend.mails()} == {ADA, CASEY}


def test_the_link_leads_here_whatever_the_request_calls_this_place(
    backend: RunningBackend, person: Person
) -> None:
    form = person.open("/hmis/reset-password").form("/reset-password")
    headers = {"Host": "localhost:9", "Origin": "http://localhost:9", "X-Forwarded-Host": "evil.example"}
    answer = person.client.post(
        form.action, data={**form.fields, "address": ADA}, headers=headers, follow_redirects=False
    )
    assert answer.status_code == 303
    assert f"{backend.url}/hmis/reset-password/" in backend.mails(ADA)[0].text


def test_only_the_address_that_the_account_is_registered_with(
    backend: RunningBackend, person: Person
) -> None:
    body = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "kim@login.example",
        "emails": [{"value": "kim@work.example", "primary": True}],
    }
    backend.scim.post("/Users", json=body)
    person.ask_for_link("kim@login.example")
    assert backend.mails() == []
    person.ask_for_link("kim@work.example")
    assert [mail.to for mail in backend.mails()] == ["kim@work.example"]


def test_a_link_works_once_and_ends_the_others(backend: RunningBackend, person: Person) -> None:
    person.ask_for_link(ADA)
    person.ask_for_link(ADA)
    newest, first = (link_in(mail.text) for mail in backend.mails())
    choose(person, newest)
    for path in (newest, first):
        page = person.open(path)
        assert (page.status, page.headings) == (410, ["Reset Password"])
        assert "This link is not good any more" in page.text
    assert "You are in" in person.log_in(ADA, NEW).text


def test_a_link_that_was_used_meanwhile(backend: RunningBackend, person: Person) -> None:
    person.ask_for_link(ADA)
    path = link_in(backend.mails()[0].text)
    form = person.open(path).form(path)
    choose(person, path)
    page = person.send(form, password="of somebody else", again="of somebody else")
    assert page.status == 410
    assert "You are in" in person.log_in(ADA, NEW).text


def test_a_link_ends_in_real_time(backend: RunningBackend, person: Person) -> None:
    person.ask_for_link(ADA)
    path = link_in(backend.mails()[0].text)
    backend.clock.advance(timedelta(days=3))
    assert person.open(path).status == 200
    long_ago = datetime.now(UTC) - timedelta(minutes=LINK_MINUTES, seconds=1)
    with backend.world.database.write() as connection:
        connection.execute(update(password_links).values(made_at=long_ago))
    assert person.open(path).status == 410


def test_nobodys_mailbox_is_filled(backend: RunningBackend, person: Person) -> None:
    for _ in range(MOST_LINKS + 3):
        assert "is on its way" in person.ask_for_link(ADA).text
    assert len(backend.mails(ADA)) == MOST_LINKS


def test_passwords_that_will_not_do(backend: RunningBackend, person: Person) -> None:
    person.ask_for_link(ADA)
    path = link_in(backend.mails()[0].text)
    form = person.open(path).form(path)
    for password, again, words in (
        ("short", "short", "at least 10 characters"),
        (" " * 12, " " * 12, "at least 10 characters"),
        ("x" * 201, "x" * 201, "at least 10 characters"),
        (NEW, NEW + "!", "not the same"),
    ):
        page = person.send(form, password=password, again=again)
        assert page.status == 422 and words in page.text
        assert password not in page.html.replace(" " * 12, "")
    assert "changed" in choose(person, path).text


@pytest.mark.parametrize("address", ["", "nobody", "x" * 400 + "@agency.example"])
def test_what_is_no_address(shared_backend: RunningBackend, address: str) -> None:
    with Person(shared_backend) as person:
        page = person.ask_for_link(address)
        assert page.status == 422 and "should look like name@agency.org" in page.text


def test_a_reset_neither_unlocks_nor_reactivates(backend: RunningBackend, person: Person) -> None:
    for address, message in ((LOU, "This account is locked"), (CASEY, "This account is inactive")):
        person.ask_for_link(address)
        choose(person, link_in(backend.mails(address)[0].text))
        assert message in person.log_in(address, NEW).text
    assert extension(backend.find(LOU))["state"] == "locked"
    backend.clock.advance(timedelta(hours=1))
    assert "You are in" in person.log_in(LOU, NEW).text


def test_the_token_is_kept_only_as_a_hash_and_linked_only_in_the_mailbox(
    backend: RunningBackend, person: Person
) -> None:
    person.ask_for_link(ADA)
    path = link_in(backend.mails()[0].text)
    with backend.world.database.read() as connection:
        kept = connection.execute(select(password_links.c.token_hash)).scalar_one()
    assert path.rpartition("/")[2] not in kept and len(kept) == 64
    with Agent(backend) as agent:
        assert f'<a href="{path}">' in agent.open("mail").html
