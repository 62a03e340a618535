"""Days and periods with a name: months, dates in words, seasons, holidays, quarters, years."""

from __future__ import annotations

from functools import partial

from bot.dates import years
from bot.dates.context import month_is_meant, word_is_meant
from bot.dates.days import Days, make, month_of, one, quarter_of, season_of
from bot.dates.holidays import holiday_in
from bot.dates.numbers import day_number, ordinal, year_number
from bot.dates.parse import Hit, Parse, Value, longest, rule

_BETWEEN = (",", ".", "-", "/", "the", "of", "de", "on", "el", "like", "around", "'")


def _month(month: int, year: int) -> Days | None:
    return month_of(year, month)


def _day(month: int, day: int, year: int) -> Days | None:
    found = make(year, month, day)
    if not found and day == 31:  # "June 31": the month's last day is meant
        found = month_of(year, month).end
    return one(found) if found else None


def month_value(month: int) -> Value:
    return Value("month", yearly=partial(_month, month))


def day_value(month: int, day: int) -> Value:
    return Value("day", yearly=partial(_day, month, day))


@rule
def month_first(parse: Parse, index: int) -> Hit | None:
    """As in "October", "oct 5", "October the 5th, 2025", "Oct-2025"."""
    month = parse.cat(index, "month")
    if not month:
        return None
    number, after = int(month[0]), month[1]
    at = parse.skip(after, _BETWEEN, 3)
    day = day_number(parse, at, before_time=True)
    # "june 2 weeks ago" and "june 5-6 weeks" are no days of June
    if parse.norm(at - 1) == "'":  # "dec '13" is a year
        day = None
    if (
        day
        and (make(2024, number, day[0]) or day[0] == 31)
        and not _is_count(parse, at, day[1])
        and not year_number(parse, at)
    ):
        hit = years.dated((day_value(number, day[0]), day[1]), parse, short=True)
        if hit:
            return hit
    value = month_value(number)
    if parse.norm(after) in ("'", ",", "-", "/", "of", "de", "del", "in", ".") or year_number(parse, after):
        year = years.tail(parse, after)
    else:
        year = years.tail(parse, after) if not day else None
    if year and (found := years.in_year(value, year[0])):
        return found, year[1]
    if not month_is_meant(parse, index, after):
        return None
    return years.dated((value, after), parse)


def _is_count(parse: Parse, index: int, after: int) -> bool:
    unit = parse.cat(after, "unit")
    if not unit or parse.kind(index) not in ("number", "word"):
        return False
    if unit[0] == "weekend" and not parse.norm(after).endswith("s") and not parse.cat(unit[1], "ago"):
        return False  # "july 4 weekend"
    return unit[0] not in ("day", "minute", "hour") or bool(parse.cat(unit[1], "ago"))


@rule
def day_first(parse: Parse, index: int) -> Hit | None:
    """As in "5 October", "the 28th of October 2025", "12-Apr-2013"."""
    at = parse.skip(index, ("the", "el", "dia"), 2)
    day = day_number(parse, at)
    if not day or (
        parse.norm(at) in ("one", "uno") and parse.norm(day[1]) in ("in", "day", "en")
    ):  # "the old one in august", "one day in september"
        return None
    middle = parse.skip(day[1], ("of", "-", "/", "de", "in", ",", ".", "day", "month", "'"), 3)
    month = parse.cat(middle, "month")
    if not month or not make(2024, int(month[0]), day[0]):
        return None
    if middle - day[1] > 1 and parse.kind(month[1]) == "number" and parse.norm(middle - 1) == ",":
        return None  # "my first day, october 5"
    if parse.norm(middle) == "may" and parse.norm(month[1]) in ("i", "we", "be", "have"):
        return None
    return years.dated((day_value(int(month[0]), day[0]), month[1]), parse, short=True)


@rule
def season(parse: Parse, index: int) -> Hit | None:
    hit = parse.cat(index, "season")
    if not hit or not word_is_meant(parse, index, hit[1]):
        return None
    return season_value(hit[0]), hit[1]


def season_value(name: str) -> Value:
    return Value("season", yearly=partial(_season, name), vague=True)


def _season(name: str, year: int) -> Days | None:
    return season_of(year, name)


