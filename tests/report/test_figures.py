"""Counts → figures, as a table (figures.yml)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from report.figures import CAME, Figures, Times, to_report
from report.period import Period
from report.records import Count, Promise, Records

CASES = yaml.safe_load((Path(__file__).parent / "figures.yml").read_text(encoding="utf-8"))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), 30)


def to_count(line: str) -> Count:
    day, channel, row, measure, *numbers = line.split()
    value, n = ([0, *map(int, numbers)])[-2:]
    return Count(date.fromisoformat(day), channel, row, measure, value, n)


def to_promise(line: str) -> Promise:
    day, outcome, row, channel, *case, n = line.split()
    return Promise(date.fromisoformat(day), outcome, row, "".join(case), channel, int(n))


def to_records(case: dict[str, Any]) -> Records:
    counts = tuple(map(to_count, case.get("counts", ())))
    return Records(counts, tuple(map(to_promise, case.get("promises", ()))))


def asked(figures: Figures, wanted: dict[str, Any]) -> dict[str, Any]:
    found = {name: getattr(figures, name) for name in wanted}
    return {
        name: [one.n, one.minutes, one.turns] if isinstance(one, Times) else one
        for name, one in found.items()
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_figures(case: dict[str, Any]) -> None:
    report = to_report(to_records(case), NOVEMBER)
    assert asked(report.total, case["total"]) == case["total"]
    if "rows" in case:
        assert {row: asked(one, case["rows"].get(row, {})) for row, one in report.by_row.items()} == case[
            "rows"
        ]
    for channel, wanted in case.get("channels", {}).items():
        assert asked(report.by_channel[channel], wanted) == wanted
    assert sum(report.total.came[name] for name in CAME) == report.total.conversations


def test_both_and_over_time() -> None:
    records = to_records(
        {
            "counts": [
                "2026-11-02 web * came.in 2",
                "2026-11-02 web unlock_account came.in 2",
                "2026-11-05 slack * came.open 1",
                "2026-11-05 slack reset_password came.open 1",
                "2026-11-05 slack * turns 9",
            ],
            "promises": ["2026-11-04 ticket_filed reset_password slack 1", "2026-11-04 reminded x slack 1"],
        }
    )
    report = to_report(records, Period(date(2026, 11, 2), date(2026, 11, 5), 4))
    conversations = {pair: figures.conversations for pair, figures in report.by_both.items()}
    assert conversations == {
        ("reset_password", "slack"): 1,
        ("reset_password", "web"): 0,
        ("unlock_account", "slack"): 0,
        ("unlock_account", "web"): 2,
        ("x", "slack"): 0,
        ("x", "web"): 0,
    }
    assert [stretch[2:] for stretch in report.over_time] == [(2, 0), (0, 0), (0, 1), (1, 0)]
