"""Follows docs/demo.md in a browser, step by step, and leaves a screenshot of each part.

On a system that `make run` has started, with everybody as at first:

.venv/app/bin/python -m tests.support.demo_player
"""

from __future__ import annotations

import os
import re
import time

from playwright.sync_api import Browser, Error, Locator, Page, expect, sync_playwright

from common.settings import load
from scripts.make_secrets import with_secrets
from tests.support.demo_guide import (
    CHAT,
    CONSOLE,
    LOGIN,
    Copy,
    Fill,
    Open,
    Part,
    Press,
    Sight,
    Step,
    Type,
    load_guide,
)
from tests.support.looks import ARGUMENTS, CHROMIUM
from tests.support.stack import ROOT

GUIDE = ROOT / "docs" / "demo.md"
SHOTS = ROOT / "var" / "test" / "screenshots"
# Answers of Support and first logins are noticed by a worker that looks every few seconds.
SEEN_WITHIN = 45.0


class Strayed(AssertionError):
    """Guide and product disagree; the message names the guide's line."""


class DemoPlayer:
    """Three tabs, as the guide asks for. `chat` and `sandbox` are base addresses."""

    def __init__(self, browser: Browser, chat: str, sandbox: str, console_password: str) -> None:
        self._sandbox = sandbox
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(SEEN_WITHIN * 1000)
        self._context = context
        self._tabs = {place: context.new_page() for place in (CHAT, CONSOLE, LOGIN)}
        self._tabs[CHAT].goto(chat)
        self._log = self._tabs[CHAT].get_by_role("region", name="Conversation")
        expect(self._log.get_by_text("What's happening?")).to_be_visible()
        self._said_before = self._log.inner_text()
        console = self._tabs[CONSOLE]
        console.goto(f"{sandbox}/console/")
        console.get_by_label("Console password").fill(console_password)
        console.keyboard.press("Enter")
        expect(console.get_by_role("heading", name="Tickets")).to_be_visible()
        self._copied = ""

    def close(self) -> None:
        self._context.close()

    def play(self, part: Part) -> None:
        """Raises Strayed at the first step that does not go as the guide says."""
        for step in part.steps:
            try:
                self._do(step)
                for sight in step.sees:
                    self._see(sight)
            except (Error, AssertionError) as problem:
                self._shots(part, "strayed-")
                raise Strayed(f"docs/demo.md:{step.line}: {step.does}: {problem}") from problem
        self._shots(part)

    def _do(self, step: Step) -> None:
        does = step.does
        if isinstance(does, Type):
            self._said_before = self._log.inner_text()
            box = self._tabs[CHAT].get_by_role("textbox")
            box.fill(does.text)
            box.press("Enter")
        elif isinstance(does, Press):
            self._said_before = self._log.inner_text()
            self._tabs[CHAT].get_by_role("button", name=does.title, exact=True).last.click()
        elif isinstance(does, Copy):
            self._copied = self._word_after(does.after)
        else:
            for _ in range(does.times):
                self._walk(does.place, does.ways)

    def _walk(self, place: str, ways: tuple[Open | Fill, ...]) -> None:
        tab = self._tabs[place]
        if place == LOGIN:
            tab.goto(f"{self._sandbox}/login")
        elif "/console/" not in tab.url:
            tab.goto(f"{self._sandbox}/console/")
        for way in ways:
            if isinstance(way, Fill):
                field = tab.locator("input, textarea, select").and_(tab.get_by_label(way.label)).first
                field.fill(self._copied if way.text is None else way.text)
            else:
                self._open(tab, way.name)

    def _open(self, tab: Page, name: str) -> None:
        target = self._target(tab, name)
        if target.evaluate("node => node.tagName === 'SUMMARY' && node.parentElement.open"):
            return
        target.click()
        tab.wait_for_load_state()

    def _target(self, tab: Page, name: str) -> Locator:
        """What a person would press: the name as a whole before a part of it, the first before later ones."""
        kinds = [
            tab.get_by_role("button", name=name, exact=True),
            tab.get_by_role("link", name=name, exact=True),
            tab.get_by_role("link", name=name),
            tab.get_by_role("button", name=name),
            tab.locator("summary").filter(has_text=name),
        ]
        for kind in kinds:
            if kind.count():
                return kind.first
        raise AssertionError(f"{tab.url} has no link, button or fold {name!r}")

    def _word_after(self, words: str) -> str:
        text = self._text(CONSOLE)
        found = re.search(re.escape(words) + r"\s*(\S+)", text)
        assert found, f"nothing follows {words!r} in\n{text}"
        return found[1]

    def _see(self, sight: Sight) -> None:
        deadline = time.monotonic() + SEEN_WITHIN
        while not self._is_there(sight):
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"{sight.place} does not show {sight.text!r} but\n{self._text(sight.place)}"
                )
            self._tabs[CHAT].wait_for_timeout(100)

    def _is_there(self, sight: Sight) -> bool:
        return _plain(sight.text) in _plain(self._text(sight.place))

    def _text(self, place: str) -> str:
        """What a tab shows; of the chat only what was said since the last step there."""
        if place != CHAT:
            return self._tabs[place].locator("body").inner_text()
        text, before = self._log.inner_text(), self._said_before
        while not text.startswith(before):
            before = before.rpartition("\n")[0]
        return text[len(before) :]

    def _shots(self, part: Part, prefix: str = "") -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^a-z0-9]+", "-", part.title.lower()).strip("-")
        for place, tab in self._tabs.items():
            if any(place in (sight.place for sight in step.sees) for step in part.steps) or prefix:
                tab.screenshot(path=SHOTS / f"demo-{prefix}{name}-{place.lower()}.png")


def _plain(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    settings = load(with_secrets(os.environ, load().var_dir / "secrets.env"))
    chat, sandbox = f"http://localhost:{settings.port}", f"http://127.0.0.1:{settings.backend_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        player = DemoPlayer(browser, chat, sandbox, settings.console_password)
        for part in load_guide(GUIDE):
            player.play(part)
            print(f"ok  {part.title}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
