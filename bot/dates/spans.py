"""Lengths of time: "3 weeks", "a year and a half", "a month or two", and where they lead from today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo

from bot.dates import numbers
from bot.dates.days import Days, add_months, shift, unit_around
from bot.dates.numbers import Amount
from bot.dates.parse import Parse, Value
from bot.dates.widths import amount_width

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
    if not parts and not _is_counted(parse, index) and (alone := parse.cat(index, "unit")):
        told = parse.norm(alone[1]) in ("ago", "atras")
        plural = parse.norm(index).endswith("s") and parse.norm(index) != "mes"
        if plural and (told or parse.norm(index - 1) == "been"):  # "months ago", "it's been years"
            return Span(((Amount(*amount_width("plural"), True), alone[0]),)), alone[1]
        if told:  # "month ago"
            return Span(((Amount(1, 1), alone[0]),)), alone[1]
    return (Span(tuple(parts)), after) if parts else None


def _is_counted(parse: Parse, index: int) -> bool:
    """Behind a number that led nowhere: "zero days ago", "1000000 days ago"."""
    return (
        parse.kind(index - 1) in ("number", "opaque", "group") or parse.cat(index - 1, "number") is not None
    )


def _or_more(parse: Parse, index: int, first: Amount) -> tuple[Amount, int] | None:
    """As in "A month or two"."""
    second = numbers.cardinal(parse, index)
    if not second or not first.high < second[0] <= first.high + 2 or parse.cat(second[1], "month"):
        return None
    return Amount(first.low, second[0], True), second[1]


def afterthought(parse: Parse, index: int, length: Span) -> tuple[Span, int] | None:
    """As in "two months ago, maybe three"."""
    at = parse.skip(index, (",", "?", "or", "maybe", "possibly", "perhaps", "o"), 4)
    first, unit = length.parts[0]
    more = _or_more(parse, at, first) if at > index and len(length.parts) == 1 else None
    if not more or parse.norm(at - 1) == ",":
        return None
    same = parse.cat(more[1], "unit")
    if same and same[0] != unit:
        return None
    after = same[1] if same else more[1]
    tail = parse.cat(after, "ago")
    return Span(((more[0], unit),)), tail[1] if tail else after


def one_unit(parse: Parse, index: int) -> tuple[Span, int] | None:
    """Spanish "hace año y medio"."""
    unit = parse.cat(index, "unit")
    if not unit:
        return None
    if parse.norm(index).endswith("s") and parse.norm(index) != "mes":
        return Span(((Amount(*amount_width("plural"), True), unit[0]),)), unit[1]
    count, after = numbers.with_half(parse, 1.0, unit[1])
    return Span(((Amount(count, count), unit[0]),)), after


def _letter(parse: Parse, index: int) -> tuple[str, int] | None:
    hit = parse.cat(index, "unit_letter")
    if not hit or not parse.tokens[index].glued or parse.kind(index - 1) != "number":
        return None
    return hit if hit[1] >= len(parse.tokens) or parse.cat(hit[1], "ago") else None


def back(parse: Parse, length: Span, *, ahead: bool = False) -> Days | None:
    """From today back (or ahead) by the length; hours and minutes by the clock."""
    ends = [moved(parse.now, length, which, -1 if not ahead else 1, parse.zone) for which in ("low", "high")]
    if ends[0] is None or ends[1] is None:
        return None
    return Days(min(ends[0], ends[1]), max(ends[0], ends[1]))


def moved(now: datetime, length: Span, which: str, sign: int, zone: tzinfo | None = None) -> date | None:
    day, clock = now.date(), now
    for amount, unit in length.parts:
        count = amount.low if which == "low" else amount.high
        if unit in ("minute", "hour"):
            minutes = count * (60 if unit == "hour" else 1)
            if minutes > 60 * 24 * 3660:
                return None
            clock = _by_the_clock(clock, timedelta(minutes=sign * minutes), zone)
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


def _by_the_clock(local: datetime, length: timedelta, zone: tzinfo | None) -> datetime:
    """Local time after a length that really passed: the night of a clock change has 23 or 25 hours."""
    if zone is None:
        return local + length
    passed = local.replace(tzinfo=zone).astimezone(timezone.utc) + length
    return passed.astimezone(zone).replace(tzinfo=None)


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