@rule
def holiday(parse: Parse, index: int) -> Hit | None:
    """As in "Labor Day", "the day of Thanksgiving", "Memorial Day weekend"."""
    at = parse.skip(index, ("the", "day", "of", "el", "dia", "de", "la"), 3)
    hit = parse.cat(index, "holiday") or parse.cat(at, "holiday")
    if not hit:
        return None
    key, after = hit
    if key == "holidays" and parse.norm(after) in (
        "party",
        "lunch",
        "potluck",
        "schedule",
        "hours",
        "dinner",
    ):
        return None
    length = holiday_in(key, 2020)
    grain = "day" if length and length.length() < 4 else "week"
    return Value(grain, yearly=lambda year: holiday_in(key, year), holiday=True, vague=grain == "week"), after


@rule
def quarter(parse: Parse, index: int) -> Hit | None:
    """As in "Q2", "second quarter", "H1"."""
    hit = parse.cat(index, "quarter_name")
    if hit:
        number = int(hit[0])
        return Value("quarter", yearly=lambda year: quarter_of(year, number)), hit[1]
    group = parse.tokens[index + 1] if parse.norm(index) == "q" and index + 1 < len(parse.tokens) else None
    if group and group.kind == "group" and len(group.pieces) == 2 and group.pieces[0] in ("1", "2", "3", "4"):
        year = int(group.pieces[1]) if len(group.pieces[1]) == 4 else 0  # "q2-2017"
        return (Value("quarter", quarter_of(year, int(group.pieces[0]))), index + 2) if year else None
    half = parse.cat(index, "half_name")
    if half:
        which = int(half[0])
        return Value("quarter", yearly=lambda year: half_year(year, which)), half[1]
    return _counted_quarter(parse, index)


def _counted_quarter(parse: Parse, index: int) -> Hit | None:
    """As in "First quarter", "the 3rd qtr", "second half" of the year."""
    at = parse.skip(index, ("the",), 1)
    which = ordinal(parse, at)
    unit = parse.cat(which[1], "unit") if which else None
    if which and unit and unit[0] == "quarter" and 1 <= which[0] <= 4:
        number = which[0]
        return Value("quarter", yearly=lambda year: quarter_of(year, number)), unit[1]
    return None


def half_year(year: int, which: int) -> Days:
    return quarter_of(year, 2 * which - 1).hull(quarter_of(year, 2 * which))


@rule
def yearly(parse: Parse, index: int) -> Hit | None:
    """Seasons, holidays, quarters with their year: "last summer", "Easter 2010", "Q1 of last year"."""
    for category, how in (("last", "last"), ("this", "this"), ("next", "next")):
        hit = parse.cat(index, category)
        if not hit or (parse.norm(index) == "the" and hit[1] == index + 1):
            continue
        base = longest(parse, hit[1], season, holiday, quarter)
        if base:
            return years.dated(base, parse, how=how)
        month = parse.cat(hit[1], "month")
        if month and month_is_meant(parse, hit[1], month[1]):
            return years.dated(_qualified_month(parse, hit[1], int(month[0]), month[1]), parse, how=how)
    year = year_number(parse, index)
    if year:
        base = longest(parse, parse.skip(year[1], (",", "-", "'s", "s"), 2), season, holiday, quarter)
        found = years.in_year(base[0], year[0]) if base else None
        if base and found:
            return found, base[1]
    at = parse.skip(index, ("the", "el", "la"), 1)
    base = longest(parse, index, season, holiday, quarter) or longest(parse, at, season, holiday, quarter)
    if base and (after := parse.cat(base[1], "last_after")):
        return years.dated((base[0], after[1]), parse, how="last")
    return years.dated(base, parse)


def _qualified_month(parse: Parse, index: int, month: int, after: int) -> Hit:
    """As in "last october 5th" keeps its day."""
    at = parse.skip(after, ("the", "on", ","), 2)
    day = day_number(parse, at)
    if day and make(2024, month, day[0]) and not _is_count(parse, at, day[1]):
        return day_value(month, day[0]), day[1]
    return month_value(month), after


@rule
def month_with_past(parse: Parse, index: int) -> Hit | None:
    """Spanish "agosto pasado", English "the month of May"."""
    at = parse.skip(index, ("the", "el", "en"), 2)
    month = parse.cat(at, "month")
    if (
        month
        and parse.norm(month[1]) not in ("last", "past")
        and (after := parse.cat(month[1], "last_after"))
    ):
        return years.dated((month_value(int(month[0])), after[1]), parse, how="last")
    unit = parse.cat(at, "unit")
    if unit and unit[0] == "month":
        behind = parse.skip(unit[1], ("of", "de"), 1)
        month = parse.cat(behind, "month") if behind > unit[1] else None
        if month:
            return years.dated((month_value(int(month[0])), month[1]), parse)
    return None
