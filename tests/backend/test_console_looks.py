"""The console in a real browser: axe-core finds nothing, nothing is cut off, the keyboard is enough."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.backend_server import RunningBackend, ticket_draft
from tests.support.console_browser import cta_path
from tests.support.looks import findings, looked_at, tab_to

THEO = "theo.longaway@agency.example"


@pytest.fixture(scope="module")
def world(shared_backend: RunningBackend) -> dict[str, str]:
    """Some life in the console; the paths of pages worth looking at."""
    for number, row in enumerate(("reactivate_account", "unlock_account", "change_employer")):
        draft = ticket_draft(THEO, row=row, case="2", subject=f"A rather long subject about {row} " * 3)
        shared_backend.api.post("/tickets", json=draft, headers={"Idempotency-Key": f"k{number}"})
    for author in ("support", "requester"):
        body = {"key": author, "from": author, "text": "Words\nand more words."}
        shared_backend.api.post("/tickets/1001/replies", json=body)
    shared_backend.patch_active("omar.ninety@agency.example", True)
    return {
        "queue": "tickets?status=all",
        "ticket": "tickets/1001?done=answered",
        "empty": "tickets?q=zzz",
        "accounts": "accounts",
        "account": f"accounts/{shared_backend.find(THEO)['id']}",
        "training": "cta",
        "trained": cta_path(shared_backend, THEO),
        "narrowed": "tickets?q=rather&row=unlock_account&verified=no",
        "mailbox": "mail",
        "clock": "clock",
        "problem": "tickets/7",
    }


SHOTS = Path(__file__).parents[2] / "var" / "test" / "screenshots"
LOOKS = [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 640)]


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_accessible_and_nothing_cut_off(
    browser: Browser, shared_backend: RunningBackend, world: dict[str, str], scheme: str, width: int
) -> None:
    page = looked_at(browser, scheme, width, 800)
    page.goto(f"{shared_backend.url}/console/")
    assert findings(page, width) == {}, "sign-in"
    _sign_in(page, shared_backend)
    for name, path in world.items():
        page.goto(f"{shared_backend.url}/console/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert findings(page, width) == {}, name
    page.context.close()


def test_answering_a_ticket_with_the_keyboard_alone(browser: Browser, backend: RunningBackend) -> None:
    backend.api.post("/tickets", json=ticket_draft(), headers={"Idempotency-Key": "k"})
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{backend.url}/console/")
    _sign_in(page, backend)
    tab_to(page, "Reactivate my HMIS account")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Reactivate my HMIS account")
    tab_to(page, "Reactivated – log in today")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("The answer is in the mail to the requester.")
    assert len(backend.mails("casey.forty@agency.example")) == 1
    context.close()


def test_two_hundred_tickets(browser: Browser, backend: RunningBackend) -> None:
    """The queue by age, narrowed by row and identity; from one ticket to the next without going back."""
    rows = ("reactivate_account", "unlock_account", "reset_password", "new_account", "contact_support")
    for number in range(200):
        person = {"email": f"worker{number}@agency{number % 7}.example", "name": f"Jordan Rivera {number}"}
        draft = ticket_draft(
            requester=person,
            row=rows[number % 5],
            verified="one-time code" if number % 4 == 0 else None,
            subject=f"A subject as long as they are: {person['name']}",
        )
        backend.api.post("/tickets", json=draft, headers={"Idempotency-Key": f"k{number}"})
        backend.clock.advance(timedelta(minutes=50))
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{backend.url}/console/")
    _sign_in(page, backend)
    expect(page.get_by_role("row")).to_have_count(51)
    first = page.get_by_role("row").nth(1)
    expect(first).to_contain_text("1001 6 days A subject as long as they are: Jordan Rivera 0")
    expect(first).to_contain_text("Reactivate account Case 1 Verified")
    expect(page.get_by_text("Page 1 of 4")).to_be_visible()
    shot(page, "console-queue-of-200")
    page.get_by_label("Row").select_option(label="Unlock account (40)")
    page.get_by_label("Identity").select_option("Not verified")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("status")).to_have_text("30 tickets found.")
    expect(page.get_by_role("row")).to_have_count(31)
    page.get_by_role("searchbox").fill("rivera 101")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="Jordan Rivera 101").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1102")
    shot(page, "console-ticket")
    page.get_by_role("link", name="Next waiting: 1001").click()
    page.get_by_role("button", name="No account has this address").click()
    expect(page.get_by_role("status")).to_contain_text("The answer is in the mail")
    page.get_by_role("link", name="Next waiting: 1002").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1002")
    context.close()


def test_the_pages_run_under_their_own_policy(browser: Browser, backend: RunningBackend) -> None:
    context: BrowserContext = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{backend.url}/console/")
    _sign_in(page, backend)
    for path in ("tickets", "accounts", "mail", "clock"):
        page.goto(f"{backend.url}/console/{path}")
        assert page.evaluate("getComputedStyle(document.querySelector('.top')).borderBottomStyle") == "solid"
    page.get_by_role("button", name="+1 hour").click()
    expect(page.get_by_role("status")).to_contain_text("The clock has moved")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert complaints == []
    context.close()


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def _sign_in(page: Page, backend: RunningBackend) -> None:
    page.get_by_label("Console password").fill(backend.console_password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tickets")).to_be_visible()
