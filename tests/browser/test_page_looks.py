"""The page at its sizes, without JavaScript, and what axe-core finds in each state: nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_chat_use import greeted, log, say, toolbar
from tests.support.fake_assistant import FakeAssistant
from tests.support.gateway_process import GatewayProcess

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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768])
def test_axe_finds_nothing_where_links_and_pictures_are(
    new_page: Callable[..., Page], gateway: GatewayProcess, scheme: str, width: int
) -> None:
    page = new_page(
        path="/?start=unlock_account",
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        bypass_csp=True,
        permissions=["clipboard-read", "clipboard-write"],
    )
    expect(log(page).get_by_text("Begun: unlock_account")).to_be_visible()
    assert violations(page) == []
    say(page, "picture")
    expect(log(page).get_by_role("img")).to_be_visible()
    assert violations(page) == []
    page.goto(f"{gateway.url}/?start=reactivate_account")
    expect(page.get_by_role("heading", name="Reactivate my account")).to_be_focused()
    expect(log(page).get_by_role("img")).to_be_attached()
    assert violations(page) == []
    page.get_by_role("link", name="Link to: Reactivate my account").click()
    expect(page.get_by_role("article", name="Reactivate").get_by_text("Copied")).to_be_visible()
    assert violations(page) == []


SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries())
      window.shifts.push([value, sources.map(({ node }) => node?.className || node?.nodeName)]);
  }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("path", ["/", "/#unlock_account", "/?start=unlock_account"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_moves_when_the_chat_arrives(
    new_page: Callable[..., Page], gateway: GatewayProcess, width: int, path: str
) -> None:
    page = new_page(path="/healthz", init=SHIFTS, viewport={"width": width, "height": 800})
    measure = """() => {
      const { top } = document.querySelector("h3#unlock_account").getBoundingClientRect();
      const { width, height } = document.querySelector("hmis-help-chat").getBoundingClientRect();
      return [top + scrollY, width, height, document.documentElement.scrollHeight];
    }"""
    held: list[Route] = []
    page.context.route("**/chat/element.js", lambda route: held.append(route))
    page.goto(gateway.url + path, wait_until="commit")
    expect(page.get_by_role("heading", name="Something else")).to_be_attached()
    page.evaluate("new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
    before = page.evaluate(measure)
    assert page.evaluate("customElements.get('hmis-help-chat') === undefined")
    for route in held:
        route.continue_()
    expect(toolbar(page)).to_be_visible()
    if "start" in path:
        expect(log(page).get_by_text("Begun: unlock_account")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate(measure) == before
    assert page.evaluate("window.shifts") == []


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
    expect(page.get_by_role("img", name="It reads: This account is inactive")).to_be_visible()
    # no room is kept for a chat that cannot come, and a link to a row works all the same
    size = page.locator("hmis-help-chat").bounding_box()
    assert size and size["height"] < 250
    page.get_by_role("link", name="Link to: Unlock my account").click()
    expect(page.get_by_role("heading", name="Unlock my account")).to_be_focused()
    expect(page.get_by_role("heading", name="Unlock my account")).to_be_in_viewport()


def test_what_stands_in_for_the_chat_shows_when_it_does_not_come(
    new_page: Callable[..., Page], gateway: GatewayProcess
) -> None:
    page = new_page(path="/healthz")
    page.route("**/*.js", lambda route: route.abort())
    page.goto(gateway.url)
    expect(page.get_by_text("The chat needs JavaScript")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("link", name="Write to HMIS Support").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_are_the_rows_and_nothing_else(new_page: Callable[..., Page], scheme: str) -> None:
    page = new_page(color_scheme=scheme)
    greeted(page)
    page.emulate_media(media="print")
    for title in ("Get a new account", "Reactivate my account", "Unlock my account", "Something else"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_role("img")).to_be_visible()
    for gone in (
        page.locator("hmis-help-chat"),
        page.get_by_role("navigation"),
        page.locator("footer").first,
    ):
        expect(gone).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)
    assert page.get_by_role("link").all_inner_texts() == [
        "New User Training page",
        "Get a new account",
        "Reset your password",
        "support@hmis.example",
    ]
    written = page.get_by_role("link", name="Reset your password").evaluate(
        "link => getComputedStyle(link, '::after').content"
    )
    assert "https://hmis.example/reset-password" in written
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert ink == "rgb(23, 38, 43)" and paper == "rgba(0, 0, 0, 0)"


def test_still_for_those_who_want_no_motion(new_page: Callable[..., Page], fake: FakeAssistant) -> None:
    page = new_page(reduced_motion="reduce")
    greeted(page)
    fake.delay = 1.0
    fake.fail("slow", times=1)
    say(page, "slowly")
    dots = page.locator("hmis-help-chat .typing i").first
    expect(dots).to_be_visible()
    assert dots.evaluate("dot => getComputedStyle(dot).animationName") == "none"
