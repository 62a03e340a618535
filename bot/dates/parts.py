"""Parts of a period: "early August", "first week of last month", "last Friday of October"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from bot.dates import numbers, widths, years
from bot.dates.days import Days, nth_weekday, one, shift, unit_around, unit_back, week_of
from bot.dates.parse import Hit, Parse, Value, call, longest, rule

LINKS = ("of", "in", "the", "-", "de", "del", "from", "for", "during", "el", "la", ",")
PERIODS = ("week", "month", "quarter", "season", "year", "decade", "weekend")


def mapped(
    value: Value, part: Callable[[Days], Days | None], grain: str, *, vague: bool = False
) -> Value | None:
    """The same part of the value, in whatever year it will lie."""
    yearly = value.yearly
    inside: Callable[[int], Days | None] | None = None
    if yearly is not None and value.free:
        whole = yearly

        def inside(year: int) -> Days | None:
            days = whole(year)
            return part(days) if days else None

    days = part(value.days) if value.days else None
    if days is None:
        return None
    return replace(value, grain=grain, days=days, yearly=inside, vague=value.vague or vague)


def placed(parse: Parse, value: Value | None, after: int) -> Hit | None:
    """A free part may be past in another year than its whole: "late November" said on November 10."""
    if value is None:
        return None
    if value.free and value.yearly and value.days and value.days.start > parse.today:
        moved = years.latest(value, parse)
        return (moved, after) if moved else None
    return value, after


@rule
def counted(parse: Parse, index: int) -> Hit | None:
    """As in "first week of September", "2nd Monday in October", "first ten days of last year"."""
    at = parse.skip(index, ("the", "in", "on", "la", "el"), 2)
    which = _which(parse, at)
    if not which:
        return None
    count, after = which
    another = _which(parse, after + 1) if parse.norm(after) in ("or", "and", "to", "-", "/") else None
    second = another[0] if another and another[0] > count > 0 else count
    after = another[1] if another and second > count else after
    many = numbers.cardinal(parse, after)
    few = parse.cat(after, "fuzzy")
    if few:  # "the first few days of August"
        many = (round(widths.amount_width(few[0])[1]), few[1])
    number, unit_at = (many[0], many[1]) if many and many[0] <= 400 else (1, after)
    half = parse.cat(unit_at, "half")
    weekday = parse.cat(unit_at, "weekday", "weekdays")
    unit = parse.cat(unit_at, "unit")
    behind = (half or weekday or unit or (0, 0))[1]
    if not behind or not (half or weekday or unit):
        return None
    link = parse.skip(behind, LINKS, 3)
    if weekday and which[0] > 0 and parse.norm(at - 1) in ("the", "el") and _ends_there(parse, behind):
        return placed(
            parse, mapped(_on_now(parse, "month"), lambda days: _nth(days, count, weekday), "day"), behind
        )
    if link == behind and not half:
        return None
    whole = call("period", parse, link) or call("period", parse, behind) or _current(parse, link)
    if not whole or whole[0].grain not in PERIODS or not whole[0].days:
        return None
    if parse.norm(link - 1) == "," and parse.kind(whole[1]) in ("number", "ordinal"):
        return None  # "my first day, october 5"
    if unit and unit[0] == whole[0].grain:
        return None  # "last week, the week before"
    if half:
        return placed(parse, mapped(whole[0], lambda days: _half(days, count), "week", vague=False), whole[1])
    if weekday:
        day = int(weekday[0])
        return placed(
            parse, mapped(whole[0], lambda days: _one(nth_weekday(days, count, day)), "day"), whole[1]
        )
    assert unit is not None
    name = unit[0]
    if name in ("minute", "hour"):
        return None
    value = mapped(
        whole[0], lambda days: _from_to(days, count, second, number, name), name, vague=second != count
    )
    return placed(parse, value, whole[1])


def _ends_there(parse: Parse, index: int) -> bool:
    return index >= len(parse.tokens) or parse.norm(index) in (",", ".", "!", "so", "lol", "i")


def _nth(days: Days, count: int, weekday: tuple[int, int]) -> Days | None:
    return _one(nth_weekday(days, count, int(weekday[0])))


def _on_now(parse: Parse, name: str) -> Value:
    """The week, month, … that is on, or the one before if that part is still to come.

    The value's years count units: this year stands for this month, last year for the one before.
    """
    today = parse.today

    def at(year: int) -> Days | None:
        back = today.year - year
        return unit_around(unit_back(today, name, back), name) if 0 <= back <= 1 else None

    return Value(name, unit_around(today, name), yearly=at, free=True)


def _current(parse: Parse, index: int) -> Hit | None:
    """As in "the last day of the month"."""
    unit = parse.cat(index, "unit")
    if not unit or unit[0] not in ("week", "month", "quarter", "year") or parse.norm(index - 1) not in LINKS:
        return None
    return _on_now(parse, unit[0]), unit[1]


def _which(parse: Parse, index: int) -> tuple[int, int] | None:
    """First, 2nd, … or -1 for the last, -2 for the second to last."""
    if parse.norm(index) in ("last", "final", "ultima", "ultimo"):
        return -1, index + 1
    found = numbers.ordinal(parse, index)
    if not found or not 1 <= found[0] <= 53:
        return None
    if parse.norm(found[1]) in ("to", "from") or parse.norm(found[1]) == "-":
        skip = parse.skip(found[1], ("to", "from", "-", "the"), 3)
        if parse.norm(skip) == "last":
            return -found[0], skip + 1
    return found


def _one(day: date | None) -> Days | None:
    return one(day) if day else None


def _half(days: Days, which: int) -> Days:
    middle = days.length() // 2
    return days.part(0, middle - 1) if which == 1 else days.part(middle, days.length())


def _from_to(days: Days, first: int, last: int, number: int, unit: str) -> Days | None:
    begin, end = nth_units(days, first, number, unit), nth_units(days, last, number, unit)
    return begin.hull(end) if begin and end else begin


def nth_units(days: Days, which: int, number: int, unit: str) -> Days | None:
    """The nth unit (or first/last `number` units) inside an interval."""
    size = {"day": 1, "week": 7, "fortnight": 14}.get(unit)
    if number > 1 or unit == "day":
        size = (size or 30) * number
        offset = (which - 1) * size if which > 0 else days.length() + which * size
        return days.part(offset, offset + size - 1) if 0 <= offset < days.length() or which < 0 else None
    if unit == "weekend":
        saturday = nth_weekday(days, which, 5)
        return Days(saturday, shift(saturday, 1)) if saturday else None
    if size:
        return _nth_week(days, which)
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit, 0)
    found: list[Days] = []
    at = days.start
    while months and at <= days.end and len(found) < 60:
        found.append(unit_around(at, unit))
        at = shift(found[-1].end, 1)
    place = which - 1 if which > 0 else len(found) + which
    return found[place] if 0 <= place < len(found) else None


def _nth_week(days: Days, which: int) -> Days | None:
    """Calendar weeks that have most of their days inside; the last one is the last seven days."""
    if which < 0:
        return Days(shift(days.end, 7 * which + 1), shift(days.end, 7 * (which + 1)))
    first = week_of(shift(days.start, 3))
    found = Days(shift(first.start, 7 * (which - 1)), shift(first.end, 7 * (which - 1)))
    return found if found.start <= days.end else None


@rule
def around_day(parse: Parse, index: int) -> Hit | None:
    """As in "the week of the 18th", "the weekend of July 4th", "Thanksgiving week"."""
    at = parse.skip(index, ("the", "that", "la"), 1)
    unit = parse.cat(at, "unit")
    if unit and unit[0] in ("week", "weekend", "month"):
        link = parse.skip(unit[1], ("of", "del", "de", "that", "with", "around", "the"), 2)
        day = call("closed", parse, link) if link > unit[1] else None
        day = day or (call("closed", parse, link - 1) if link - unit[1] > 1 else None)
        if day and day[0].days and day[0].grain in ("day", "week") and day[0].kind != "bare":
            name = unit[0]
            return placed(parse, mapped(day[0], lambda days: _around(days, name), name, vague=True), day[1])
    named = call("yearly", parse, index)
    if not (named and named[0].holiday):
        dated = call("month_first", parse, index)
        named = dated if dated and dated[0].grain == "day" else named
    behind = parse.cat(named[1], "unit") if named and named[0].grain == "day" else None
    if named and behind and behind[0] in ("week", "weekend"):
        name = behind[0]
        return placed(parse, mapped(named[0], lambda days: _around(days, name), name, vague=True), behind[1])
    return None


def _around(days: Days, unit: str) -> Days:
    if unit == "weekend":  # the one that a Monday or Friday holiday lengthens
        saturday = shift(week_of(shift(days.start, -2 if days.start.weekday() < 2 else 0)).start, 5)
        return (
            Days(min(saturday, days.start), max(shift(saturday, 1), days.start))
            if days.length() < 4
            else days
        )
    return unit_around(days.start, unit)


@rule
def weekday_in(parse: Parse, index: int) -> Hit | None:
    """A week with its day behind: "last week on friday", "1st week of oct. on friday"."""
    week = longest(parse, index, counted, around_day) or call("unit_period", parse, index)
    if not week or week[0].grain not in ("week", "month") or not week[0].days or week[0].days.length() > 31:
        return None
    at = parse.skip(week[1], (",", ".", "on", "the", "el", "like", "-", "maybe"), 3)
    day = parse.cat(at, "weekday")
    if day and week[0].grain == "week":
        number = int(day[0])
        return placed(parse, mapped(week[0], lambda days: _one(nth_weekday(days, 1, number)), "day"), day[1])
    number_hit = numbers.ordinal(parse, at) if week[0].grain == "month" and week[0].kind == "named" else None
    if number_hit and number_hit[0] <= week[0].days.length() and not parse.cat(number_hit[1], "unit"):
        return Value("day", one(shift(week[0].days.start, number_hit[0] - 1))), number_hit[1]
    return None


@rule
def week_number(parse: Parse, index: int) -> Hit | None:
    """As in "Week 31 of 2016", "2016 week 3": ISO weeks."""
    year = numbers.year_number(parse, index)
    at = parse.skip(year[1], (",", "-", "the"), 1) if year else index
    count = numbers.cardinal(parse, at + 1) if parse.norm(at) in ("week", "w", "wk") else None
    if not count or not 1 <= count[0] <= 53:
        return None
    after = count[1]
    if not year:
        behind = years.tail(parse, after)
        if not behind:
            return None
        year, after = behind, behind[1]
    first = week_of(date(year[0], 1, 4))
    return Value(
        "week", Days(shift(first.start, 7 * (count[0] - 1)), shift(first.end, 7 * (count[0] - 1)))
    ), after
