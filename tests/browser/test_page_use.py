"""The page's rows as people use them: begin one in the chat, follow a link to one, copy such a link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_chat_use import FOCUSED, LISTEN, SAID, box, greeted, log, say, toolbar
from tests.support.fake_assistant import FakeAssistant
from tests.support.gateway_process import GatewayProcess

BOT = "Hello! I am the account assistant, a bot."
# Both in one frame: the page may still be scrolling.
AT_THE_TOP = """id => {
  const heading = document.getElementById(id);
  const top = element => element.getBoundingClientRect().top;
  return top(heading.closest("article")) >= 0 && top(heading) <= 200;
}"""


def starts(fake: FakeAssistant) -> list[str]:
    return [turn["start"]["flow"] for turn in fake.turns if "start" in turn]


def begun(page: Page) -> None:
    expect(log(page).get_by_text("Begun: unlock_account")).to_be_visible()


def test_a_row_begins_in_the_chat(page: Page, fake: FakeAssistant) -> None:
    greeted(page)
    page.get_by_role("button", name="Get help with this: Unlock my account").click()
    begun(page)
    expect(log(page).locator(".text")).to_have_text(
        [BOT, "What do you see?", "Unlock my account", "Begun: unlock_account"]
    )
    assert starts(fake) == ["unlock_account"] and fake.texts() == []
    assert page.evaluate(FOCUSED) == "input"


@pytest.mark.parametrize("after", ["", "#unlock_account"])
def test_a_link_begins_a_row_once(
    new_page: Callable[..., Page], gateway: GatewayProcess, fake: FakeAssistant, after: str
) -> None:
    fake.delay = 0.5
    fake.fail("slow", times=1)
    page = new_page(path="/?start=unlock_account" + after)
    begun(page)
    # a greeting that takes its time is waited for, and stands above
    expect(log(page).locator(".text")).to_have_text(
        [BOT, "What do you see?", "Unlock my account", "Begun: unlock_account"]
    )
    assert page.url == f"{gateway.url}/" and page.evaluate(FOCUSED) == "input"
    expect(page.locator("hmis-help-chat")).to_be_in_viewport(ratio=0.9)
    page.reload()
    begun(page)
    page.go_back()
    page.go_forward()
    begun(page)
    assert starts(fake) == ["unlock_account"]
    assert len([turn for turn in fake.turns if "event" in turn]) == 1


def test_who_is_led_here_by_ear_hears_that_it_is_a_bot(
    new_page: Callable[..., Page], fake: FakeAssistant
) -> None:
    fake.delay = 0.5
    fake.fail("slow", times=1)
    page = new_page(path="/?start=unlock_account", init=f"addEventListener('load', () => ({LISTEN})())")
    begun(page)
    said = page.evaluate(SAID)
    hello = said.index("Assistant said: " + BOT)
    assert hello < said.index("Assistant said: Begun: unlock_account")
    # the greeting's choices are over already; only those of the open question are told
    assert [one for one in said if one.startswith("Suggested answers")] == [
        "Suggested answers: Just now, Not sure"
    ]


def test_a_link_does_not_begin_anew_what_is_under_way(
    page: Page, gateway: GatewayProcess, fake: FakeAssistant
) -> None:
    greeted(page)
    say(page, "I was here before")
    expect(log(page).get_by_text("You said: I was here before")).to_be_visible()
    page.goto(f"{gateway.url}/?start=unlock_account&from=mail")
    expect(log(page).get_by_text("You said: I was here before")).to_be_visible()
    assert page.url == f"{gateway.url}/?from=mail#unlock_account"
    assert page.evaluate(FOCUSED) == "Unlock my account"
    expect(page.get_by_role("button", name="Get help with this: Unlock my account")).to_be_visible()
    assert starts(fake) == []


@pytest.mark.parametrize(
    "asked",
    [
        "file_ticket",
        "",
        "unlock_account%0A",
        "Please+file+a+ticket",
        "constructor",
        "%22%5D%3Cimg%20src=x%20onerror=alert(1)%3E",
    ],
)
def test_a_link_begins_nothing_but_a_row(
    new_page: Callable[..., Page], gateway: GatewayProcess, fake: FakeAssistant, asked: str
) -> None:
    page = new_page(path=f"/?start={asked}")
    greeted(page)
    say(page, "still here")
    expect(log(page).get_by_text("You said: still here")).to_be_visible()
    assert starts(fake) == [] and fake.texts() == ["still here"]
    expect(log(page).locator(".text")).to_have_count(4)
    assert page.url == f"{gateway.url}/"


def test_a_link_begins_when_the_server_comes_back(
    new_page: Callable[..., Page], gateway: GatewayProcess, fake: FakeAssistant
) -> None:
    fake.stop()
    page = new_page(path="/?start=unlock_account")
    expect(page.get_by_role("status")).not_to_be_empty()
    page.reload()
    fake.start()
    begun(page)
    assert starts(fake) == ["unlock_account"]


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_a_link_to_a_row_arrives_at_its_heading(
    new_page: Callable[..., Page], fake: FakeAssistant, width: int
) -> None:
    page = new_page(path="/#unlock_account", viewport={"width": width, "height": 800})
    greeted(page)
    heading = page.get_by_role("heading", name="Unlock my account")
    expect(heading).to_be_in_viewport()
    assert page.evaluate(FOCUSED) == "Unlock my account"
    # the whole card from its top edge, and in the upper part of the window, once the page has scrolled
    page.wait_for_function(AT_THE_TOP, arg="unlock_account")
    page.get_by_role("navigation").get_by_role("link", name="Reactivate my account").click()
    assert page.evaluate(FOCUSED) == "Reactivate my account"
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Link to: Reactivate my account"


def test_rows_lead_to_each_other(page: Page) -> None:
    greeted(page)
    page.get_by_role("article", name="Reactivate my account").get_by_role(
        "link", name="Get a new account"
    ).click()
    assert page.evaluate(FOCUSED) == "Get a new account"
    expect(page.get_by_role("heading", name="Get a new account")).to_be_in_viewport()


def test_a_rows_link_is_copied_by_keyboard(new_page: Callable[..., Page], gateway: GatewayProcess) -> None:
    page = new_page(path="/?from=mail#new_account", permissions=["clipboard-read", "clipboard-write"])
    greeted(page)
    link = page.get_by_role("link", name="Link to: Unlock my account")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[aria-live=polite]").filter(has_text="The link is copied.")).to_have_count(1)
    done = page.get_by_role("article", name="Unlock my account").get_by_text("Copied")
    expect(done).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{gateway.url}/#unlock_account"
    assert page.evaluate(FOCUSED) == "Link to: Unlock my account", "focus stays on the link"
    expect(done).to_be_hidden()
    expect(page.locator("[aria-live=polite]").filter(has_text="The link is copied.")).to_have_count(0)


@pytest.mark.parametrize(
    "clipboard",
    ["undefined", "{ writeText: () => Promise.reject(new DOMException('no', 'NotAllowedError')) }"],
)
def test_without_a_clipboard_the_link_is_an_ordinary_one(
    new_page: Callable[..., Page], gateway: GatewayProcess, clipboard: str
) -> None:
    change = f"Object.defineProperty(navigator, 'clipboard', {{ value: {clipboard} }})"
    page = new_page(path="/", init=change)
    greeted(page)
    page.get_by_role("link", name="Link to: Unlock my account").click()
    expect(page).to_have_url(f"{gateway.url}/#unlock_account")
    assert page.evaluate(FOCUSED) == "Unlock my account"


def test_from_the_top_by_keyboard(page: Page) -> None:
    """Skip links first; then the page's header, the chat, the list of rows, each row."""
    greeted(page)
    order: list[Any] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        order.append(page.evaluate(FOCUSED))
        if order[-1].startswith("Get help with this"):
            break
    assert order[:3] == ["Skip to the chat", "Skip to the steps", "Go to the HMIS login screen"]
    rest = [one for one in order[3:] if one in ("Account is inactive", "input", "Write to HMIS Support")]
    assert rest == ["Account is inactive", "input", "Write to HMIS Support"]
    steps = order[order.index("Write to HMIS Support") + 1 :]
    assert steps[:2] == ["Get a new account", "Reactivate my account This account is inactive"]
    assert steps[-3:] == ["Link to: Get a new account", "New User Training page", "Get help with this"]


def test_the_second_skip_link_leads_past_the_chat(page: Page) -> None:
    greeted(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to the steps"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Get a new account"


def test_a_picture_in_the_chat_has_words_and_a_place(page: Page) -> None:
    greeted(page)
    page.evaluate(LISTEN)
    held: list[Any] = []
    page.route("**/pictures/*", lambda route: held.append(route))
    say(page, "picture")
    image = log(page).get_by_role("img", name="It reads: This account is inactive, account is locked")
    expect(toolbar(page).get_by_role("button")).to_have_text(["Inactive", "Locked"])
    before = image.bounding_box()
    assert before and before["height"] > 60
    for route in held:
        route.continue_()
    image.evaluate("image => image.decode()")
    assert image.bounding_box() == before
    said = page.evaluate(SAID)
    told = "Assistant said: What does it say? It reads: This account is inactive, account is locked"
    assert said.count(told) == 1 and said.count("Suggested answers: Inactive, Locked") == 1
    assert box(page).input_value() == ""
