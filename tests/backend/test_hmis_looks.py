"""The made-up HMIS in a real browser: axe-core finds nothing, nothing is cut off, the keyboard is enough."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.accounts.passwords import demo_password
from tests.support.backend_server import RunningBackend
from tests.support.console_browser import Agent
from tests.support.looks import findings, looked_at

CASEY, ADA = "casey.forty@agency.example", "ada.active@agency.example"


def log_in(page: Page, user_name: str, password: str) -> None:
    """By keyboard: the user name has the focus, unless it is filled in already."""
    page.get_by_label("User name").fill(user_name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 320)]
)
def test_accessible_and_nothing_cut_off(
    browser: Browser, backend: RunningBackend, scheme: str, width: int
) -> None:
    with Agent(backend) as agent:
        agent.press(agent.account_path(ADA), "/reset-password")
    temporary = backend.mails(ADA)[0].text.partition("temporary password: ")[2].split()[0]
    page = looked_at(browser, scheme, width, 700)
    page.goto(f"{backend.url}/login")
    assert findings(page, width) == {}, "login"
    log_in(page, CASEY, demo_password())
    expect(page.get_by_role("alert")).to_have_text("This account is inactive.")
    assert findings(page, width) == {}, "inactive"
    log_in(page, ADA, temporary)
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    assert findings(page, width) == {}, "home with a temporary password"
    page.get_by_label("New password").fill("short")
    page.get_by_label("The same again").fill("short")
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_role("alert")).to_contain_text("at least 10 characters")
    assert findings(page, width) == {}, "home with a problem"
    page.goto(f"{backend.url}/reset-password")
    page.get_by_label("E-mail address").fill(ADA)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("is on its way")
    assert findings(page, width) == {}, "link sent"
    page.goto(next(word for word in backend.mails(ADA)[0].text.split() if word.startswith("http://")))
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    assert findings(page, width) == {}, "choose"
    page.goto(f"{backend.url}/hmis/reset-password/worn-out")
    assert findings(page, width) == {}, "a link that is not good"
    page.goto(f"{backend.url}/hmis/nothing")
    assert findings(page, width) == {}, "not found"
    page.context.close()


def test_after_a_wrong_password_the_focus_is_where_it_is_needed(
    browser: Browser, backend: RunningBackend
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{backend.url}/login")
    expect(page.get_by_label("User name")).to_be_focused()
    log_in(page, ADA, "guess")
    expect(page.get_by_role("alert")).to_contain_text("is wrong")
    password = page.get_by_label("Password")
    expect(password).to_be_focused()
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(password).to_have_accessible_description(
        "The user name or the password is wrong. Check both carefully and try again."
    )
    expect(page.get_by_label("User name")).to_have_value(ADA)
    page.keyboard.type(demo_password())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You are in, Ada Active")).to_be_visible()
    context.close()


def test_it_runs_under_its_own_policy(browser: Browser, backend: RunningBackend) -> None:
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{backend.url}/hmis/login")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.mark')).backgroundColor")
        == "rgb(74, 63, 143)"
    )
    log_in(page, ADA, demo_password())
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("status")).to_have_text("You are logged out.")
    assert complaints == []
    context.close()
