"""What a reader sees: every figure in text and page, nothing from elsewhere, and words where nothing is."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.policy import load_policy
from report.baseline import load_baseline
from report.figures import CAME, Figures, to_report
from report.period import Period, to_period
from report.plots import GROUPS, columns
from report.records import Records
from report.render import Made, to_html, to_json, to_text, write_all
from report.words import load_words
from tests.report.test_baseline import EXAMPLE
from tests.report.test_figures import to_records

ROOT = Path(__file__).parents[2]
NOW = datetime.fromisoformat("2026-11-23T22:30:00-08:00")
CASE = {
    "counts": [
        "2026-11-02 web * came.in 3",
        "2026-11-02 web unlock_account came.in 3",
        "2026-11-02 web unlock_account said.minutes 75 3",
        "2026-11-02 web unlock_account said.turns 4 3",
        "2026-11-03 slack * came.ticket 1",
        "2026-11-03 slack <b>row came.ticket 1",
        "2026-11-03 slack * ticket.minutes 0 1",
        "2026-11-03 slack * ticket.turns 5 1",
        "2026-11-04 web * came.open 0",
        "2026-11-04 web unlock_account asking.lock_wait 2",
    ],
    "promises": ["2026-11-03 ticket_filed <b>row slack unknown 1"],
}


def made(records: Records, *, baseline: Path | None = None) -> Made:
    period = to_period("", "", recorded=records.recorded, today=date(2026, 11, 23))
    entered = load_baseline(baseline) if baseline else None
    policy = load_policy(ROOT / "policy.yml")
    return Made(to_report(records, period), entered, policy, NOW, load_words())


def test_words_cover_every_figure_and_class() -> None:
    words = load_words()
    in_tables = {"came", "left_at", "tickets_by_case"}
    assert list(words.figures) == [name for name in Figures.__dataclass_fields__ if name not in in_tables]
    assert list(words.came) == list(CAME)
    assert list(words.groups) == list(GROUPS)
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(CAME)


def test_words_cover_every_row_case_and_question() -> None:
    words = load_words()
    table = yaml.safe_load((ROOT / "bot/outcomes/table.yml").read_text(encoding="utf-8"))
    assert set(words.rows) == set(table["rows"].values())
    slots = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["slots"]
    assert list(words.cases) == slots["ticket_case"]["values"]
    flows = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "flows").glob("*.yml"))
    assert set(words.questions) == {"nothing", *re.findall(r"collect: (\w+)", flows)}


def test_json_says_all() -> None:
    data = json.loads(to_json(made(to_records(CASE), baseline=EXAMPLE)))
    assert data["made_at"] == "2026-11-23T22:30:00-08:00"
    assert data["period"] == {"from": "2026-11-02", "to": "2026-11-23", "days_counted": 22}
    assert data["total"]["conversations"] == 4
    assert data["by_row"]["unlock_account"]["to_in_said"] == {"n": 3, "minutes": 75, "turns": 4}
    assert {(one["row"], one["channel"]): one["conversations"] for one in data["by_row_and_channel"]} == {
        ("unlock_account", "web"): 3,
        ("unlock_account", "slack"): 0,
        ("<b>row", "web"): 0,
        ("<b>row", "slack"): 1,
    }
    assert data["over_time"][0] == {
        "from": "2026-11-02",
        "to": "2026-11-02",
        "conversations": 3,
        "tickets": 0,
    }
    assert data["office_hours"]["from"] == "08:30"
    assert data["baseline"]["measures"][0]["measure"] == "tickets_per_month"


def test_text_says_all() -> None:
    text = to_text(made(to_records(CASE), baseline=EXAMPLE))
    words = load_words()
    for label in (*words.figures.values(), *words.measures.values()):
        assert label in text
    assert "Unlock my account" in text and "3 (75%)" in text and "75 min, 4 turns (n=3)" in text
    assert "under 1 min, 5 turns (n=1)" in text
    assert "How long ago did it lock?" in text and "Not sure" in text
    assert "Before: July to September" in text
    assert max(map(len, text.splitlines())) <= 140


class Page(HTMLParser):
    """What a page loads, names and draws."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("baseline", [None, EXAMPLE])
