"""Words that point back at a day named before: "not yesterday, the day before", "in October, first week"."""

from __future__ import annotations

from datetime import datetime

from bot.dates import numbers
from bot.dates.days import Days, last_weekday, make, nth_weekday, one, shift, unit_around, unit_back, week_of
from bot.dates.edges import third
from bot.dates.parse import Parse, Value
from bot.dates.parts import nth_units
from bot.dates.spans import moved, span

Found = tuple[Value, int]

_THERE = ("that", "then", "it", "this", "one", "eso")
_OPENERS = ("the", "that", "like", "very", "just", "maybe", "el", "la")
_UNITS = ("day", "week", "weekend", "month", "year")
_WHOLES = ("week", "month", "quarter", "season", "year")
_FIRST = frozenset(
    {"unit", "weekday", "number", "fuzzy", "half", "ordinal", "early", "middle", "late", "next"}
)
_EDGES = (("early", "early"), ("middle", "middle"), ("late", "late"))


def referring(parse: Parse, index: int, value: Value, days: Days, *, weekday: bool = False) -> Found | None:
    """What the words here mean, counted from the phrase before, which meant `days`; None if they don't refer.

    `weekday`: it was named as a weekday, so that "the one before" is a week earlier.
    Nothing is found where the words go on to name their own day ("the day before Thanksgiving").
    """
    if not _may_begin(parse, index):
        return None
    return (
        _beside(parse, index, value, days, weekday)
        or _counted(parse, index, days)
        or _next(parse, index, days)
        or _weekday_of_that_week(parse, index, days)
        or _part(parse, index, value, days)
        or _day_of_that_month(parse, index, value, days)
    )


def _may_begin(parse: Parse, index: int) -> bool:
    """Spares the rules for all other words."""
    if index >= len(parse.tokens):
        return False
    return parse.norm(index) in (*_OPENERS, "on", "last") or not _FIRST.isdisjoint(parse.phrases[index])


def _beside(parse: Parse, index: int, value: Value, days: Days, named: bool) -> Found | None:
    """As in "the day before", "the friday before that", "the week after", "the one before"."""
    at = parse.skip(index, _OPENERS, 2)
    unit, weekday = parse.cat(at, "unit"), parse.cat(at, "weekday")
    name, behind = (unit[0], unit[1]) if unit else ("", 0)
    if parse.norm(at) == "one" and at > index:
        name, behind = value.grain, at + 1
    if weekday and at > index:
        behind = weekday[1]
    elif name not in _UNITS:
        return None
    turn = _turn(parse, behind)
    if not turn or _names_a_day(parse, turn[1]):
        return None
    sign, after = turn[0], parse.skip(turn[1], _THERE, 1)
    if at == index and after == turn[1]:
        return None  # without "the" in front it takes "that" behind
    if weekday:
        number = int(weekday[0])
        there = (
            last_weekday(days.start, number)
            if sign < 0
            else shift(last_weekday(shift(days.end, 1), number), 7)
        )
        return _past(parse, "day", one(there), after)
    if named and parse.norm(at) == "one":
        return _past(parse, "day", one(shift(days.start, 7 * sign)), after)
    return _past(parse, name, _moved(days, name, sign), after)


def _counted(parse: Parse, index: int, days: Days) -> Found | None:
    """As in "the audit was 3/20, and I was in there two days before"."""
    length = span(parse, index)
    turn = _turn(parse, length[1]) if length else None
    if not length or not turn or _names_a_day(parse, turn[1]) or length[0].unit in ("minute", "hour"):
        return None
    base = datetime.combine(days.start if turn[0] < 0 else days.end, datetime.min.time())
    ends = [moved(base, length[0], which, turn[0]) for which in ("low", "high")]
    if ends[0] is None or ends[1] is None:
        return None
    than = parse.norm(turn[1]) in ("than", "to")
    return _past(
        parse,
        "day",
        Days(min(ends[0], ends[1]), max(ends[0], ends[1])),
        parse.skip(turn[1] + than, _THERE, 1),
    )


def _turn(parse: Parse, index: int) -> tuple[int, int] | None:
    """-1 for "before", 1 for "after", with the index behind it."""
    for sign, categories in ((-1, ("before", "right_before")), (1, ("after", "right_after"))):
        if hit := parse.cat(index, *categories):
            return sign, hit[1]
    if parse.norm(index) in ("prior", "earlier", "later"):
        return (1 if parse.norm(index) == "later" else -1), index + 1
    return None


