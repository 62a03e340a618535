"""Where bars begin and how long they are, in percent of the plot's width or height. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from report.baseline import Beside
from report.figures import Figures, Report
from report.words import Words

GROUPS: Mapping[str, tuple[str, ...]] = {
    "solved": ("in", "advised"),
    "ticketed": ("ticket_in", "ticket"),
    "told": ("told",),
    "human": ("human",),
    "left": ("stopped", "open", "went_on"),
}
"""The classes of `came`, in the few colors that can be told apart."""

_LONGEST = 72.0  # the number stands behind the bar


@dataclass(frozen=True)
class Bar:
    """`start` and `length` in percent; `kind` chooses the color; `text` is the number that it stands for."""

    kind: str
    start: float
    length: float
    text: str


@dataclass(frozen=True)
class Line:
    """One label with its bars, drawn below it."""

    label: str
    bars: tuple[Bar, ...]


def came_lines(report: Report, words: Words) -> tuple[Line, ...]:
    """For each row and for all: the groups side by side, as shares of its conversations."""
    lines = [(words.row(row), report.by_row[row]) for row in words.in_order(report.by_row)]
    lines.append((words.tables["all"], report.total))
    return tuple(
        Line(f"{label} ({figures.conversations})", _stacked(figures))
        for label, figures in lines
        if figures.conversations
    )


def _stacked(figures: Figures) -> tuple[Bar, ...]:
    bars, start = [], 0.0
    for group, classes in GROUPS.items():
        n = sum(figures.came[name] for name in classes)
        length = 100 * n / figures.conversations
        if n:
            bars.append(Bar(group, start, length, str(n)))
        start += length
    return tuple(bars)


def time_lines(report: Report, words: Words) -> tuple[Line, ...]:
    """For each row: minutes until the ticket and until in, as far as there are any."""
    kinds = ("to_ticket", "to_in_said", "to_in_recorded")
    found = {
        row: [(kind, getattr(report.by_row[row], kind).minutes) for kind in kinds]
        for row in words.in_order(report.by_row)
    }
    longest = max((minutes or 0.0 for pairs in found.values() for _, minutes in pairs), default=0.0)
    return tuple(
        Line(words.row(row), bars)
        for row, pairs in found.items()
        if (bars := _side_by_side([(kind, n, words.minutes(n)) for kind, n in pairs], longest))
    )


def beside_lines(compared: Sequence[Beside], words: Words) -> tuple[Line, ...]:
    """For each measure: before and now, on a scale of its own."""
    return tuple(
        Line(
            words.measures[one.measure],
            _side_by_side(
                [("before", one.before, f"{one.before:g}"), ("now", one.now, words.number(one.now))],
                max(one.before, one.now or 0.0),
            ),
        )
        for one in compared
    )


def _side_by_side(values: Sequence[tuple[str, float | None, str]], longest: float) -> tuple[Bar, ...]:
    return tuple(
        Bar(kind, 0.0, _LONGEST * value / longest if longest else 0.0, text)
        for kind, value, text in values
        if value is not None
    )


@dataclass(frozen=True)
class Column:
    """One stretch of days: two heights in percent, from the left edge on at `start`, `width` percent wide."""

    start: float
    width: float
    conversations: float
    tickets: float


def columns(report: Report) -> tuple[Column, ...]:
    most = max((max(begun, filed) for *_, begun, filed in report.over_time), default=0)
    width = 100 / max(len(report.over_time), 1)
    return tuple(
        Column(place * width, width, 100 * begun / most, 100 * filed / most) if most else Column(0, 0, 0, 0)
        for place, (*_, begun, filed) in enumerate(report.over_time)
    )


def most_in_a_column(report: Report) -> int:
    return max((max(begun, filed) for *_, begun, filed in report.over_time), default=0)
