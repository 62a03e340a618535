"""Weekdays and what may stand around them: "last Friday", "wed 13th", "two fridays ago"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.dates import numbers
from bot.dates.context import word_is_meant
from bot.dates.days import Days, add_months, last_weekday, make, one, shift, unit_back, week_of
from bot.dates.parse import Hit, Parse, Value, call, rule
from bot.dates.relative import period_of_unit

_LINKS = ("the", "el", "la", "on", "en", ",", "-", "of", "from", "in", "de", "at", "los", "las")


@rule
def weekday(parse: Parse, index: int) -> Hit | None:
    """A weekday with what may stand around it."""
    how, at = "recent", parse.skip(index, ("the", "el", "on", "este"), 2)
    for category in ("last", "this", "next"):
        if hit := parse.cat(at, category):
            how, at = category, hit[1]
            break
    at = parse.skip(at, ("weeks", "week", "on"), 1) if how == "this" else at
    hit = parse.cat(at, "weekday")
    if not hit or (how == "recent" and not word_is_meant(parse, at, hit[1])):
        return None
    number, after = int(hit[0]), hit[1]
    beside = (
        _with_number(parse, number, after)
        or _with_week(parse, number, after, how)
        or _with_count(parse, number, after)
    )
    if beside or (how == "recent" and parse.norm(at - 1) in ("a", "some", "any", "un", "algun")):
        return beside  # "it was a friday" tells no day
    return Value("day", one(_place(parse, number, how))), after


def _place(parse: Parse, number: int, how: str) -> date:
    if how == "next":
        return shift(week_of(parse.today).start, 7 + number)
    if how == "this" and number == parse.today.weekday():
        return parse.today
    return last_weekday(parse.today, number)


def _with_number(parse: Parse, number: int, after: int) -> Hit | None:
    """As in "Thursday the 21st", "wed 13th", "Friday the 13th": the latest month where both agree."""
    at = parse.skip(after, ("the", ",", "el", "on"), 3)
    day = numbers.ordinal(parse, at) or (
        numbers.day_number(parse, at) if parse.norm(at - 1) in ("the", "el") else None
    )
    bare = numbers.day_number(parse, at) if parse.kind(at) == "number" and at == after else None
    day = day or (
        bare if bare and not parse.cat(bare[1], "unit") and parse.kind(bare[1]) != "number" else None
    )
    if not day or not 1 <= day[0] <= 31 or parse.cat(parse.skip(day[1], ("of", "de", "-"), 2), "month"):
        return None
    if parse.norm(day[1]) in ("of", "week", "floor", "time"):
        return None
    month = parse.today.replace(day=1)
    for _ in range(30):
        found = make(month.year, month.month, day[0])
        if found and found <= parse.today and found.weekday() == number:
            return Value("day", one(found)), day[1]
        month = add_months(month, -1)
    return None


def _with_week(parse: Parse, number: int, after: int, how: str) -> Hit | None:
    """As in "Monday of last week", "friday before last", "el viernes pasado", "wednesday two weeks ago"."""
    if (turn := parse.cat(after, "before")) and parse.norm(turn[1]) == "last":
        return Value("day", one(shift(last_weekday(parse.today, number), -7))), turn[1] + 1
    if parse.norm(after) in ("before", "prior") and how == "last":
        return None
    if found := _beside_event(parse, number, after):
        return found
    if tail := parse.cat(after, "last_after"):
        return Value("day", one(last_weekday(parse.today, number))), tail[1]
    if tail := parse.cat(after, "next_after"):
        return Value("day", one(shift(last_weekday(parse.today, number), 7))), tail[1]
    if parse.norm(after) in ("in", "de", "en") and (month := call("month_first", parse, after + 1)):
        return (replace(month[0], vague=True), month[1]) if month[0].grain == "month" else None
    behind = parse.skip(after, _LINKS, 3)
    week = period_of_unit(parse, behind) or (call("period", parse, behind) if behind > after else None)
    if not week and behind > after and (there := call("closed", parse, behind)):
        is_week = there[0].kind == "distance" and there[0].grain == "week" and not there[0].vague
        week = (
            (replace(there[0], days=week_of(there[0].days.start)), there[1])
            if is_week and there[0].days
            else None
        )
    if week and week[0].grain in ("week", "weekend") and week[0].days and week[0].days.length() == 7:
        return Value("day", one(shift(week_of(week[0].days.start).start, number))), week[1]
    return None


def _beside_event(parse: Parse, number: int, after: int) -> Hit | None:
    """As in "the Friday before Thanksgiving", "monday after labor day"."""
    turn = parse.cat(after, "before", "after", "right_before", "right_after")
    other = call("closed", parse, turn[1]) if turn else None
    if not turn or not other or not other[0].days or other[0].kind == "bare" or other[0].days.length() > 14:
        return None
    if "before" in parse.phrases[after] or "right_before" in parse.phrases[after]:
        return Value("day", one(last_weekday(other[0].days.start, number))), other[1]
    return Value("day", one(shift(last_weekday(shift(other[0].days.end, 1), number), 7))), other[1]


def _with_count(parse: Parse, number: int, after: int) -> Hit | None:
    """As in "Wednesday two weeks ago": the one in that week."""
    count = numbers.amount(parse, parse.skip(after, (",", "like", "about"), 2))
    unit = parse.cat(count[1], "unit") if count else None
    if (
        not count
        or not unit
        or unit[0] not in ("week", "month", "fortnight")
        or not parse.cat(unit[1], "ago")
    ):
        return None
    if count[0].low > 60:
        return None
    there = unit_back(parse.today, unit[0], round(count[0].low))
    days = one(shift(week_of(there).start, number))
    ago = parse.cat(unit[1], "ago")
    assert ago is not None
    return Value("day", days, vague=count[0].vague), ago[1]


@rule
def weekdays_ago(parse: Parse, index: int) -> Hit | None:
    """As in "Two fridays ago", "a couple mondays back", "the last two tuesdays" is not one."""
    count = numbers.amount(parse, parse.skip(index, ("the",), 1))
    if not count or count[0].high > 60:
        return None
    day = parse.cat(count[1], "weekdays", "weekday") if not parse.cat(count[1], "unit") else None
    ago = parse.cat(day[1], "ago") if day else None
    if not day or not ago:
        return None
    latest = last_weekday(parse.today, int(day[0]))
    first, last = (shift(latest, -7 * (max(round(n), 1) - 1)) for n in (count[0].high, count[0].low))
    return Value("day", Days(first, last), vague=count[0].vague), ago[1]
