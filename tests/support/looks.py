"""What axe-core finds in a page, and whether anything is wider than the window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
_AXE = Path(__file__).parents[1] / "browser" / "vendor" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield opened
        finally:
            opened.close()


def looked_at(browser: Browser, scheme: str, width: int, height: int) -> Page:
    """A page in a context of its own, for `findings`; whoever asked closes `page.context`."""
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": height},
        bypass_csp=True,
    )
    return context.new_page()


def findings(page: Page, width: int) -> dict[str, list[str]]:
    """Violations by rule. The page's own policy must be lifted (`bypass_csp`): axe-core is injected."""
    page.evaluate(_AXE.read_text("utf-8"))
    result = page.evaluate("rules => axe.run(document, {runOnly: rules})", _RULES)
    found = {each["id"]: [node["html"][:200] for node in each["nodes"]] for each in result["violations"]}
    needed = page.evaluate("document.documentElement.scrollWidth")
    return found | ({"wider than the window": [f"{needed} px"]} if needed > width else {})


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on what reads like this."""
    focused = page.locator(":focus")
    for _ in range(80):
        page.keyboard.press("Tab")
        if focused.count() and " ".join((focused.text_content() or "").split()) == words:
            return
    raise AssertionError(f"the keyboard never reaches {words!r}")
