"""What the help desk saw before there was an assistant: numbers that the operator enters (BASELINE_FILE)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from common.yaml_lines import Entry, YamlError, read_mapping
from report.figures import Figures
from report.period import Period

MEASURES: Mapping[str, float] = {
    "tickets_per_month": 1_000_000,
    "follow_up_questions_per_ticket": 100,
    "median_hours_to_access": 10_000,
    "percent_outside_office_hours": 100,
    "midnights_missed_per_month": 1_000_000,
}
"""What can be entered, with the largest number that is believed."""

DAYS_OF_MONTH = 365.25 / 12


class BaselineError(Exception):
    """The file cannot be used; the message names file, line and key."""


@dataclass(frozen=True)
class Baseline:
    """`period`: when this was so, in the operator's words."""

    period: str
    measures: Mapping[str, float]


@dataclass(frozen=True)
class Beside:
    """One measure as it was and as it is; `now` is None where the report has nothing to compare yet."""

    measure: str
    before: float
    now: float | None


def load_baseline(path: Path) -> Baseline | None:
    """None when there is no such file. Raises BaselineError."""
    if not path.exists():
        return None
    try:
        return _to_baseline(read_mapping(path))
    except YamlError as error:
        raise BaselineError(str(error)) from error


def _to_baseline(root: Entry) -> Baseline:
    root.only({"period", *MEASURES})
    entries = root.mapping()
    measures = {name: entries[name].number(0, most) for name, most in MEASURES.items() if name in entries}
    if not measures:
        raise root.error(f"expected at least one of {', '.join(MEASURES)}")
    return Baseline(root.child("period").text(), measures)


def beside(baseline: Baseline, figures: Figures, period: Period) -> tuple[Beside, ...]:
    """The same measures from the report; a month is a twelfth of a year."""
    months = period.counted / DAYS_OF_MONTH
    minutes = figures.to_in_recorded.minutes if figures.to_in_recorded.n else figures.to_in_said.minutes
    now = {
        "tickets_per_month": _share(figures.tickets, months),
        "follow_up_questions_per_ticket": _share(figures.follow_up_questions, figures.tickets),
        "median_hours_to_access": None if minutes is None else minutes / 60,
        "percent_outside_office_hours": _share(100 * figures.outside_office_hours, figures.conversations),
        "midnights_missed_per_month": _share(figures.midnights_missed, months),
    }
    return tuple(Beside(name, before, now[name]) for name, before in baseline.measures.items())


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
