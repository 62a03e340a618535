"""Days named from today: "yesterday", "last Friday", "two fridays ago", "the 30th", "last month"."""

from __future__ import annotations

from datetime import date

from bot.dates import numbers, widths
from bot.dates.context import number_is_a_name, word_is_meant
from bot.dates.days import Days, add_months, last_weekday, make, one, shift, unit_around, unit_back, week_of
from bot.dates.parse import Hit, Parse, Value, call, rule

_ARTICLES = ("the", "el", "la", "on", "en", ",", "-", "of", "from", "in", "de", "at", "los", "las")


@rule
def day_word(parse: Parse, index: int) -> Hit | None:
    """As in "Yesterday", "last night", "day before yesterday", "tomorrow", "the other day"."""
    near = parse.cat(index, "near")
    hit = parse.cat(index, "relative_day")
    if near and (not hit or near[1] > hit[1]):
        far = shift(parse.today, -widths.number("other_day", "to"))
        days = Days(far, shift(parse.today, -widths.number("other_day", "from")))
        return Value("day", days, vague=True, settled=True), near[1]
    if not hit:
        return None
    offset, after = hit
    if parse.norm(index) in ("now", "this", "manana") and after == index + 1:
        joined = parse.norm(index) == "now" and parse.norm(index - 1) in (
            "to",
            "until",
            "till",
            "and",
            "through",
            "-",
        )
        alone = joined or (index == 0 and after >= len(parse.tokens))
        if parse.norm(index) == "manana":
            offset = 1
            if parse.norm(index - 1) in ("la", "esta", "de"):
                return None
        elif not alone:
            return None
    if parse.norm(index) in ("previous", "last") and parse.norm(after) == "of":
        return None
    return Value("day", one(shift(parse.today, int(offset)))), after


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
    return (
        _with_number(parse, number, after)
        or _with_week(parse, number, after, how)
        or _with_count(parse, number, after)
        or (Value("day", one(_place(parse, number, how))), after)
    )


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
    if parse.norm(after) == "before" and parse.norm(after + 1) == "last":
        return Value("day", one(shift(last_weekday(parse.today, number), -7))), after + 2
    if parse.norm(after) in ("before", "prior") and how == "last":
        return None
    if found := _beside_event(parse, number, after):
        return found
    if tail := parse.cat(after, "last_after"):
        return Value("day", one(last_weekday(parse.today, number))), tail[1]
    if tail := parse.cat(after, "next_after"):
        return Value("day", one(shift(last_weekday(parse.today, number), 7))), tail[1]
    week = period_of_unit(parse, parse.skip(after, _ARTICLES, 3))
    if week and week[0].grain == "week" and week[0].days and week[0].days.length() == 7:
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


@rule
def day_of_month(parse: Parse, index: int) -> Hit | None:
    """As in "The 30th", "on the twenty second", "the 10th of last month", "el 15"."""
    at = parse.skip(index, ("on", "the", "el", "like", "day", "dia"), 3)
    led = at > index and parse.norm(at - 1) in ("the", "el", "on", "dia", "day")
    day = numbers.ordinal(parse, at)
    if not day and led and parse.norm(at - 1) in ("el", "dia"):
        day = numbers.day_number(parse, at)
    if not day or not 1 <= day[0] <= 31 or number_is_a_name(parse, at):
        return None
    month = call("unit_period", parse, parse.skip(day[1], ("of", "in", "de", "del", ",", "from", "day"), 3))
    if month and month[0].grain == "month" and month[0].days and month[0].kind == "named":
        first = month[0].days.start
        found = make(first.year, first.month, day[0])
        return (Value("day", one(found)), month[1]) if found else None
    tail = parse.skip(day[1], ("of", "the", "month", "del", "mes"), 3)
    whole = tail - day[1] == 3 or parse.norm(tail - 1) == "mes"
    after = tail if whole else day[1]
    if not whole and not _day_stands(parse, at, day[1], led):
        return None
    first = parse.today.replace(day=1)
    for _ in range(14):
        found = make(first.year, first.month, day[0])
        if found and found <= parse.today:
            return Value("day", one(found), kind="number"), after
        first = add_months(first, -1)
    return None


