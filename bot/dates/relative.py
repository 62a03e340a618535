"""Days named from today: "yesterday", "last Friday", "two fridays ago", "the 30th", "last month"."""

from __future__ import annotations

from datetime import date

from bot.dates import numbers, widths
from bot.dates.context import number_is_a_name
from bot.dates.days import Days, add_months, make, one, shift, unit_around, unit_back, week_of
from bot.dates.parse import Hit, Parse, Value, call, rule


@rule
def day_word(parse: Parse, index: int) -> Hit | None:
    """As in "Yesterday", "last night", "day before yesterday", "tomorrow", "the other day"."""
    near = parse.cat(index, "near")
    hit = parse.cat(index, "relative_day")
    if near and (not hit or near[1] > hit[1]):
        far = shift(parse.today, -widths.number(near[0], "to"))
        days = Days(far, shift(parse.today, -widths.number(near[0], "from")))
        return Value("day", days, vague=True, settled=True), near[1]
    if not hit:
        return None
    offset, after = hit
    if parse.norm(index) in ("now", "this", "manana") and after == index + 1:
        before = parse.norm(index - 1)
        between = before == "and" and any(parse.norm(at) == "between" for at in range(index - 1))
        joined = parse.norm(index) == "now" and (between or before in ("to", "until", "till", "through", "-"))
        alone = joined or (index == 0 and after >= len(parse.tokens))
        if parse.norm(index) == "manana":
            offset = 1
            if parse.norm(index - 1) in ("la", "esta", "de"):
                return None
        elif not alone:
            return None
    if parse.norm(index) == "last" and (parse.norm(index - 1) == "my" or parse.norm(after) == "before"):
        return None  # "my last day before leave"
    if parse.norm(index) in ("previous", "last") and parse.norm(after) == "of":
        return None
    return Value("day", one(shift(parse.today, int(offset)))), after


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
    if [parse.norm(at + place) for place in range(3)] == ["last", "to", "last"]:
        unit = parse.cat(at + 3, "unit")
        if unit and unit[0] in ("week", "weekend", "month", "year"):
            return _calendar(parse, unit[0], 2, unit[1])
    for category, offset in (("last", 1), ("this", 0), ("next", -1)):
        hit = parse.cat(at, category)
        unit = parse.cat(parse.skip(hit[1], ("-",), 1), "unit") if hit else None
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
    if parse.norm(at) in ("weekends", "wkends"):  # a habit
        return None
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
