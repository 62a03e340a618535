"""Two ends: "from June to July", "oct 5-10", "between the 3rd and the 7th", "July or August"."""

from __future__ import annotations

from dataclasses import replace

from bot.dates import numbers, years
from bot.dates.days import Days, add_months, make, one, shift
from bot.dates.named import day_value
from bot.dates.parse import Hit, Parse, Value, call, rule

_WEAK = (
    "and",
    "y",
    "a",
    "al",
    "&",
    "~",
    "hasta",
    "o",
)  # join two ends only behind "from", "between", "entre" …


def skip_time(parse: Parse, index: int) -> int:
    """Behind a time of day: "at 3pm", "16:50", "in the morning", "from 3-8pm"."""
    for _ in range(6):
        hit = parse.cat(index, "part_of_day")
        if hit:
            index = hit[1]
        elif parse.kind(index) == "clock" or (
            parse.kind(index) in ("number", "group")
            and parse.cat(index + 1, "part_of_day")
            and parse.norm(index + 1) in ("am", "pm", "a", "p")
        ):
            index += 1
        elif parse.norm(index) in ("at", "@") and parse.kind(index + 1) in ("number", "clock"):
            index += 2
        elif parse.norm(index) == "oclock":
            index += 1
        else:
            break
    return index


@rule
def span_of_days(parse: Parse, index: int) -> Hit | None:
    """As in "From X to Y" and its kin."""
    opened = parse.cat(index, "opener")
    at = opened[1] if opened else index
    at = parse.skip(
        at, ("around", "about", "like", "the") if parse.norm(at) != "the" else ("around", "about"), 2
    )
    first = _end(parse, at)
    if not first:
        return None
    behind = skip_time(parse, first[1])
    joiner = parse.cat(behind, "joiner")
    if not joiner or (parse.norm(behind) in _WEAK and not opened):
        return None
    next_at = joiner[1]
    second = call("closed", parse, next_at) or _end(
        parse, parse.skip(next_at, ("about", "around", "like", "maybe"), 2)
    )
    bare = _bare_day(parse, next_at) if first[0].grain == "day" and first[0].kind != "bare" else None
    if bare and (not second or second[1] <= bare[1]):
        year = years.tail(parse, bare[1])
        named = years.in_year(first[0], year[0]) if year else None
        if year and named:
            return _joined(parse, named, (bare[0], year[1]))
        second = bare
    if not second:
        return None
    return _joined(parse, first[0], second)


def _end(parse: Parse, index: int) -> Hit | None:
    """A closed phrase, or a number that the other end will make a day."""
    return call("closed", parse, index) or _bare_day(parse, index)


def _bare_day(parse: Parse, index: int) -> Hit | None:
    at = parse.skip(index, ("the", "el"), 1)
    day = numbers.day_number(parse, at)
    if not day or parse.cat(day[1], "unit") or parse.kind(day[1]) == "clock":
        return None
    if parse.norm(day[1]) in ("am", "pm", "oclock"):
        return None
    return Value("day", None, kind=f"bare_day {day[0]}"), day[1]


def _joined(parse: Parse, first: Value, second: Hit) -> Hit | None:
    last, after = second
    if last.days is None and first.days is None:
        return None
    if last.days is None or (
        last.kind == "number" and first.free and first.grain == "day" and first.kind == "named"
    ):
        assert first.days is not None
        number = int(last.kind.split()[1]) if last.days is None else last.days.start.day
        start = first.days.start
        found = make(start.year, start.month, number)
        if found and found < start:
            there = add_months(start.replace(day=1), 1)
            found = make(there.year, there.month, number)
        if not found or (found - start).days > 31:
            return None
        last = replace(first, days=one(found))
    assert last.days is not None
    if first.days is None or (first.kind == "number" and last.grain == "day"):
        number = int(first.kind.split()[1]) if first.days is None else first.days.start.day
        if last.grain != "day":
            return None
        end = last.days.end
        month = end.replace(day=1) if number <= end.day else add_months(end.replace(day=1), -1)
        found = make(month.year, month.month, number)
        if not found:
            return None
        first = Value("day", one(found))
    first = years.before(first, last.days)
    if first.kind == "bare" or last.kind == "bare" or first.days is None or first.days.start > last.days.end:
        return None
    grain = "day" if first.grain == last.grain == "day" else "month"
    days = Days(first.days.start, last.days.end)
    return Value(grain, days, vague=first.vague or last.vague), after


