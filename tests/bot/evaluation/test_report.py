"""The report: every figure is in it, as text and as a page that anyone can read."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation import dates, intents
from bot.evaluation.page import plot, to_page
from bot.evaluation.report import sections, to_text, words
from bot.evaluation.sets import BadSet, rows_of, sets_of
from bot.nlu.intent_model import Ranked


def judged(
    text: str, intent: str, *ranking: tuple[str, float], style: str = "plain", also: str = ""
) -> intents.Judged:
    expected = frozenset([intent, also] if also else [intent])
    return intents.Judged(text, expected, intent, style, tuple(Ranked(*one) for one in ranking))


LINES = [
    judged("locked", "account_locked", ("account_locked", 0.95), ("login_problem", 0.04), ("inform", 0.01)),
    judged("blocked?", "account_locked", ("login_problem", 0.85), ("account_locked", 0.1), ("inform", 0.05)),
    judged("stuck", "login_problem", ("account_locked", 0.5), ("login_problem", 0.4), ("inform", 0.1)),
    judged("<b>pizza</b>\0", "out_of_scope", ("out_of_scope", 0.99), ("greet", 0.01), ("help", 0.0)),
    judged("taxi", "out_of_scope", ("greet", 0.2), ("help", 0.2), ("deny", 0.1)),
    judged("mail", "ticket_status", ("out_of_scope", 0.75), ("greet", 0.2), ("help", 0.05), style="terse"),
    judged("stop", "ticket_status", ("cancel", 0.75), ("greet", 0.2), ("help", 0.05), also="cancel"),
]
PHRASES: list[dict[str, Any]] = [
    {"text": "yesterday", "start": "2026-11-22", "end": "2026-11-22", "bucket": "within_90"},
    {"text": "june", "start": "2026-06-02", "end": "2026-06-30", "bucket": "over_90"},
    {"text": "last week", "start": "2026-06-02", "end": "2026-06-30", "bucket": "over_90"},
    {"text": "before june", "start": None, "end": "2026-05-31", "bucket": "over_90"},
    {
        "text": "recently",
        "start": "2026-11-01",
        "end": "2026-11-23",
        "bucket": "within_90",
        "also": ["unknown"],
    },
    {"text": "friday", "start": "2026-11-13", "end": "2026-11-13", "bucket": "within_90"},
    {"text": "room 5", "start": None, "end": None, "bucket": "not_a_date"},
    {"text": "monday", "start": None, "end": None, "bucket": "not_a_date"},
]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    one = intents.figures(LINES)
    rows = [{"reference": "2026-11-23T09:00:00", "tol_days": 0, **row} for row in PHRASES]
    days = dates.figures(dates.judge(rows))
    return {
        "thresholds": {"high": 0.7, "low": 0.25},
        "intents": {"made_up": one, "all": one},
        "dates": {"made_up": days, "all": days},
        "hostile": {"texts": 2, "text": "\u202e\0 <i>", "milliseconds": 1.25},
    }


def test_figures_of_intents(found: dict[str, Any]) -> None:
    one = found["intents"]["all"]
    assert one["how_to_top1"] == round(2 / 5, 4)
    assert one["how_to_right_or_offered"] == round(3 / 5, 4)
    assert one["confident_wrong"] == round(2 / 7, 4)
    assert one["out_of_scope_caught"] == 1.0
    assert one["out_of_scope_precision"] == 0.5
    assert one["by_intent"]["account_locked"] == {
        "lines": 2,
        "right": 0.5,
        "right_or_offered": 0.5,
        "confident_wrong": 0.5,
        "read_as": {"login_problem": 1},
        "precision": 0.5,
    }
    assert one["by_style"]["terse"]["read_as"] == {"out_of_scope": 1}
    assert [step["from"] for step in one["reliability"]] == [0.2, 0.5, 0.7, 0.8, 0.9]


def test_figures_of_dates(found: dict[str, Any]) -> None:
    one = found["dates"]["all"]
    assert one["right_case"] == round(6 / 8, 4)
    assert one["wrong_case"] == round(2 / 8, 4)  # within for over, and a day where none was meant
    assert one["exact"] == round(4 / 8, 4)
    assert [miss["what"] for miss in one["missed"]] == ["days", "wrong case", "days", "wrong case"]


def test_the_text_has_every_section_and_missed_line(found: dict[str, Any]) -> None:
    text = to_text(found)
    for title in words()["sections"].values():
        assert title in text
    for part in ("blocked?", "stuck", "last week", "40.0%", "0.85", "\\x00"):
        assert part in text
    assert "\0" not in text and "\u202e" not in text


def test_every_section_has_words_and_rows_as_wide_as_its_columns(found: dict[str, Any]) -> None:
    made = sections(found)
    assert [one.key for one in made] == list(words()["sections"]) == list(words()["notes"])
    for one in made:
        assert one.rows and all(len(row) == len(one.columns) for row in one.rows), one.key


class Reader(HTMLParser):
    """What a screen reader goes by."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_the_page_can_be_read_by_everyone(found: dict[str, Any]) -> None:
    page = to_page(found)
    read = Reader(page)
    assert read.open == []
    assert read.all("html") == [{"lang": "en"}]
    assert len(read.all("h1")) == len(read.all("main")) == len(read.all("title")) == 1
    assert [tag for tag, _ in read.found if tag in ("h1", "h2", "h3")] == ["h1"] + ["h2"] * len(
        sections(found)
    )
    assert len(read.all("caption")) == len(read.all("table")) == len(sections(found))
    assert all(heading["scope"] in ("col", "row") for heading in read.all("th"))
    ids = [attributes["id"] for _, attributes in read.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for attributes in [*read.all("div"), *read.all("section")]:
        assert attributes["aria-labelledby"] in ids
    for link in read.all("a"):
        assert str(link["href"])[1:] in ids
    (image,) = read.all("img")
    assert "85" in str(image["alt"]) and str(image["src"]).startswith("data:image/svg+xml")


def test_the_page_holds_lines_as_text(found: dict[str, Any]) -> None:
    page = to_page(found)
    assert "<script" not in page and "http:" not in page.replace("http://www.w3.org", "")
    assert "<i>" not in page and "&lt;i&gt;" in page
    assert "\0" not in page and "\u202e" not in page


def test_the_plot_is_the_same_for_the_same_figures_but_for_its_ids(found: dict[str, Any]) -> None:
    steps = found["intents"]["all"]["reliability"]
    drawn = plot(steps).decode()
    assert drawn.startswith("<?xml") and "</svg>" in drawn
    assert len(drawn) == len(plot(steps).decode())


def test_sets_are_read_by_kind() -> None:
    assert {"chat", "blind", "everyday"} <= set(sets_of("intents"))
    assert {"chat", "blind", "public"} <= set(sets_of("dates"))


@pytest.mark.parametrize(
    ("line", "told"),
    [("{", "not JSON"), ('{"text": "hi", "intent": "greet"}', "style"), ("[]", "text")],
)
def test_a_bad_row_is_told_with_file_line_and_key(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "intents_made.jsonl"
    path.write_text(f'\n{{"text": "hi", "intent": "greet", "style": "plain"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(BadSet, match=rf"intents_made\.jsonl:3: .*{told}"):
        rows_of(path)
