"""Days and intervals of days: the arithmetic under the grammar. Weeks begin on Monday."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date


@dataclass(frozen=True)
class Days:
    """First and last day, both inclusive."""

    start: date
    end: date

    def part(self, from_day: int, to_day: int) -> Days:
        """The days numbered from 0 within the interval, cut at its end."""
        last = (self.end - self.start).days
        start = shift(self.start, min(max(from_day, 0), last))
        return Days(start, max(start, shift(self.start, min(to_day, last))))

    def length(self) -> int:
        return (self.end - self.start).days + 1

    def widen(self, days: int) -> Days:
        return Days(shift(self.start, -days), shift(self.end, days))

    def hull(self, other: Days) -> Days:
        return Days(min(self.start, other.start), max(self.end, other.end))

    def holds(self, other: Days) -> bool:
        return self.start <= other.start and other.end <= self.end


def one(day: date) -> Days:
    return Days(day, day)


def shift(day: date, days: int) -> date:
    """That many days later, held inside what a date can be."""
    number = min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(number)


def make(year: int, month: int, day: int) -> date | None:
    """The day, or None if the calendar has none such."""
    if not (MINYEAR <= year <= MAXYEAR and 1 <= month <= 12):
        return None
    return date(year, month, day) if 1 <= day <= monthrange(year, month)[1] else None


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last."""
    number = day.year * 12 + day.month - 1 + months
    year, month = min(max(number // 12, MINYEAR), MAXYEAR), number % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def month_of(year: int, month: int) -> Days:
    return Days(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def year_of(year: int) -> Days:
    return Days(date(year, 1, 1), date(year, 12, 31))


def week_of(day: date) -> Days:
    monday = shift(day, -day.weekday())
    return Days(monday, shift(monday, 6))


def quarter_of(year: int, quarter: int) -> Days:
    first = 3 * quarter - 2
    return Days(date(year, first, 1), month_of(year, first + 2).end)


def decade_of(year: int) -> Days:
    first = max(year // 10 * 10, MINYEAR)
    return Days(date(first, 1, 1), date(min(first + 9, MAXYEAR), 12, 31))


def nth_weekday(days: Days, nth: int, weekday: int) -> date | None:
    """The nth such weekday inside the interval, counted from the end if nth is negative."""
    if nth > 0:
        found = shift(days.start, (weekday - days.start.weekday()) % 7 + 7 * (nth - 1))
    else:
        found = shift(days.end, -((days.end.weekday() - weekday) % 7) + 7 * (nth + 1))
    return found if days.start <= found <= days.end else None


def last_weekday(today: date, weekday: int) -> date:
    """The latest such weekday before today: "Friday" said on a Friday is the one a week ago."""
    return shift(today, -((today.weekday() - weekday - 1) % 7 + 1))


def season_of(year: int, season: str) -> Days:
    """A season as people use the word, a week around the astronomical one; winter begins in `year`."""
    if season == "winter":
        return Days(date(year, 12, 15), date(min(year + 1, MAXYEAR), 3, 20))
    first, last = {"spring": ((3, 15), (6, 20)), "summer": ((6, 15), (9, 22)), "fall": ((9, 15), (12, 20))}[
        season
    ]
    return Days(date(year, *first), date(year, *last))


def unit_around(day: date, unit: str) -> Days:
    """The calendar week, month, quarter … that a day lies in."""
    if unit in ("week", "fortnight"):
        return week_of(day)
    if unit == "weekend":
        return Days(shift(week_of(day).start, 5), week_of(day).end)
    if unit == "month":
        return month_of(day.year, day.month)
    if unit == "quarter":
        return quarter_of(day.year, (day.month + 2) // 3)
    if unit == "year":
        return year_of(day.year)
    if unit == "decade":
        return decade_of(day.year)
    return one(day)


def unit_back(day: date, unit: str, count: int) -> date:
    """The same place in the calendar, `count` units earlier (later if negative)."""
    months = {"month": 1, "quarter": 3, "year": 12, "decade": 120}.get(unit)
    if months:
        return add_months(day, -months * count)
    return shift(day, -{"week": 7, "weekend": 7, "fortnight": 14}.get(unit, 1) * count)
