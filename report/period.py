"""The days that a report is about, both ends included, in the region's calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_LONGEST_BY_DAY, _LONGEST_BY_WEEK = 62, 400


class PeriodError(Exception):
    """FROM or TO cannot be used; the message names it and what was expected."""


@dataclass(frozen=True)
class Period:
    """`first` and `last` as asked for; `counted` of its days had somebody counting (0 when none had)."""

    first: date
    last: date
    counted: int

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def bins(self) -> Iterator[tuple[date, date]]:
        """Stretches to draw one column each: days; over nine weeks, weeks; over thirteen months, months."""
        length = (self.last - self.first).days + 1
        start = self.first
        while start <= self.last:
            end = min(_end_of_bin(start, length), self.last)
            yield start, end
            start = end + timedelta(days=1)


def _end_of_bin(start: date, length: int) -> date:
    if length <= _LONGEST_BY_DAY:
        return start
    if length <= _LONGEST_BY_WEEK:
        return start + timedelta(days=6 - start.weekday())
    next_month = start.replace(day=1) + timedelta(days=32)
    return next_month.replace(day=1) - timedelta(days=1)


def to_period(start: str, end: str, *, recorded: tuple[date, date] | None, today: date) -> Period:
    """`start`, `end`: ISO days or empty. `recorded`: first and last day on record. Raises PeriodError.

    Without FROM the period begins with the record. Without TO it ends today, or with the record, which a
    moved clock may have taken into the future.
    """
    begun, latest = recorded or (today, today)
    latest = max(latest, today)
    last = _day("TO", end) or latest
    first = _day("FROM", start) or min(begun, last)
    if first > last:
        raise PeriodError(f"FROM is {first}, which is after {last}; expected the earlier day first")
    counted = (min(last, latest) - max(first, begun)).days + 1
    return Period(first, last, max(counted, 0) if recorded else 0)


def _day(name: str, text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise PeriodError(f"{name} is {text.strip()!r}; expected a day such as 2026-11-30") from None
