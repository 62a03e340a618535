"""The console in a real browser: axe-core finds nothing, nothing is cut off, the keyboard is enough."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.backend_server import RunningBackend, ticket_draft

_AXE = Path(__file__).parents[1] / "browser" / "vendor" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

THEO = "theo.longaway@agency.example"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
        yield opened
        opened.close()


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
        "mailbox": "mail",
        "clock": "clock",
        "problem": "tickets/7",
    }


LOOKS = [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 640)]


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_accessible_and_nothing_cut_off(
    browser: Browser, shared_backend: RunningBackend, world: dict[str, str], scheme: str, width: int
) -> None:
    # Our own policy keeps injected scripts out, so the checker needs it lifted.
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 800},
        bypass_csp=True,
    )
    page = context.new_page()
    page.goto(f"{shared_backend.url}/console/")
    assert _findings(page, width) == {}, "sign-in"
    _sign_in(page, shared_backend)
    for name, path in world.items():
        page.goto(f"{shared_backend.url}/console/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert _findings(page, width) == {}, name
    context.close()


def test_answering_a_ticket_with_the_keyboard_alone(browser: Browser, backend: RunningBackend) -> None:
    backend.api.post("/tickets", json=ticket_draft(), headers={"Idempotency-Key": "k"})
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{backend.url}/console/")
    _sign_in(page, backend)
    _tab_to(page, "1001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Reactivate my HMIS account")
    _tab_to(page, "Send “Reactivated – log in today”")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("The answer is in the mail to the requester.")
    assert len(backend.mails("casey.forty@agency.example")) == 1
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


def _sign_in(page: Page, backend: RunningBackend) -> None:
    page.get_by_label("Console password").fill(backend.console_password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tickets")).to_be_visible()


def _tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on what reads like this."""
    focused = page.locator(":focus")
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused.count() and " ".join((focused.text_content() or "").split()) == words:
            return
    raise AssertionError(f"the keyboard never reaches {words!r}")


def _findings(page: Page, width: int) -> dict[str, list[str]]:
    page.evaluate(_AXE.read_text("utf-8"))
    result = page.evaluate("rules => axe.run(document, {runOnly: rules})", _RULES)
    found = {each["id"]: [node["html"][:200] for node in each["nodes"]] for each in result["violations"]}
    needed = page.evaluate("document.documentElement.scrollWidth")
    return found | ({"wider than the window": [f"{needed} px"]} if needed > width else {})
