"""The page at its sizes, without JavaScript, and what axe-core finds in each state: nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_chat_use import greeted, log, say, toolbar
from tests.support.fake_assistant import FakeAssistant

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 390, 640, 768, 992, 1280, 1920)


def violations(page: Page) -> list[str]:
    page.wait_for_timeout(100)
    page.evaluate(AXE)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(({violations}) => "
        "violations.map(({id, nodes}) => `${id}: ${nodes.map(({target}) => target).join(' | ')}`))",
        TAGS,
    )
    return list(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(
    new_page: Callable[..., Page], fake: FakeAssistant, scheme: str, width: int
) -> None:
    # axe-core measures with inline styles, which the page itself may not use.
    page = new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    greeted(page)
    assert violations(page) == []
    toolbar(page).get_by_role("button").first.click()
    expect(toolbar(page).get_by_role("button", name="Not sure")).to_be_visible()
    say(page, "list")
    expect(log(page).get_by_role("link", name="Log in")).to_be_visible()
    assert violations(page) == []
    say(page, "x" * 2001)
    expect(page.get_by_role("alert")).not_to_be_empty()
    assert violations(page) == []
    page.context.set_offline(True)
    say(page, "offline")
    expect(page.get_by_role("status")).to_contain_text("offline")
    assert violations(page) == []
    page.context.set_offline(False)
    expect(log(page).get_by_text("You said: offline")).to_be_visible()
    page.get_by_role("button", name="Delete my chat").click()
    assert violations(page) == []
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_role("button", name="Start a new conversation")).to_be_visible()
    assert violations(page) == []


def test_nothing_is_wider_than_the_window(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 320, "height": 640})
    greeted(page)
    say(page, "w" * 300)
    expect(log(page).locator(".bot").last).to_contain_text("You said: w")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert log(page).evaluate("log => log.scrollWidth <= log.clientWidth")


def test_targets_are_large_enough(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 320, "height": 640}, has_touch=True)
    greeted(page)
    for button in page.get_by_role("button").all():
        size = button.bounding_box()
        assert size and size["height"] >= 24 and size["width"] >= 24


def test_the_chat_fits_a_phone(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 390, "height": 667})
    greeted(page)
    size = page.locator("hmis-help-chat").bounding_box()
    assert size and size["height"] <= 667 and size["y"] < 400


def test_without_javascript_everything_can_be_read(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    for title in ("Get a new account", "Reactivate my account", "Unlock my account", "Something else"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_text("Log in on the day Support answers.")).to_be_visible()
    expect(page.get_by_text("The chat needs JavaScript")).to_be_visible()
    expect(page.get_by_role("link", name="Write to HMIS Support").first).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)


def test_a_link_to_a_row_arrives_there(new_page: Callable[..., Page]) -> None:
    page = new_page()
    greeted(page)
    page.goto(page.url + "#unlock_account")
    expect(page.get_by_role("heading", name="Unlock my account")).to_be_in_viewport()


def test_still_for_those_who_want_no_motion(new_page: Callable[..., Page], fake: FakeAssistant) -> None:
    page = new_page(reduced_motion="reduce")
    greeted(page)
    fake.delay = 1.0
    fake.fail("slow", times=1)
    say(page, "slowly")
    dots = page.locator("hmis-help-chat .typing i").first
    expect(dots).to_be_visible()
    assert dots.evaluate("dot => getComputedStyle(dot).animationName") == "none"
