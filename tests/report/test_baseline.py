"""What the operator enters, and how it stands beside the report."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from report.baseline import MEASURES, Baseline, BaselineError, Beside, beside, load_baseline
from report.figures import to_report
from report.period import Period
from report.words import load_words
from tests.report.test_figures import to_records

EXAMPLE = Path(__file__).parents[2] / "docs" / "baseline.example.yml"


def test_the_example_has_every_measure() -> None:
    baseline = load_baseline(EXAMPLE)
    assert baseline is not None
    assert set(baseline.measures) == set(MEASURES) == set(load_words().measures)
    assert baseline.measures["follow_up_questions_per_ticket"] == 0.8


def test_there_need_not_be_one(tmp_path: Path) -> None:
    assert load_baseline(tmp_path / "baseline.yml") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: the file is empty"),
        ("period: x\n", ":1: expected at least one of tickets_per_month"),
        ("tickets_per_month: 3\n", ":1: period: missing"),
        ("period: 2025\ntickets_per_month: 3\n", ":1: period: expected text"),
        ("period: x\ntickets_per_month: many\n", ":2: tickets_per_month: expected a number from 0 to 1e+06"),
        ("period: x\ntickets_per_month: true\n", ":2: tickets_per_month: expected a number"),
        ("period: x\ntickets_per_month: -1\n", ":2: tickets_per_month: expected a number"),
        ("period: x\nmedian_hours_to_access: .nan\n", ":2: median_hours_to_access: expected a number"),
        (
            "period: x\npercent_outside_office_hours: 101\n",
            ":2: percent_outside_office_hours: expected a number",
        ),
        ("period: x\ntickets: 3\n", ":2: tickets: unknown key"),
        ("period: x\ntickets_per_month: 3\ntickets_per_month: 4\n", ":3: tickets_per_month: given twice"),
        ("- x\n", ":1: expected keys"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "baseline.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError) as caught:
        load_baseline(path)
    assert str(caught.value).startswith(f"{path}{message}")


COUNTS = [
    "2026-11-02 web * came.in 3",
    "2026-11-02 web * came.open 1",
    "2026-11-02 web * outside 1",
    "2026-11-02 web * said.minutes 30 1",
    "2026-11-02 web * said.turns 4 1",
]
PROMISES = [
    "2026-11-02 ticket_filed x web 10",
    "2026-11-02 answered_again x web 4",
    "2026-11-02 not_logged_in x web 5",
]
RECORDED = ["2026-11-02 web * recorded.minutes 90 1", "2026-11-02 web * recorded.turns 4 1"]


@pytest.mark.parametrize(
    ("measure", "counts", "promises", "days", "now"),
    [
        ("tickets_per_month", COUNTS, PROMISES, 30.4375, 10),
        ("tickets_per_month", COUNTS, PROMISES, 60.875, 5),
        ("tickets_per_month", [], [], 0, None),
        ("tickets_per_month", [], [], 30, 0),
        ("midnights_missed_per_month", COUNTS, PROMISES, 15.21875, 10),
        ("follow_up_questions_per_ticket", COUNTS, PROMISES, 30, 0.4),
        ("follow_up_questions_per_ticket", COUNTS, [], 30, None),
        ("median_hours_to_access", COUNTS, PROMISES, 30, 0.5),
        ("median_hours_to_access", [*COUNTS, *RECORDED], PROMISES, 30, 1.5),
        ("median_hours_to_access", [], PROMISES, 30, None),
        ("percent_outside_office_hours", COUNTS, PROMISES, 30, 25),
        ("percent_outside_office_hours", [], PROMISES, 30, None),
    ],
)
def test_beside(measure: str, counts: list[str], promises: list[str], days: float, now: float | None) -> None:
    period = Period(date(2026, 11, 1), date(2026, 11, 30), days)  # type: ignore[arg-type]
    report = to_report(to_records({"counts": counts, "promises": promises}), period)
    baseline = Baseline("before", {measure: 7.0})
    [found] = beside(baseline, report.total, period)
    assert found == Beside(measure, 7.0, pytest.approx(now) if now is not None else None)