@rule
def numbers_in_month(parse: Parse, index: int) -> Hit | None:
    """As in "From 4 to 22 this month", "between 4 and 22 of last month"."""
    opened = parse.cat(index, "opener")
    first = _bare_day(parse, opened[1] if opened else index)
    joiner = parse.cat(first[1], "joiner") if first else None
    last = _bare_day(parse, joiner[1]) if joiner else None
    if not first or not last or (not opened and parse.norm(first[1]) in _WEAK):
        return None
    month = call("unit_period", parse, parse.skip(last[1], ("of", "in", "de", "del", ",", "the"), 2))
    if not month or month[0].grain != "month" or not month[0].days:
        return None
    low, high = int(first[0].kind.split()[1]), int(last[0].kind.split()[1])
    days = month[0].days
    if low > high or high > days.length():
        return None
    return Value("day", days.part(low - 1, high - 1)), month[1]


@rule
def month_and_days(parse: Parse, index: int) -> Hit | None:
    """As in "Nov 19-20", "5-10 October 2025", "oct 5/6"."""
    month = parse.cat(index, "month")
    if month:
        if dated := _day_and_year(parse, int(month[0]), month[1]):
            return dated
        at = parse.skip(month[1], (".", "the", ","), 2)
        group = parse.tokens[at] if at < len(parse.tokens) else None
        if (
            group
            and group.kind == "group"
            and not parse.cat(at + 1, "unit")
            and parse.norm(at + 1) not in ("am", "pm")
        ):
            return _month_days(parse, int(month[0]), group.pieces, group.signs, at + 1)
        return None
    at = parse.skip(index, ("the", "from", "between"), 2)
    group = parse.tokens[at] if at < len(parse.tokens) else None
    behind = parse.skip(at + 1, ("of", "de", "th"), 1)
    month = parse.cat(behind, "month")
    if not group or group.kind != "group" or not month:
        return None
    return _month_days(parse, int(month[0]), group.pieces, group.signs, month[1])


def _day_and_year(parse: Parse, month: int, at: int) -> Hit | None:
    """As in "jan/05/18", "mar-17-2018"."""
    sign, group = parse.norm(at), parse.tokens[at + 1] if at + 1 < len(parse.tokens) else None
    if sign not in ("/", "-") or not group or group.kind != "group" or group.signs != sign:
        return None
    if len(group.pieces) != 2 or len(group.pieces[0]) > 2 or len(group.pieces[1]) not in (2, 4):
        return None
    year = int(group.pieces[1])
    found = make(
        year if year > 99 else numbers.full_year(year, parse.today.year), month, int(group.pieces[0])
    )
    return (Value("day", one(found)), at + 2) if found else None


def _month_days(parse: Parse, month: int, pieces: tuple[str, ...], signs: str, after: int) -> Hit | None:
    if len(pieces) != 2 or signs not in ("-", "/") or any(len(piece) > 2 for piece in pieces):
        return None
    first, last = int(pieces[0]), int(pieces[1])
    if first >= last or not make(2024, month, first) or not make(2024, month, last):
        return None
    end = years.dated((day_value(month, last), after), parse)
    start = (
        years.before(replace(day_value(month, first), days=None, free=True), end[0].days)
        if end and end[0].days
        else None
    )
    if not end or not start or not start.days or not end[0].days:
        return None
    return Value("day", Days(start.days.start, end[0].days.end)), end[1]


@rule
def either(parse: Parse, index: int) -> Hit | None:
    """As in "July or August", "monday/tuesday", "the 5th or 6th": all of them."""
    first = call("closed", parse, index)
    if not first or not first[0].days or first[0].kind == "bare":
        return None
    value, after = first
    days, found = value.days, False
    for _ in range(3):
        link = parse.cat(parse.skip(after, (",",), 1), "alternative")
        if not link:
            break
        second = call("closed", parse, link[1])
        bare = (
            _bare_day(parse, link[1]) if value.grain == "day" and value.kind in ("named", "number") else None
        )
        if bare and (not second or second[1] < bare[1] or second[0].kind == "number" != value.kind):
            joined = _joined(parse, replace(value, free=True, kind="named"), bare)
            second = (joined[0], joined[1]) if joined else None
        if not second or not second[0].days or second[0].kind == "bare" or days is None:
            break
        if value.kind == "number" and second[0].grain == "day" and second[0].kind == "named":
            both = _joined(parse, value, second)  # "the 2nd or 3rd of sept"
            return (replace(both[0], vague=True), both[1]) if both else None
        if value.grain == "day" and parse.norm(second[1] - 1) == "before" and days.length() == 1:
            days, after, found = days.hull(one(shift(days.start, -1))), second[1], True
            continue
        days, after, found = days.hull(second[0].days), second[1], True
    return (Value(value.grain, days, vague=True), after) if found else None
