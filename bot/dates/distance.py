"""Distances from today or from another day: "3 weeks ago", "hace dos meses", "two days after Labor Day"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.dates import numbers
from bot.dates.days import Days, add_months, last_weekday, one, shift, unit_around, unit_back, week_of
from bot.dates.leaning import lean
from bot.dates.numbers import Amount
from bot.dates.parse import Hit, Parse, Value, call, rule

_MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120}
_DAYS = {"day": 1, "week": 7, "weekend": 7, "fortnight": 14}
_SIZES = ("minute", "hour", "day", "weekend", "week", "fortnight", "month", "quarter", "year", "decade")
_FAR = 200_000  # days; more is no last login


@dataclass(frozen=True)
class Span:
    """A length such as "2 years and 3 months": parts of (amount, unit)."""

    parts: tuple[tuple[Amount, str], ...]

    @property
    def unit(self) -> str:
        return min((unit for _, unit in self.parts), key=_SIZES.index)

    @property
    def vague(self) -> bool:
        return any(amount.vague for amount, _ in self.parts)


def span(parse: Parse, index: int) -> tuple[Span, int] | None:
    """An amount of units, several joined, with a trailing half: "a year and a half", "1 year, 9 months"."""
    parts: list[tuple[Amount, str]] = []
    after = index
    while len(parts) < 8:
        at = parse.skip(after, ("and", ",", "n", "&", "y"), 2) if parts else after
        count = numbers.amount(parse, at)
        unit_at = (
            parse.skip(count[1], ("of", "-", "full", "whole", "long", "more", "calendar", "business"), 2)
            if count
            else at
        )
        unit = (parse.cat(unit_at, "unit") or _letter(parse, unit_at)) if count else None
        if not count or not unit or (parts and _SIZES.index(unit[0]) >= _SIZES.index(parts[-1][1])):
            break
        parts.append((count[0], unit[0]))
        after = unit[1]
        if (
            parse.norm(after) in ("or", "o")
            and len(parts) == 1
            and (more := _or_more(parse, after + 1, count[0]))
        ):
            parts[0], after = (more[0], unit[0]), more[1]
        if len(parts) == 1:
            extra, after = numbers.with_half(parse, count[0].low, after)
            if extra != count[0].low:
                parts[0] = (Amount(extra, count[0].high + 0.5, count[0].vague), unit[0])
    if not parts and (alone := parse.cat(index, "unit")) and parse.norm(alone[1]) in ("ago", "atras"):
        return Span(((Amount(1, 1), alone[0]),)), alone[1]  # "month ago"
    return (Span(tuple(parts)), after) if parts else None


def _or_more(parse: Parse, index: int, first: Amount) -> tuple[Amount, int] | None:
    """As in "A month or two"."""
    second = numbers.cardinal(parse, index)
    if not second or not first.high < second[0] <= first.high + 2 or parse.cat(second[1], "month"):
        return None
    return Amount(first.low, second[0], True), second[1]


def _one_unit(parse: Parse, index: int) -> tuple[Span, int] | None:
    """Spanish "hace año y medio"."""
    unit = parse.cat(index, "unit")
    if not unit:
        return None
    count, after = numbers.with_half(parse, 1.0, unit[1])
    return Span(((Amount(count, count), unit[0]),)), after


def _letter(parse: Parse, index: int) -> tuple[str, int] | None:
    hit = parse.cat(index, "unit_letter")
    if not hit or not parse.tokens[index].glued or parse.kind(index - 1) != "number":
        return None
    return hit if hit[1] >= len(parse.tokens) or parse.cat(hit[1], "ago") else None


def back(parse: Parse, length: Span, *, ahead: bool = False) -> Days | None:
    """From today back (or ahead) by the length; hours and minutes by the clock."""
    ends = [_moved(parse.now, length, which, -1 if not ahead else 1) for which in ("low", "high")]
    if ends[0] is None or ends[1] is None:
        return None
    return Days(min(ends[0], ends[1]), max(ends[0], ends[1]))


def _moved(now: datetime, length: Span, which: str, sign: int) -> date | None:
    day, clock = now.date(), now
    for amount, unit in length.parts:
        count = amount.low if which == "low" else amount.high
        if unit in ("minute", "hour"):
            minutes = count * (60 if unit == "hour" else 1)
            if minutes > 60 * 24 * 3660:
                return None
            clock += timedelta(minutes=sign * minutes)
            day = shift(day, (clock.date() - now.date()).days)
        elif unit in _MONTHS:
            months = count * _MONTHS[unit]
            if months > 12 * 500:
                return None
            day = shift(add_months(day, sign * int(months)), sign * round((months - int(months)) * 30.44))
        else:
            days = count * _DAYS[unit]
            if days > _FAR:
                return None
            day = shift(day, sign * round(days))
    return day


def to_value(parse: Parse, length: Span, kind: str) -> Value | None:
    days = back(parse, length)
    if days is None:
        return None
    if length.unit == "weekend" and len(length.parts) == 1:
        first = (
            unit_around(shift(days.start, -5), "weekend").start if days.start.weekday() < 5 else days.start
        )
        days = Days(first, shift(first, 1))
    grain = length.unit
    if length.parts[0][0].high < 1:  # "half a year" is rounded like months
        grain = {"year": "month", "decade": "year", "month": "week"}.get(grain, grain)
    return Value(grain, days, kind=kind, vague=length.vague, precise=len(length.parts) > 1)


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
        or (_one_unit(parse, start) if hace else None)
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
    after = tail[1] if tail and not (hace and parse.norm(length[1]) == "y") else length[1]
    if hace and not tail:
        after = length[1]
    if not (tail or hace):
        whole = index == 0 and after >= len(parse.tokens)
        if parse.norm(after) in parse.cues["duration_nouns"] or (
            value.grain in ("minute", "hour") and not whole
        ):
            return None
        return value, after
    return _with_day(parse, value, after)


def _with_day(parse: Parse, value: Value, after: int) -> Hit:
    """A day behind the distance: "a year ago today", "a week ago Tuesday", "two weeks ago on friday"."""
    if parse.norm(after) in ("today", "hoy") and value.days:
        return replace(value, grain="day", kind="named", precise=True), after + 1
    at = parse.skip(after, ("on", "this", "last", "the", ",", "el"), 2)
    day = parse.cat(at, "weekday")
    if day and value.days and value.grain in ("week", "fortnight") and not value.vague:
        if parse.norm(at - 1) == "last":
            there = shift(last_weekday(parse.today, int(day[0])), -(parse.today - value.days.start).days)
        else:
            there = shift(week_of(value.days.start).start, int(day[0]))
        return Value("day", one(there)), day[1]
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
    ends = [_moved(base, length, which, sign) for which in ("low", "high")]
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
