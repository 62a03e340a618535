"""Which year is meant: the one named ("2024", "last year", "two years ago"), else the latest that is past."""

from __future__ import annotations

from dataclasses import replace

from bot.dates import numbers
from bot.dates.days import Days
from bot.dates.parse import Hit, Parse, Value
from bot.dates.widths import number

_LINKS = (",", ".", "of", "in", "back", "from", "the", "year", "de", "del", "-", "/", "ano", "during", "que")
_LOOK_BACK = 12  # years; a February 29 is at most eight away


def tail(parse: Parse, index: int, *, short: bool = False) -> tuple[int, int] | None:
    """A year behind a month, day, season or holiday: (year, index behind it)."""
    for at in range(index, min(index + 4, len(parse.tokens) + 1)):
        if at > index and parse.norm(at - 1) not in _LINKS:
            break
        joined = at == index or (
            at == index + 1 and (parse.norm(index) in (",", "'") or parse.tokens[index].glued)
        )
        found = _one(parse, at, short=short and joined)
        if found:
            return found
    return _behind_clock(parse, index)


def _behind_clock(parse: Parse, index: int) -> tuple[int, int] | None:
    """As in "Aug 05 12:00:00 EDT 2013"."""
    if parse.kind(index) != "clock":
        return None
    at = index + 1
    for _ in range(2):
        if parse.norm(at) in (
            "am",
            "pm",
            "utc",
            "gmt",
            "est",
            "edt",
            "cst",
            "cdt",
            "mst",
            "mdt",
            "pst",
            "pdt",
        ):
            at += 1
    return numbers.year_number(parse, at) if parse.kind(at) == "number" else None


def named_year(parse: Parse, index: int) -> tuple[int, int] | None:
    """A year standing on its own."""
    return _one(parse, index)


def _one(parse: Parse, index: int, *, short: bool = False) -> tuple[int, int] | None:
    this_year = parse.today.year
    year = numbers.year_number(parse, index, short=short)
    if year:
        unit = parse.cat(year[1], "unit")
        return None if unit and unit[0] != "year" and parse.kind(index) == "number" else year
    for category, offset in (("last", -1), ("this", 0), ("next", 1)):
        hit = parse.cat(index, category)
        if hit and (unit := parse.cat(hit[1], "unit")) and unit[0] == "year":
            return this_year + offset, unit[1]
    unit = parse.cat(index, "unit")
    if unit and unit[0] == "year":
        if after := parse.cat(unit[1], "last_after"):
            return this_year - 1, after[1]
        if parse.norm(unit[1]) == "before" and parse.norm(unit[1] + 1) == "last":
            return this_year - 2, unit[1] + 2
        return None
    count = numbers.cardinal(parse, index) or ((1, index + 1) if parse.norm(index) == "a" else None)
    if count and (unit := parse.cat(count[1], "unit")) and unit[0] == "year":
        ago = parse.cat(unit[1], "ago")
        return (max(this_year - count[0], 1901), ago[1]) if ago and count[0] < 120 else None
    return None


def in_year(value: Value, year: int) -> Value | None:
    """The value in a named year."""
    days = value.yearly(year) if value.yearly else None
    return replace(value, days=days, free=False) if days else None


def latest(value: Value, parse: Parse, *, ended: bool = False) -> Value | None:
    """The value in the latest year in which it has begun (or is over, if `ended`)."""
    if not value.yearly:
        return value
    today = parse.today
    for year in range(today.year + 1, max(today.year - _LOOK_BACK, 1), -1):
        days = value.yearly(year)
        if days and (days.end < today if ended else days.start <= today):
            return replace(value, days=days, free=True)
    return None


def nearest(value: Value, parse: Parse) -> Value | None:
    """As in "this September": the one that is on, else the nearest; the past counts as nearer."""
    if not value.yearly:
        return value
    best: tuple[int, Days] | None = None
    for year in range(parse.today.year - 1, parse.today.year + 2):
        days = value.yearly(year)
        if not days:
            continue
        ahead, behind = (days.start - parse.today).days, (parse.today - days.end).days
        gap = 3 * ahead if ahead > 0 else max(behind, 0)
        if best is None or gap < best[0]:
            best = (gap, days)
    return replace(value, days=best[1]) if best else None


def coming(value: Value, parse: Parse) -> Value | None:
    for year in range(parse.today.year, parse.today.year + _LOOK_BACK):
        days = value.yearly(year) if value.yearly else None
        if days and days.start > parse.today:
            return replace(value, days=days)
    return None


def previous(value: Value, parse: Parse) -> Value | None:
    """As in "last X". A month just gone may be meant, or the year before's: then both (vagueness.yml)."""
    recent = latest(value, parse, ended=True)
    if not recent or not recent.days or value.grain != "month" or value.holiday:
        return recent
    gone = (parse.today - recent.days.end).days
    if (
        recent.days.end.year == parse.today.year
        and gone <= number("last_month_name", "days")
        and value.yearly
    ):
        before = value.yearly(recent.days.start.year - 1)
        if before:
            return replace(recent, days=before.hull(recent.days), vague=True)
    return recent


def before(value: Value, last: Days) -> Value:
    """A free value moved to the latest year in which it does not begin after `last`."""
    if not (value.free and value.yearly):
        return value
    for year in range(min(last.end.year + 1, 9999), max(last.end.year - _LOOK_BACK, 1), -1):
        days = value.yearly(year)
        if days and days.start <= last.end:
            return replace(value, days=days)
    return value


def dated(base: Hit | None, parse: Parse, *, how: str = "latest", short: bool = False) -> Hit | None:
    """A yearly phrase with the year that stands behind it, else placed by `how`."""
    if not base:
        return None
    value, after = base
    if value.yearly is None:
        return base
    year = tail(parse, after, short=short)
    if year and (found := in_year(value, year[0])):
        return found, year[1]
    place = {"latest": latest, "this": nearest, "last": previous, "next": coming}[how]
    placed = place(value, parse)
    return (placed, after) if placed else None
