"""A gateway process, the fake assistant and Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.support.fake_assistant import FakeAssistant
from tests.support.gateway_process import HOWTO, GatewayProcess, running_gateway
from tests.support.looks import opened_browser

# The machine may be busy; nothing here measures time.
expect.set_options(timeout=20_000)


def script(turn: dict[str, Any]) -> list[dict[str, Any]]:
    """A short, well-behaved conversation."""
    if "event" in turn:
        if turn["event"]["kind"] != "session_start":
            return [{"text": "HMIS Support has **answered** ticket 1001."}]
        return [
            {"text": "Hello! I am the **account assistant**, a bot."},
            {"text": "What do you see?", "titles": ["Account is inactive", "Account is locked", "Forgot it"]},
        ]
    if "start" in turn:
        return [{"text": f"Begun: {turn['start']['flow']}", "titles": ["Just now", "Not sure"]}]
    if "button" in turn:
        return [{"text": "When did you **last log in**?", "titles": ["This month", "Not sure"]}]
    if turn["text"] == "picture":
        image = {"file": "login-messages.svg", "alt": "It reads: This account is inactive, account is locked"}
        return [{"text": "What does it say?", "image": image, "titles": ["Inactive", "Locked"]}]
    if turn["text"] == "list":
        links = "[Log in](https://hmis.example/login) or [x](javascript:alert(1))"
        return [{"text": f"Steps:\n- one\n- two\n\n{links}"}]
    return [{"text": f"You said: {turn['text']}"}]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with opened_browser() as opened:
        yield opened


@pytest.fixture
def fake() -> Iterator[FakeAssistant]:
    with FakeAssistant(script) as assistant:
        yield assistant


@pytest.fixture
def gateway(tmp_path: Path, fake: FakeAssistant) -> Iterator[GatewayProcess]:
    shutil.copy(HOWTO, tmp_path / "howto.json")
    with running_gateway(tmp_path, fake.url) as running:
        yield running


@pytest.fixture
def new_page(browser: Browser, gateway: GatewayProcess) -> Iterator[Callable[..., Page]]:
    """`new_page(**options)`: the help page in a context of its own. Any script error fails the test.

    `path` is what to open; `init` is a script that runs before the page's own.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A network that is down on purpose is reported by the browser itself.
        if message.type == "error" and "Failed to load resource" not in message.text:
            errors.append(message.text)

    def begin(path: str = "/", init: str | None = None, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("console", heard)
        context.set_default_timeout(20_000)
        page = context.new_page()
        if init:
            page.add_init_script(init)
        page.goto(gateway.url + path)
        return page

    yield begin
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()
