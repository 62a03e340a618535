"""All rules together: what may stand where."""

from __future__ import annotations

from dataclasses import replace

from bot.dates import distance, edges, leaning, named, named_years, parts, ranges, relative, weekdays
from bot.dates.digits import digits
from bot.dates.parse import RULES, Hit, Parse, longest, rule

SOON = 31
"""Days ahead up to which "Tuesday, November 8" is a day to come and not a slip."""


@rule
def weekday_and_date(parse: Parse, index: int) -> Hit | None:
    """As in "Wednesday, 22nd June": a weekday that fits only the year before leaves both years open."""
    at = parse.skip(index, ("on", "the", "last", "this"), 2)
    day = parse.cat(at, "weekday")
    if not day:
        return None
    behind = parse.skip(
        day[1], (",", ".", "-", "the", "maybe", "like", "morning", "afternoon", "night", "evening", "of"), 3
    )
    date = longest(parse, behind, digits, named.day_first, named.month_first)
    if not date or date[0].grain != "day" or not date[0].days or date[1] == behind:
        return None
    value, days = date[0], date[0].days
    if days and value.free and value.yearly and days.start.weekday() != int(day[0]):
        before = value.yearly(days.start.year - 1)
        if before and before.start.weekday() == int(day[0]):  # a slip of a day, or the year before: both
            return replace(value, days=before.hull(days), vague=True, free=False), date[1]
        ahead = value.yearly(days.start.year + 1)
        if ahead and ahead.start.weekday() == int(day[0]) and 0 < (ahead.start - parse.today).days <= SOON:
            return replace(value, days=ahead, free=False), date[1]
    return date


@rule
def closed(parse: Parse, index: int) -> Hit | None:
    """One day or period, without leaning words."""
    if not parse.starts[index]:
        return None
    return longest(
        parse,
        index,
        digits,
        named.month_first,
        named.day_first,
        named_years.year_first,
        named.yearly,
        named.month_with_past,
        named_years.year_then_name,
        named_years.seasons_ago,
        relative.day_word,
        weekday_and_date,
        parts.weekday_in,
        parts.counted,
        edges.edge,
        parts.around_day,
        weekdays.weekday,
        weekdays.weekdays_ago,
        relative.day_of_month,
        distance.beside,
        distance.ahead,
        distance.ago,
        distance.last_units,
        relative.period_of_unit,
        relative.to_date,
        distance.same_time,
        parts.week_number,
        named_years.year_alone,
    )


@rule
def period(parse: Parse, index: int) -> Hit | None:
    """What can have parts."""
    return longest(
        parse,
        index,
        parts.counted,
        edges.edge,
        named.month_first,
        named.yearly,
        named.month_with_past,
        named_years.year_first,
        parts.around_day,
        relative.period_of_unit,
        parts.week_number,
        named_years.year_alone,
    )


@rule
def unit_period(parse: Parse, index: int) -> Hit | None:
    """The week or month a day may be counted in."""
    return longest(parse, index, relative.period_of_unit, named.month_first)


@rule
def phrase(parse: Parse, index: int) -> Hit | None:
    """Anything that says when."""
    if not parse.starts[index]:
        return None
    hit = longest(
        parse,
        index,
        leaning.leaning,
        ranges.span_of_days,
        ranges.numbers_in_month,
        ranges.month_and_days,
        ranges.either,
        closed,
    )
    return leaning.trailing(parse, hit) if hit else None


RULES.update(
    month_first=named.month_first,
    yearly=named.yearly,
    closed=closed,
    period=period,
    unit_period=unit_period,
    phrase=phrase,
)
