"""The report's page in Chromium: axe-core finds nothing, in light and in dark, and 320 pixels are enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from report.render import write_all
from tests.browser.test_page_looks import WIDTHS, violations
from tests.report.test_baseline import EXAMPLE
from tests.report.test_render import CASE, made, to_records

MEASURES = (
    "came.ticket_in 2",
    "came.told 1",
    "came.human 1",
    "came.open 2",
    "ticket.minutes 4 2",
    "ticket.turns 6 2",
    "recorded.minutes 190 1",
    "recorded.turns 8 1",
)
MORE: dict[str, Any] = {
    "counts": [
        *CASE["counts"],
        *(
            f"2026-11-{day:02d} {channel} {row} {measure}"
            for day in range(4, 23)
            for channel in ("web", "slack")
            for row in ("*", "reactivate_account", "unlock_account")
            for measure in MEASURES
        ),
    ],
    "promises": [*CASE["promises"], "2026-11-10 answered_again unlock_account web 3"],
}
CUT_OFF = (
    "[...document.querySelectorAll('svg text')].filter(t => t.getBoundingClientRect().right > innerWidth)"
)


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """`opened(case, **options)`: a report's page, from its file. Anything in the console fails the test."""
    contexts, heard = [], []

    def begin(case: dict[str, Any], baseline: Path | None = EXAMPLE, **options: Any) -> Page:
        place = write_all(made(to_records(case), baseline=baseline), tmp_path)["html"]
        # axe-core measures with inline styles and runs a script, which the page itself may not.
        contexts.append(browser.new_context(bypass_csp=True, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("request", lambda request: heard.append(request.url))
        page.goto(place.as_uri())
        assert heard.pop(0) == place.as_uri()
        return page

    yield begin
    for context in contexts:
        context.close()
    assert [one for one in heard if not one.startswith("data:")] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(opened: Callable[..., Page], scheme: str, width: int) -> None:
    page = opened(MORE, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.get_by_text("Conversations and tickets over time, as a table").click()
    expect(page.get_by_role("row", name="2026-11-02")).to_be_visible()
    assert violations(page) == []


def test_axe_finds_nothing_where_nothing_is(opened: Callable[..., Page]) -> None:
    page = opened({}, None, viewport={"width": 320, "height": 800})
    expect(page.get_by_text("Nothing was counted in these days.")).to_be_visible()
    assert violations(page) == []


def test_nothing_is_wider_than_the_window(opened: Callable[..., Page]) -> None:
    page = opened(MORE, viewport={"width": 320, "height": 640})
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(f"{CUT_OFF}.map(t => t.textContent)") == []


def test_plots_are_named_and_have_their_tables(opened: Callable[..., Page]) -> None:
    page = opened(MORE)
    for name in ("What came of it, by row", "How long it took, by row", "Beside what was before"):
        expect(page.get_by_role("img", name=name)).to_be_visible()
        expect(page.get_by_role("table", name=f"{name}, in numbers")).to_be_visible()
    expect(page.get_by_role("img", name="Conversations and tickets over time")).to_be_visible()