def _next(parse: Parse, index: int, days: Days) -> Found | None:
    """As in "put it in the next day"."""
    at = parse.skip(index, ("the", "very"), 2)
    if parse.norm(at) not in ("next", "following") or at == index:
        return None
    unit = parse.cat(at + 1, "unit")
    if not unit or unit[0] not in ("day", "week"):
        return None
    return _past(parse, unit[0], _moved(days, unit[0], 1), unit[1])


def _weekday_of_that_week(parse: Parse, index: int, days: Days) -> Found | None:
    """As in "that was the 11th, so that monday"."""
    led = parse.norm(index) == "that"
    weekday = parse.cat(index + led, "weekday")
    if not weekday or days.length() > 7 or _turn(parse, weekday[1]):
        return None
    found = nth_weekday(week_of(days.start), 1, int(weekday[0]))
    if not led and not (found and days.length() > 1 and days.holds(one(found))):
        return None  # without "that" only inside the days named: "MLK weekend, Saturday"
    return _past(parse, "day", one(found), weekday[1]) if found else None


def _part(parse: Parse, index: int, value: Value, days: Days) -> Found | None:
    """As in "in October, first week", "last month, the middle maybe", "the first couple days of it"."""
    if value.grain not in _WHOLES or value.kind != "named" or days.length() < 7:
        return None
    if parse.norm(index - 1) in ("my", "our", "her", "his", "their", "mi"):
        return None  # "hired in August, my first week"
    at = parse.skip(index, _OPENERS, 3)
    for category, which in _EDGES:
        hit = parse.cat(at, category)
        if hit and _ends(parse, hit[1]):
            return _past(parse, "week", third(days, which), _behind_it(parse, hit[1]))
    count = numbers.ordinal(parse, at) or ((-1, at + 1) if parse.norm(at) == "last" and at > index else None)
    if not count:
        return None
    many = numbers.amount(parse, count[1])
    size = max(1, round(many[0].high)) if many else 1
    unit = parse.cat(many[1] if many else count[1], "unit")
    if not unit or unit[0] not in ("day", "week", "weekend") or not _ends(parse, unit[1]):
        return None
    if count[0] < 0 and days.end > parse.today:
        return None
    found = nth_units(days, count[0], size, unit[0]) if count[0] <= days.length() else None
    return _past(parse, unit[0], found, _behind_it(parse, unit[1])) if found else None


def _day_of_that_month(parse: Parse, index: int, value: Value, days: Days) -> Found | None:
    """As in "November, I want to say the 17th or 18th", "july 5, no, later, the 15th"."""
    in_month = days.length() <= 31 and days.start.month == days.end.month and value.kind == "named"
    at = parse.skip(index, ("the", "el", "on"), 2)
    day = numbers.ordinal(parse, at) if in_month and value.grain in ("day", "month") else None
    if not day or at == index or not 1 <= day[0] <= 31 or not _ends(parse, day[1]):
        return None
    other = (
        numbers.ordinal(parse, parse.skip(day[1] + 1, ("the",), 1)) if parse.norm(day[1]) == "or" else None
    )
    first = make(days.start.year, days.start.month, day[0])
    last = make(days.start.year, days.start.month, other[0]) if other else first
    if not first or not last or first > last:
        return None
    return _past(parse, "day", Days(first, last), other[1] if other else day[1])


def _moved(days: Days, unit: str, sign: int) -> Days:
    if unit == "day":
        return one(shift(days.start, -1) if sign < 0 else shift(days.end, 1))
    return unit_around(unit_back(days.start, unit, -sign), unit)


def _names_a_day(parse: Parse, index: int) -> bool:
    """Whether a day or period of its own stands behind: what is before it then refers to that."""
    at = parse.skip(index, ("the", "my", "el", "la"), 1)
    return bool(parse.cat(at, "month", "holiday", "weekday", "season", "relative_day", "last", "this")) or (
        parse.kind(at) in ("number", "ordinal", "group")
    )


def _ends(parse: Parse, index: int) -> bool:
    """No period of its own follows: "first week of September" is whole by itself."""
    if parse.norm(index) in ("of", "in", "de"):
        return parse.norm(index + 1) in ("it", "that", "them", "the") and not parse.cat(index + 2, "unit")
    return (
        not parse.cat(index, "month", "unit", "holiday", "weekday", "season") and parse.norm(index) != "ago"
    )


def _behind_it(parse: Parse, index: int) -> int:
    if parse.norm(index) in ("of", "in", "de") and parse.norm(index + 1) in ("it", "that", "them"):
        return index + 2
    return index


def _past(parse: Parse, grain: str, days: Days, after: int) -> Found | None:
    if days.start > parse.today:
        return None
    return Value(grain, Days(days.start, min(days.end, parse.today)), settled=grain == "day"), after