@pytest.mark.parametrize("case", [CASE, {}], ids=["some", "none"])
def test_the_page_stands_alone(case: dict[str, Any], baseline: Path | None) -> None:
    html = to_html(made(to_records(case), baseline=baseline))
    page = Page(html)
    assert page.all("script") == page.all("img") == page.all("iframe") == []
    assert [one["href"] for one in page.all("link")] == ["data:,"]
    assert re.findall(r"(?:https?:)?//[a-z]|url\(|@import", html) == []
    assert "<b>" not in html
    assert ("&lt;b&gt;row" in html.lower()) is bool(case)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    named = [
        one["aria-labelledby"] for one in (*page.all("svg"), *page.all("div")) if "aria-labelledby" in one
    ]
    assert all(name in ids for names in named for name in (names or "").split())
    assert all(one["role"] == "img" and one["aria-labelledby"] for one in page.all("svg"))
    # each plot has its table
    assert len(page.all("table")) >= len(page.all("svg"))


def test_all_bars_stay_inside() -> None:
    html = to_html(made(to_records(CASE), baseline=EXAMPLE))
    bars = Page(html).all("rect")
    assert len(bars) > 10
    for bar in bars:
        start, length = (float(str(bar[name]).rstrip("%")) for name in ("x", "width"))
        assert start >= 0 and length >= 0 and start + length <= 100.01
        assert float(str(bar["height"])) > 0


def test_columns_are_as_high_as_the_highest() -> None:
    report = made(to_records(CASE)).report
    drawn = columns(report)
    assert (drawn[0].conversations, drawn[0].tickets) == (100, 0)
    assert round(drawn[1].tickets) == round(drawn[1].conversations) == 33
    assert round(sum(column.width for column in drawn)) == 100


def test_nothing_on_record_is_said_and_no_crash(tmp_path: Path) -> None:
    nothing = made(Records())
    assert "Nothing was counted" in to_text(nothing)
    assert "no baseline was entered" in to_text(nothing)
    assert "Nothing was counted" in to_html(nothing)
    assert json.loads(to_json(nothing))["by_row"] == {}
    for place in write_all(nothing, tmp_path / "deep" / "report").values():
        assert place.read_text(encoding="utf-8")
    assert {path.name for path in (tmp_path / "deep" / "report").iterdir()} == {"report.json", "report.html"}


def test_only_promises_on_record() -> None:
    report = made(to_records({"promises": ["2026-11-03 ticket_filed unlock_account web 2"]}))
    assert "Tickets filed" in to_text(report)
    assert "unlock_account" in json.loads(to_json(report))["by_row"]
    assert "Unlock my account" in to_html(report)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (None, "–"),
        (0.0, "under 1 min"),
        (0.5, "under 1 min"),
        (1.0, "1 min"),
        (4.5, "4.5 min"),
        (119.0, "119 min"),
        (120.0, "2.0 h"),
        (2879.0, "48.0 h"),
        (2880.0, "2.0 days"),
    ],
)
def test_times_in_words(minutes: float | None, text: str) -> None:
    assert load_words().minutes(minutes) == text


def test_rows_stand_in_the_how_tos_order() -> None:
    words = load_words()
    assert words.in_order(["zzz", "unlock_account", "aaa", "new_account"]) == [
        "new_account",
        "unlock_account",
        "aaa",
        "zzz",
    ]
    assert (words.row("aaa_bbb"), words.row("")) == ("Aaa bbb", "–")


def test_period_of_one_day() -> None:
    assert date(2026, 11, 2) in Period(date(2026, 11, 2), date(2026, 11, 2), 1)