def _day_stands(parse: Parse, at: int, after: int, led: bool) -> bool:
    """An ordinal is a day only where a noun does not follow: not "the first time", "my second monitor"."""
    follows = parse.norm(after)
    quiet = after >= len(parse.tokens) or parse.kind(after) in ("sign", "clock", "opaque", "number")
    if not (quiet or follows in parse.cues["day_may_precede"] or "hedge" in parse.phrases[after]):
        return False
    if led or (parse.kind(at) == "ordinal" and (at == 0 or parse.norm(at - 1) in parse.cues["supports"])):
        return True
    return at == 0 and parse.kind(at) == "ordinal"


@rule
def period_of_unit(parse: Parse, index: int) -> Hit | None:
    """As in "last week", "the week before last", "la semana pasada", "past weekend"."""
    at = parse.skip(index, ("the", "el", "la", "all", "of", "los"), 2)
    for category, offset in (("last", 1), ("this", 0), ("next", -1)):
        hit = parse.cat(at, category)
        unit = parse.cat(hit[1], "unit") if hit else None
        if (
            hit
            and unit
            and unit[0] not in ("minute", "hour")
            and not (unit[0] == "day" and category == "last")
        ):
            if parse.norm(unit[1]) == "before" and parse.norm(unit[1] + 1) == "last":
                return None
            if unit[0] in ("day", "hour"):
                return Value("day", one(shift(parse.today, -offset))), unit[1]
            # "last week's Tuesday"
            return _calendar(parse, unit[0], offset, unit[1])
    unit = parse.cat(at, "unit")
    if not unit or unit[0] in ("minute", "hour"):
        return None
    if (tail := parse.cat(unit[1], "before_last")) and unit[0] != "day":
        return _calendar(parse, unit[0], 2, tail[1])
    tail = parse.cat(unit[1], "last_after")
    if tail and parse.norm(unit[1]) not in ("last", "past") and unit[0] != "day":
        return _calendar(parse, unit[0], 1, tail[1])
    if parse.norm(unit[1]) in ("before", "prior") and parse.cat(unit[1] + 1, "last") and unit[0] != "day":
        behind = parse.cat(unit[1] + 1, "last")
        assert behind is not None
        same = parse.cat(behind[1], "unit")
        return _calendar(parse, unit[0], 2, same[1] if same and same[0] == unit[0] else behind[1])
    if (unit[0] == "weekend" and at > index) or parse.norm(at - 1) in ("over", "on", "during"):
        return _calendar(parse, "weekend", 1, unit[1]) if unit[0] == "weekend" else None
    return None


@rule
def to_date(parse: Parse, index: int) -> Hit | None:
    """As in "Year to date": from its beginning until today."""
    hit = parse.cat(index, "to_date")
    if not hit:
        return None
    return Value("month", Days(unit_around(parse.today, hit[0]).start, parse.today)), hit[1]


def _calendar(parse: Parse, unit: str, offset: int, after: int) -> Hit:
    """The calendar unit so many units back; the week-end that is on counts as this one."""
    if unit == "weekend":
        return Value("weekend", _weekend(parse.today, offset), kind="named"), after
    days = unit_around(unit_back(parse.today, unit, offset), unit)
    return Value("week" if unit == "fortnight" else unit, days), after


def _weekend(today: date, offset: int) -> Days:
    saturday = shift(week_of(today).start, 5)
    if offset >= 1 or (offset == 0 and saturday > today):
        back = max(offset, 1)
        saturday = shift(saturday, -7 * back)
    elif offset < 0:
        saturday = shift(saturday, -7 * offset if today.weekday() > 4 else 0)
    return Days(saturday, shift(saturday, 1))
