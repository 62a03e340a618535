"""The chat as people use it: keyboard, screen reader texts, reload, bad networks, two tabs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.support.fake_assistant import FakeAssistant
from tests.support.gateway_process import INNER_SECRET, GatewayProcess

SAID = "window.said"
LISTEN = """() => {
  window.said = [];
  const log = document.querySelector("hmis-help-chat").shadowRoot.querySelector("[role=log]");
  new MutationObserver((records) => {
    for (const { addedNodes } of records) for (const node of addedNodes) window.said.push(node.textContent);
  }).observe(log, { childList: true });
}"""
FOCUSED = """() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node?.textContent || node?.id || node?.nodeName;
}"""


def log(page: Page) -> Locator:
    return page.get_by_role("region", name="Conversation")


def box(page: Page) -> Locator:
    return page.get_by_label("Your message")


def toolbar(page: Page) -> Locator:
    return page.get_by_role("toolbar", name="Suggested answers")


def say(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def texts(page: Page) -> list[str]:
    return log(page).locator(".text").all_inner_texts()


def greeted(page: Page) -> None:
    expect(toolbar(page)).to_be_visible()


def test_everything_works_by_keyboard_alone(page: Page) -> None:
    greeted(page)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to the chat"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert "What do you see?" in page.evaluate(FOCUSED)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Account is inactive"
    for key, title in (
        ("ArrowRight", "Account is locked"),
        ("End", "Forgot it"),
        ("ArrowRight", "Account is inactive"),
        ("ArrowLeft", "Forgot it"),
        ("Home", "Account is inactive"),
    ):
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == title
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "input"
    expect(log(page).get_by_text("last log in")).to_be_visible()
    assert texts(page)[2:] == ["Account is inactive", "When did you last log in?"]
    expect(toolbar(page).get_by_role("button")).to_have_text(["This month", "Not sure"])
    page.keyboard.type("first line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    page.keyboard.press("Enter")
    expect(log(page).get_by_text("You said: first line")).to_be_visible()
    expect(toolbar(page)).to_have_count(0)
    for name in ("Send", "Start over", "Delete my chat", "Write to HMIS Support"):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED) == name


def test_the_greeting_takes_no_focus_and_says_that_it_is_a_bot(page: Page) -> None:
    greeted(page)
    assert page.evaluate("document.activeElement.nodeName") == "BODY"
    expect(page.get_by_text("Automated assistant, not a person")).to_be_visible()
    expect(page.get_by_role("link", name="Write to HMIS Support").first).to_be_visible()


def test_what_a_screen_reader_hears(page: Page) -> None:
    greeted(page)
    page.evaluate(LISTEN)
    toolbar(page).get_by_role("button", name="Account is locked").click()
    expect(toolbar(page).get_by_role("button", name="Not sure")).to_be_visible()
    said = page.evaluate(SAID)
    assert said.count("You said: Account is locked") == 1
    assert said.count("Assistant said: When did you last log in?") == 1
    assert said.count("Suggested answers: This month, Not sure") == 1
    assert said.count("The assistant is writing…") <= 1
    live = page.get_by_role("log")
    expect(live).to_have_attribute("aria-live", "polite")
    expect(live).to_be_empty()
    assert log(page).locator("[aria-live]").count() == 0
    page.reload()
    greeted(page)
    assert "Assistant said: When did you last log in?" not in live.all_inner_texts()


def test_typing_is_announced_once(page: Page, fake: FakeAssistant) -> None:
    greeted(page)
    page.evaluate(LISTEN)
    fake.delay = 1.0
    fake.fail("slow", times=1)
    say(page, "slowly")
    expect(log(page).get_by_text("You said: slowly")).to_be_visible()
    assert page.evaluate(SAID).count("The assistant is writing…") == 1


def test_the_markdown_subset_becomes_nodes(page: Page) -> None:
    greeted(page)
    say(page, "list")
    expect(log(page).locator("li li")).to_have_text(["one", "two"])
    link = log(page).get_by_role("link", name="Log in")
    expect(link).to_have_attribute("href", "https://hmis.example/login")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    assert log(page).get_by_role("link").count() == 1
    expect(log(page).get_by_text("[x](javascript:alert(1))")).to_be_visible()
    say(page, "<img src=x onerror=alert(1)> **not bold**")
    expect(log(page).locator(".own .text").last).to_have_text("<img src=x onerror=alert(1)> **not bold**")
    assert log(page).locator("img").count() == 0


def test_a_reload_keeps_the_conversation_and_the_draft(page: Page, fake: FakeAssistant) -> None:
    greeted(page)
    say(page, "before")
    expect(log(page).get_by_text("You said: before")).to_be_visible()
    box(page).fill("half a sen")
    seen = texts(page)
    page.reload()
    expect(log(page).get_by_text("You said: before")).to_be_visible()
    assert texts(page) == seen and box(page).input_value() == "half a sen"
    assert len([turn for turn in fake.turns if "event" in turn]) == 1


def test_offline_and_back(page: Page, fake: FakeAssistant) -> None:
    greeted(page)
    status = page.get_by_role("status")
    page.context.set_offline(True)
    expect(status).to_contain_text("You are offline")
    say(page, "one")
    say(page, "two")
    expect(log(page).get_by_text("Waiting to be sent")).to_have_count(2)
    page.context.set_offline(False)
    expect(log(page).get_by_text("You said: two")).to_be_visible()
    assert fake.texts() == ["one", "two"]
    assert [text for text in texts(page) if text in ("one", "two")] == ["one", "two"]
    expect(log(page).get_by_text("Waiting to be sent")).to_have_count(0)
    expect(status).to_contain_text("Connected again")
    expect(status).to_be_empty()


def test_typed_offline_and_reloaded_is_not_lost(page: Page, fake: FakeAssistant) -> None:
    greeted(page)
    page.route("**/messages", lambda route: route.abort())
    say(page, "kept in this tab")
    expect(page.get_by_role("status")).to_contain_text("connection is lost")
    page.unroute("**/messages")
    page.reload()
    expect(log(page).get_by_text("You said: kept in this tab")).to_be_visible()
    assert fake.texts() == ["kept in this tab"]


def test_an_answer_lost_on_the_way_is_not_asked_for_twice(page: Page, fake: FakeAssistant) -> None:
    greeted(page)
    lost: list[Any] = []

    def lose(route: Any) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    page.route("**/messages", lose)
    say(page, "once only")
    expect(log(page).get_by_text("You said: once only")).to_be_visible()
    page.wait_for_function("!sessionStorage.getItem('hmis-help-chat').includes('once only')")
    assert texts(page).count("once only") == 1 and texts(page).count("You said: once only") == 1
    assert fake.texts() == ["once only"]


def test_the_server_restarts(page: Page, gateway: GatewayProcess, fake: FakeAssistant) -> None:
    greeted(page)
    gateway.kill()
    say(page, "while it was gone")
    expect(page.get_by_role("status")).to_contain_text("connection is lost")
    gateway.start()
    expect(log(page).get_by_text("You said: while it was gone")).to_be_visible()
    assert fake.texts() == ["while it was gone"]
    event(gateway, page)
    expect(log(page).get_by_text("answered ticket 1001")).to_be_visible()


def test_the_assistant_is_away_for_long(page: Page, fake: FakeAssistant) -> None:
    greeted(page)
    fake.stop()
    say(page, "anyone?")
    expect(page.get_by_role("status")).to_contain_text("Your message is kept")
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("Your message is kept")
    fake.start()
    expect(log(page).get_by_text("You said: anyone?")).to_be_visible()
    expect(page.get_by_role("status")).to_be_empty()


def test_two_tabs_show_the_same(page: Page, gateway: GatewayProcess, fake: FakeAssistant) -> None:
    greeted(page)
    kept = page.evaluate("sessionStorage.getItem('hmis-help-chat')")
    other = page.context.new_page()
    other.add_init_script(f"sessionStorage['hmis-help-chat'] ??= {kept!r}")
    other.goto(gateway.url)
    greeted(other)
    held = "navigator.locks.query().then(({held, pending}) => [held.length, pending.length])"
    page.wait_for_function(f"{held}.then(([held, pending]) => held === 1 && pending === 1)")
    say(page, "from the first")
    say(other, "from the second")
    for tab in (page, other):
        expect(log(tab).get_by_text("You said: from the first")).to_be_visible()
        expect(log(tab).get_by_text("You said: from the second")).to_be_visible()
    assert texts(page) == texts(other)
    page.close()
    event(gateway, other)
    expect(log(other).get_by_text("answered ticket 1001")).to_be_visible()
    assert sorted(fake.texts()) == ["from the first", "from the second"]


def test_deleting_asks_first_and_begins_anew(page: Page, fake: FakeAssistant) -> None:
    greeted(page)
    say(page, "secret")
    expect(log(page).get_by_text("You said: secret")).to_be_visible()
    page.get_by_role("button", name="Delete my chat").click()
    dialog = page.get_by_role("dialog", name="Delete your chat?")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Delete my chat").click()
    dialog.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("Your conversation has been deleted.").first).to_be_visible()
    expect(log(page).locator(".text")).to_have_count(0)
    deadline = time.monotonic() + 10
    while not fake.deleted and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert len(fake.deleted) == 1
    page.get_by_role("button", name="Start a new conversation").click()
    greeted(page)
    assert page.evaluate(FOCUSED) == "input"
    say(page, "new")
    expect(log(page).get_by_text("You said: new")).to_be_visible()
    assert "secret" not in " ".join(texts(page))


def test_start_over_is_said_in_the_conversation(page: Page, fake: FakeAssistant) -> None:
    greeted(page)
    page.get_by_role("button", name="Start over").click()
    expect(log(page).get_by_text("You said: Start over")).to_be_visible()
    assert fake.texts() == ["Start over"]


def test_too_long_stays_in_the_box(page: Page, fake: FakeAssistant) -> None:
    greeted(page)
    say(page, "x" * 2001)
    expect(page.get_by_role("alert")).to_contain_text("too long")
    expect(box(page)).to_have_attribute("aria-invalid", "true")
    assert len(box(page).input_value()) == 2001 and fake.texts() == []
    box(page).fill("short")
    expect(page.get_by_role("alert")).to_be_empty()


def test_what_the_server_refuses_comes_back_to_the_box(page: Page) -> None:
    greeted(page)
    refusal = {"error": {"code": "bad_request", "message": "That could not be read. Please try again."}}
    page.route("**/messages", lambda route: route.fulfill(status=400, json=refusal))
    say(page, "hm")
    expect(page.get_by_role("alert")).to_have_text(refusal["error"]["message"])
    assert box(page).input_value() == "hm"


def expire(gateway: GatewayProcess) -> None:
    """Tokens of before are no longer good."""
    gateway.kill()
    gateway.environ["GATEWAY_SECRET"] = "another-secret-for-tests-0123456789"
    gateway.start()


def test_an_expired_conversation_offers_a_new_one(page: Page, gateway: GatewayProcess) -> None:
    greeted(page)
    page.route("**/stream?*", lambda route: route.abort())  # so that the message is the first to meet it
    expire(gateway)
    say(page, "for the new one")
    page.get_by_role("button", name="Start a new conversation").click()
    page.unroute("**/stream?*")
    expect(log(page).get_by_text("You said: for the new one")).to_be_visible()


def test_what_is_half_typed_when_a_conversation_expires_is_kept(page: Page, gateway: GatewayProcess) -> None:
    greeted(page)
    box(page).fill("for the new one")
    expire(gateway)
    page.get_by_role("button", name="Start a new conversation").click()
    expect(box(page)).to_have_value("for the new one")
    box(page).press("Enter")
    expect(log(page).get_by_text("You said: for the new one")).to_be_visible()


def test_the_chat_opens_when_the_server_comes_late(
    new_page: Callable[..., Page], gateway: GatewayProcess, browser: Any
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.route("**/api/v1/conversations", lambda route: route.abort())
    page.goto(gateway.url)
    expect(page.get_by_role("status")).to_contain_text("connection is lost")
    say(page, "typed early")
    page.unroute("**/api/v1/conversations")
    expect(log(page).get_by_text("You said: typed early")).to_be_visible()
    context.close()


def event(gateway: GatewayProcess, page: Page) -> None:
    """What the worker would send for this page's conversation."""
    conversation = page.evaluate("JSON.parse(sessionStorage.getItem('hmis-help-chat')).ref.id")
    body = {"event_id": conversation, "conversation_id": conversation, "kind": "ticket_answered", "data": {}}
    headers = {"Authorization": f"Bearer {INNER_SECRET}"}
    assert httpx.post(f"{gateway.inner_url}/internal/events", json=body, headers=headers).status_code == 200
