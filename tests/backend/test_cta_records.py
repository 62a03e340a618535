"""Training records: completing the series queues an account; employers change, training stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.accounts import repository
from tests.support.backend_server import RunningBackend, extension, ticket_draft
from tests.support.console_browser import Agent, Page

CASEY, THEO, DANA, NED = (
    f"{name}@agency.example" for name in ("casey.forty", "theo.longaway", "dana.disabled", "ned.newcomer")
)
NEW_WORK = "dana@newplace.example"
FOUND = 'userName eq "{}"'


@pytest.fixture
def agent(any_backend: RunningBackend) -> Iterator[Agent]:
    with Agent(any_backend) as signed_in:
        yield signed_in


def complete(agent: Agent, address: str, course: str) -> Page:
    page = agent.open(agent.cta_path(address))
    return agent.send(next(form for form in page.forms if form.fields.get("course") == course))


def change(agent: Agent, old: str, new: str, employer: str = "New Place") -> Page:
    return agent.press(agent.cta_path(old), "/change", address=new, employer=employer)


def has_account(agent: Agent, address: str) -> bool:
    return bool(
        agent.backend.scim.get("/Users", params={"filter": FOUND.format(address)}).json()["totalResults"]
    )


def courses(agent: Agent, address: str) -> list[str]:
    return [each["course"] for each in extension(agent.backend.find(address)).get("trainings", [])]


def test_the_basic_series_queues_an_account_by_itself(agent: Agent) -> None:
    assert not has_account(agent, NED)
    page = complete(agent, NED, "basic")
    assert "an HMIS account is in the queue" in page.text and "Pending" in page.text
    user = agent.backend.find(NED)
    assert (extension(user)["state"], user["name"]["familyName"]) == ("pending", "Newcomer")
    assert courses(agent, NED) == ["basic"]
    assert agent.backend.mails() == []
    agent.press(agent.account_path(NED), "/process")
    [mail] = agent.backend.mails()
    assert mail.to == NED and NED in mail.text and "temporary password: " in mail.text
    assert extension(agent.backend.find(NED))["state"] == "active"


def test_the_series_a_second_time_queues_nothing(agent: Agent) -> None:
    complete(agent, NED, "basic")
    agent.press(agent.account_path(NED), "/process")
    page = complete(agent, NED, "basic")
    assert "The basic series is on record." in page.text
    assert extension(agent.backend.find(NED))["state"] == "active"
    assert len(courses(agent, NED)) == 2


def test_the_retake_queues_nothing_and_shows_on_the_account(agent: Agent) -> None:
    assert "The RETAKE is on record" in complete(agent, NED, "retake").text
    assert not has_account(agent, NED)
    complete(agent, THEO, "retake")
    assert courses(agent, THEO) == ["basic", "retake"]


def test_a_course_completed_from_the_account_page(agent: Agent) -> None:
    agent.press(agent.account_path(THEO), "/complete-retake")
    assert "RETAKE" in agent.open(agent.cta_path(THEO)).text
    assert courses(agent, THEO) == ["basic", "retake"]


def test_an_account_without_record_gets_one(agent: Agent) -> None:
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "kim@work.example"}
    agent.backend.scim.post("/Users", json=body)
    agent.press(agent.account_path("kim@work.example"), "/complete-basic")
    assert courses(agent, "kim@work.example") == ["basic"]
    assert "kim@work.example" in agent.open(agent.cta_path("kim@work.example")).text


def test_a_new_employer(agent: Agent) -> None:
    page = change(agent, DANA, NEW_WORK)
    assert "has the new e-mail address and employer" in page.text and "New Place" in page.text
    assert extension(agent.backend.find(DANA))["state"] == "inactive"
    assert f"Queue an HMIS account for {NEW_WORK}" in page.text
    page = agent.press(agent.cta_path(NEW_WORK), "/queue-account")
    assert "An HMIS account is in the queue" in page.text
    user = agent.backend.find(NEW_WORK)
    enterprise = user["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]
    assert (extension(user)["state"], enterprise["organization"]) == ("pending", "New Place")
    assert courses(agent, NEW_WORK) == courses(agent, DANA) == ["basic"]
    assert "queue-account" not in page.html
    old = agent.open(agent.account_path(DANA))
    assert NEW_WORK in old.text


def test_the_new_employers_ticket_is_answered_with_one_click(agent: Agent) -> None:
    draft = ticket_draft(NEW_WORK, row="change_employer", case=None)
    agent.backend.api.post("/tickets", json=draft, headers={"Idempotency-Key": "k"})
    offered = [form.fields.get("answer") for form in agent.open("tickets/1001").forms]
    assert "cta_first" in offered and "new_employer_queued" not in offered
    change(agent, DANA, NEW_WORK)
    page = agent.open("tickets/1001")
    form = next(each for each in page.forms if each.fields.get("answer") == "new_employer_queued")
    agent.send(form)
    assert "already sent" in agent.send(form).text
    assert extension(agent.backend.find(NEW_WORK))["state"] == "pending"
    [mail] = agent.backend.mails()
    assert mail.to == NEW_WORK and "your training counts" in mail.text
    page = agent.open("tickets/1001")
    form = next(each for each in page.forms if each.fields.get("answer") == "processed")
    agent.send(form)
    assert [mail.to for mail in agent.backend.mails()] == [NEW_WORK] * 3
    assert extension(agent.backend.find(NEW_WORK))["state"] == "active"


REFUSED = [
    ({"address": CASEY.upper(), "employer": "X"}, "Another CTA account has this e-mail address"),
    ({"address": "not an address", "employer": "X"}, "That is not an e-mail address"),
    ({"address": "", "employer": "X"}, "That is not an e-mail address"),
    ({"address": NEW_WORK, "employer": "  "}, "A name or the employer is missing"),
]


def test_what_does_not_fit_changes_nothing(agent: Agent) -> None:
    path = agent.cta_path(THEO)
    for fields, words in REFUSED:
        assert words in agent.press(path, "/change", **fields).text, fields
    assert agent.cta_path(THEO) == path
    page = agent.press("cta", "/enroll", given="A", family="B", address=CASEY, employer="C")
    assert "Another CTA account has this e-mail address" in page.text
    form = agent.open(path).form("/change")
    form.action = form.action.replace("change", "graduate")
    assert agent.send(form).status == 404
    form = next(each for each in agent.open(path).forms if each.fields.get("course") == "basic")
    assert agent.send(form, course="advanced").status == 400
    assert courses(agent, THEO) == ["basic"]


def test_nothing_is_queued_before_the_series(agent: Agent) -> None:
    form = agent.open(agent.cta_path(THEO)).form("/change")
    form.action = f"/console/{agent.cta_path(NED)}/queue-account"
    assert "Nothing changed" in agent.send(form).text
    assert not has_account(agent, NED)


def test_enrolling_somebody(agent: Agent) -> None:
    page = agent.press(
        "cta", "/enroll", given=" Kim ", family="Lee", address="kim@work.example", employer="Home"
    )
    assert page.headings == ["Kim Lee at the CTA"] and "is enrolled" in page.text
    assert "Kim Lee" in agent.open("cta?q=HOME+kim").text
    assert "Nobody matches" in agent.open("cta?q=home+casey").text
    assert "Kim Lee" not in agent.open("cta?q=100%25").text


def test_enrolling_somebody_who_has_an_account(agent: Agent) -> None:
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "kim@work.example"}
    agent.backend.scim.post("/Users", json=body)
    agent.press("cta", "/enroll", given="Kim", family="Lee", address="KIM@work.example", employer="Home")
    page = complete(agent, "kim@work.example", "basic")
    assert "in the queue" not in page.text
    assert courses(agent, "kim@work.example") == ["basic"]


def test_records_outlive_the_account(agent: Agent) -> None:
    with agent.backend.world.database.write() as connection:
        repository.remove(connection, agent.backend.find(THEO)["id"])
    page = agent.open(agent.cta_path(THEO))
    assert "None yet" in page.text and "Basic series" in page.text
