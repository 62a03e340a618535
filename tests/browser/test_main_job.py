"""The main job on the real system: a person in Chromium, Support at the console, and midnight in between.

Screenshots stay in var/test/screenshots, for people to look at.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.sandbox_client import SandboxClient
from tests.support.stack import ROOT, Stack

SHOTS = ROOT / "var" / "test" / "screenshots"
CASEY, THEO = "casey.forty@agency.example", "theo.longaway@agency.example"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("system")) as running:
        yield running


@pytest.fixture
def sandbox(stack: Stack) -> Iterator[SandboxClient]:
    client = SandboxClient(
        stack.urls["backend"], stack.secrets["BACKEND_TOKEN"], stack.secrets["CONSOLE_PASSWORD"]
    )
    yield client
    client.close()


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.goto(stack.urls["gateway"])
    expect(opened.locator("hmis-help-chat").get_by_text("What's happening?").last).to_be_visible()
    yield opened
    context.close()


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def say(page: Page, text: str, answer: str | re.Pattern[str]) -> None:
    """Type, send, and wait for an answer that holds `answer`."""
    box = page.get_by_role("textbox")
    box.fill(text)
    box.press("Enter")
    expect(page.locator("hmis-help-chat").get_by_text(answer).last).to_be_visible()


def everything_stored(stack: Stack) -> str:
    """Every byte that the assistant, the gateway and the jobs keep, and every log, as text."""
    found = []
    for name in ("tracker", "gateway", "jobs"):
        with closing(sqlite3.connect(stack.var / f"{name}.db")) as database:
            found += list(database.iterdump())
    found += [path.read_text(errors="replace") for path in (stack.var / "log").glob("*.log")]
    return "\n".join(found)


def test_case_1_midnight_and_the_same_ticket(page: Page, stack: Stack, sandbox: SandboxClient) -> None:
    say(page, "it says this account is inactive", "When did you last log in")
    say(page, "about six weeks ago", "work e-mail address")
    say(page, CASEY, "first and last name")
    say(page, "Casey Forty", "Shall I file it?")
    shot(page, "case-1-summary")
    assert sandbox.tickets(CASEY) == []
    say(page, "yes", "Your ticket is filed")
    shot(page, "case-1-filed")

    (ticket,) = sandbox.tickets(CASEY)
    assert (ticket["row"], ticket["case"], ticket["requester"]["name"]) == (
        "reactivate_account",
        "1",
        "Casey Forty",
    )
    assert any("six weeks ago" in fact for fact in ticket["facts"])
    said = [line["text"] for line in ticket["transcript"]]
    assert "it says this account is inactive" in said and "about six weeks ago" in said
    assert sandbox.account(CASEY)["active"]

    stack.clock.advance(timedelta(days=1))
    assert not sandbox.account(CASEY)["active"]
    say(page, "it's inactive again", "Shall I answer")
    say(page, "yes", "Done. I answered")
    shot(page, "case-1-again")
    (same,) = sandbox.tickets(CASEY)
    assert same["id"] == ticket["id"] and len(same["replies"]) == 1
    sandbox.act_on_account(CASEY, "log-in")
    expect(page.locator("hmis-help-chat").get_by_text("your account is active now").last).to_be_visible()
    stack.clock.advance(timedelta(days=2))
    assert sandbox.account(CASEY)["active"]


def test_case_2_and_a_temporary_password_that_only_the_mailbox_sees(
    page: Page, stack: Stack, sandbox: SandboxClient
) -> None:
    say(page, "it says this account is inactive", "When did you last log in")
    say(page, "I was on leave since spring", "Have you completed")
    assert sandbox.tickets(THEO) == []
    sandbox.act_on_account(THEO, "complete-retake")
    say(page, "yes I finished it", "work e-mail address")
    say(page, THEO, "first and last name")
    say(page, "Theo Longaway", "Shall I file it?")
    assert sandbox.tickets(THEO) == []
    say(page, "yes", "temporary password comes by e-mail")
    shot(page, "case-2-filed")
    (ticket,) = sandbox.tickets(THEO)
    assert ticket["case"] == "2"

    password = temporary_password(stack, THEO)
    assert password not in everything_stored(stack)
    assert password not in str(sandbox.ticket(ticket["id"]))
    assert password not in page.content() + page.locator("hmis-help-chat").inner_text()


def temporary_password(stack: Stack, email: str) -> str:
    """As the person reads it in the mailbox."""
    with closing(sqlite3.connect(stack.var / "backend.db")) as database:
        mails = database.execute('select text from backend_mail where "to" = ?', (email,)).fetchall()
    found = {match[1] for (text,) in mails if (match := re.search(r"temporary password: (\S+)", text))}
    (password,) = found
    return password


@pytest.mark.parametrize("program", ["backend", "actions", "assistant", "gateway"])
def test_one_ticket_whatever_dies_at_the_yes(
    page: Page, stack: Stack, sandbox: SandboxClient, program: str
) -> None:
    chat = page.locator("hmis-help-chat")
    email = f"{program}.dies@agency.example"
    say(page, "it says this account is inactive", "When did you last log in")
    say(page, "last month", "work e-mail address")
    say(page, email, "first and last name")
    say(page, "Jordan Rivera", "Shall I file it?")
    stack.kill(program)
    words = {
        "backend": "kept safe",
        "actions": "Your answers are kept",
        "assistant": re.compile("kept"),
        "gateway": re.compile("offline|connection|kept|reach", re.IGNORECASE),
    }
    box = page.get_by_role("textbox")
    box.fill("yes")
    box.press("Enter")
    expect(chat.get_by_text(words[program]).last).to_be_visible(timeout=30_000)
    shot(page, f"{program}-dies")
    stack.start(program)
    if program == "actions":
        say(page, "try again", "Shall I file it?")
        say(page, "yes", "Your ticket is filed")
    expect(chat.get_by_text(re.compile("Its number is")).last).to_be_visible(timeout=60_000)
    assert len(sandbox.tickets(email)) == 1
    shot(page, f"{program}-back")


def test_a_reload_keeps_the_conversation(page: Page) -> None:
    say(page, "it says this account is inactive", "When did you last log in")
    page.reload()
    expect(page.locator("hmis-help-chat").get_by_text("it says this account is inactive")).to_be_visible()
    say(page, "in August", re.compile("on or after"))
    shot(page, "straddles")


ROWS = {
    "new_account": "Have you completed it?",
    "reactivate_account": "When did you last log in",
    "unlock_account": "How long ago did it lock?",
    "reset_password": "Did that work?",
    "change_employer": "needs your new work e-mail",
    "contact_support": "What should Support know?",
}


def test_a_link_begins_each_row_and_files_nothing(
    browser: Browser, stack: Stack, sandbox: SandboxClient
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(stack.urls["gateway"])
    titles = {
        button.get_attribute("data-flow"): button.get_attribute("data-title")
        for button in page.locator("button[data-flow]").all()
    }
    assert set(titles) == set(ROWS)
    for flow, asked in ROWS.items():
        page = browser.new_context().new_page()
        page.goto(f"{stack.urls['gateway']}/?start={flow}")
        chat = page.get_by_role("region", name="Conversation")
        expect(chat.get_by_text(asked)).to_be_visible()
        expect(chat.get_by_text("I'm a bot")).to_be_attached()
        expect(chat.locator(".own .text")).to_have_text([titles[flow] or ""])
        page.context.close()
    context.close()


def test_the_login_screens_in_the_chat_and_not_on_the_ticket(page: Page, sandbox: SandboxClient) -> None:
    email = "looks.at.pictures@agency.example"
    say(page, "I can't log in", "What does the login screen say?")
    picture = page.locator("hmis-help-chat").get_by_role("img", name="reads: This account is inactive")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    shot(page, "triage")
    page.get_by_role("button", name="Something else").last.click()
    say(page, "my phone with the codes is broken", "work e-mail address")
    say(page, email, "first and last name")
    say(page, "Pat Rivera", "Shall I file it?")
    say(page, "yes", "Your ticket is filed")
    (ticket,) = sandbox.tickets(email)
    said = [line["text"] for line in ticket["transcript"]]
    assert "Let's see. What does the login screen say?" in said and "Something else" in said
    assert not [text for text in said if ".svg" in text or "Drawing" in text or "{" in text]


def test_the_page_reads_without_javascript(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700})
    page = context.new_page()
    page.goto(stack.urls["gateway"])
    expect(page.get_by_role("heading", name="Reactivate my account")).to_be_visible()
    expect(page.get_by_text("more than 90 days ago").first).to_be_visible()
    shot(page, "no-javascript-320")
    context.close()
