"""Distances from today or from another day: "3 weeks ago", "hace dos meses", "two days after Labor Day"."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.dates.days import Days, add_months, last_weekday, one, shift, unit_around, unit_back, week_of
from bot.dates.leaning import lean
from bot.dates.numbers import Amount
from bot.dates.parse import Hit, Parse, Value, call, rule
from bot.dates.spans import Span, afterthought, back, moved, one_unit, span, to_value


@rule
def ago(parse: Parse, index: int) -> Hit | None:
    """As in "3 weeks ago", "a year ago today", "a week ago Tuesday", "hace un mes"; bare "3 weeks" too."""
    if parse.norm(index) == "today":
        later = ago(parse, index + 1)
        return later if later and later[0].kind == "distance" else None
    hace = parse.cat(index, "hace")
    start = hace[1] if hace else index
    hedged = parse.cat(start, "approx") if hace else None
    length = (
        (span(parse, hedged[1]) if hedged else None)
        or span(parse, start)
        or (one_unit(parse, start) if hace else None)
    )
    if not length:
        return None
    tail = parse.cat(length[1], "ago")
    # "ago" words that also open another phrase: "2 weeks before christmas"
    if tail and parse.norm(length[1]) in ("before", "since", "past", "earlier", "prior") and not hace:
        tail = tail if tail[1] >= len(parse.tokens) or parse.kind(tail[1]) == "sign" else None
    value = to_value(parse, length[0], "distance" if tail or hace else "bare")
    sticks = length[0].parts[0][0].lean
    if value and sticks:
        value = lean(parse, value, sticks)
    if not value:
        return None
    if hedged:
        value = replace(value, mods=("approx",), vague=True)
    more = afterthought(parse, tail[1] if tail else length[1], length[0])
    if more and (wider := to_value(parse, more[0], "distance")):
        return wider, more[1]
    after = tail[1] if tail and not (hace and parse.norm(length[1]) == "y") else length[1]
    if hace and not tail:
        after = length[1]
    if not (tail or hace):
        if _is_habit(parse, index) or _is_day_of(parse, index, after) or _leads_to_an_event(parse, after):
            return None
        whole = index == 0 and after >= len(parse.tokens)
        noun = parse.norm(after) in parse.cues["duration_nouns"] and not parse.cat(after, "exact_after")
        if noun or (value.grain in ("minute", "hour") and not whole):
            return None
        return value, after
    return _with_day(parse, value, after)


def _is_habit(parse: Parse, index: int) -> bool:
    """As in "once a month", "3 times a week"."""
    return parse.norm(index) in ("a", "an", "each") and parse.norm(index - 1) in (
        "once", "twice", "times", "veces", "vez",
    )  # fmt: skip


def _is_day_of(parse: Parse, index: int, after: int) -> bool:
    """As in "one day last week", "some day in september": the period tells."""
    if parse.norm(index) not in ("one", "a", "some", "any", "un", "una", "algun") or after != index + 2:
        return False
    unit = parse.cat(index + 1, "unit")
    if not unit or unit[0] != "day":
        return False
    at = parse.skip(after, ("in", "during", "of", "back", "on", "en", "de", "early", "late"), 2)
    return at < len(parse.tokens) and call("closed", parse, at) is not None


def _leads_to_an_event(parse: Parse, after: int) -> bool:
    """As in "2 weeks after school started": counted from something that the calendar does not know."""
    turned = parse.cat(after, "before", "right_before", "after", "right_after")
    behind = turned[1] if turned else after + 1 if parse.norm(after) == "into" else None
    return behind is not None and behind < len(parse.tokens) and parse.kind(behind) == "word"


def _with_day(parse: Parse, value: Value, after: int) -> Hit:
    """A day behind the distance: "a year ago today", "a week ago Tuesday", "two weeks ago on friday"."""
    if parse.norm(after) in ("today", "hoy") and value.days:
        return replace(value, grain="day", kind="named", precise=True), after + 1
    at = parse.skip(after, ("on", "this", "last", "the", ",", "el"), 2)
    day = parse.cat(at, "weekday")
    if day and value.days and value.grain in ("week", "fortnight") and not value.vague:
        if parse.norm(at - 1) == "last" or at == after:  # "a week ago Friday": a week before Friday
            there = shift(last_weekday(parse.today, int(day[0])), -(parse.today - value.days.start).days)
        else:
            there = shift(week_of(value.days.start).start, int(day[0]))
        return Value("day", one(there)), day[1]
    if day and value.grain in ("month", "quarter", "year"):  # "a year ago last Tuesday"
        return value, day[1]
    return value, after


@rule
def ahead(parse: Parse, index: int) -> Hit | None:
    """As in "in two weeks": forward, unless the sentence denies a login ("haven't in two weeks")."""
    opened = parse.norm(index) in ("in", "en", "within")
    length = span(parse, index + 1 if opened else index)
    if not length:
        return None
    tail = parse.cat(length[1], "next_after")
    if opened and not tail:
        norms = {token.norm for token in parse.tokens[:index]}
        if norms & parse.cues["negative"] or parse.cat(length[1], "ago"):
            return None
        if parse.norm(length[1]) in ("or", "of"):
            return None
    if not opened and not tail:
        return None
    days = back(parse, length[0], ahead=True)
    return (
        (Value(length[0].unit, days, vague=length[0].vague, settled=True), tail[1] if tail else length[1])
        if days
        else None
    )


@rule
def last_units(parse: Parse, index: int) -> Hit | None:
    """As in "The past 3 months", "last couple of weeks": from then until today."""
    at = parse.skip(index, ("in", "within", "over", "during", "for", "the", "los", "las", "these", "en"), 3)
    hit = parse.cat(at, "last")
    length = span(parse, hit[1]) if hit else None
    clock = parse.cat(hit[1], "unit") if hit and not length else None
    # "the past hour", "in the last year": until now; "last year" alone is the calendar's
    rolling = parse.norm(at - 1) == "the" and (at - index > 1 or (hit and parse.norm(hit[1] - 1) == "past"))
    if clock and (
        clock[0] in ("minute", "hour") or (rolling and clock[0] in ("month", "quarter", "year", "decade"))
    ):
        length = (Span(((Amount(1, 1), clock[0]),)), clock[1])
    if not length or parse.norm(length[1]) in ("of", "in", "ago", "de"):
        return None
    days = back(parse, length[0])
    return (
        (Value("week", Days(days.start, parse.today), vague=True, settled=True), length[1]) if days else None
    )


@rule
def beside(parse: Parse, index: int) -> Hit | None:
    """As in "2 weeks before Christmas", "the day after Labor Day", "a week from last Friday"."""
    at = parse.skip(index, ("the", "el"), 1)
    length = span(parse, index) or span(parse, at)
    unit = parse.cat(at, "unit")
    single = length is None and unit is not None
    if not length and unit:
        length = (Span(((Amount(1, 1), unit[0]),)), unit[1])
    if not length or (not single and not length):
        return None
    before = parse.cat(length[1], "before", "right_before")
    behind = None if before else parse.cat(length[1], "after", "right_after")
    turn = before or behind or ((1, length[1] + 1) if parse.norm(length[1]) == "from" else None)
    if not turn:
        return None
    other = call("closed", parse, parse.skip(turn[1], ("the", "el", "la"), 1)) or call(
        "closed", parse, turn[1]
    )
    if not other or not other[0].days or other[0].kind == "bare":
        return None
    return _beside(parse, length[0], single, bool(before), other)


def _beside(parse: Parse, length: Span, single: bool, before: bool, other: Hit) -> Hit | None:
    anchor = other[0].days
    assert anchor is not None
    unit = length.parts[0][1]
    if single and unit in ("week", "month", "year", "weekend"):
        edge = shift(anchor.start, -1) if before else shift(anchor.end, 1)
        if unit == "week":
            days = Days(shift(edge, -6), edge) if before else Days(edge, shift(edge, 6))
        elif unit == "weekend":
            saturday = shift(
                week_of(shift(anchor.start, -7 if before and anchor.start.weekday() < 6 else 0)).start, 5
            )
            days = Days(saturday, shift(saturday, 1))
        else:
            there = add_months(anchor.start, (-1 if before else 1) * (1 if unit == "month" else 12))
            days = unit_around(there, unit)
        return Value("week", days, vague=True), other[1]
    sign = -1 if before else 1
    base = datetime.combine(anchor.start if before else anchor.end, parse.now.time())
    ends = [moved(base, length, which, sign) for which in ("low", "high")]
    if ends[0] is None or ends[1] is None:
        return None
    return Value("day", Days(min(ends[0], ends[1]), max(ends[0], ends[1])), vague=length.vague), other[1]


@rule
def same_time(parse: Parse, index: int) -> Hit | None:
    """As in "this time last year", "the same day last week"."""
    at = parse.skip(index, ("the", "on", "about", "around"), 2)
    if parse.norm(at) not in ("same", "this") or parse.norm(at + 1) not in ("day", "time", "date"):
        return None
    behind = parse.skip(at + 2, ("of", "in", "as"), 1)
    last = parse.cat(behind, "last")
    unit = parse.cat(last[1], "unit") if last else None
    if not unit or unit[0] not in ("week", "month", "year"):
        return None
    day = one(unit_back(parse.today, unit[0], 1))
    if parse.norm(at + 1) == "time" and unit[0] != "week":
        return Value(unit[0], day, kind="distance", vague=True, mods=("hedge",)), unit[1]
    return Value("day", day), unit[1]
