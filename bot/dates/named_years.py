"""Phrases that begin with a year, or count years: "2016 June", "last year around October"."""

from __future__ import annotations

from dataclasses import replace

from bot.dates import years
from bot.dates.context import number_is_a_name
from bot.dates.days import decade_of, make, month_of, one, year_of
from bot.dates.named import day_first, holiday, month_first, season_value, yearly
from bot.dates.numbers import cardinal, day_number, full_year, year_number
from bot.dates.parse import Hit, Parse, Value, longest, rule

_YEAR_LINKS = (
    ",",
    "around",
    "in",
    "like",
    "sometime",
    "about",
    "the",
    "at",
    "on",
    "during",
    "maybe",
    "-",
    "near",
    "by",
)


@rule
def year_first(parse: Parse, index: int) -> Hit | None:
    """As in "2016 june", "2019-aug-1", "2016, the 3rd of May" and the year alone."""
    year = year_number(parse, index)
    if not year or parse.kind(index) not in ("number", "word", "sign"):
        return None
    at = parse.skip(year[1], ("-", "/", ",", ".", "the", "of"), 2)
    month = parse.cat(at, "month")
    if month:
        behind = parse.skip(month[1], ("-", "/", ".", ",", "the"), 2)
        day = day_number(parse, behind)
        found = make(year[0], int(month[0]), day[0]) if day else None
        if found and day:
            return Value("day", one(found)), day[1]
        return Value("month", month_of(year[0], int(month[0]))), month[1]
    return None


@rule
def year_alone(parse: Parse, index: int) -> Hit | None:
    """As in "2024", "in the year 2024", "the 1990s"."""
    at = parse.skip(index, ("the", "year", "of", "ano", "el"), 3)
    plural = at + 1 + (parse.norm(at + 1) == "'")
    if parse.kind(at) == "number" and parse.norm(plural) == "s" and parse.tokens[plural].glued:
        value = parse.tokens[at].value or 0
        if value % 10 or value < 50 or parse.cat(plural + 1, "ago"):
            return None
        first = value if value > 99 else full_year(value, parse.today.year)
        return Value("decade", decade_of(first)), plural + 1
    decade = parse.cat(at, "decade_name")
    if decade and at > index and parse.norm(at - 1) == "the":
        return Value("decade", decade_of(1900 + int(decade[0]))), decade[1]
    year = year_number(parse, at)
    if not year or number_is_a_name(parse, at) or parse.norm(at) == "'" or year[0] > parse.today.year + 3:
        return None
    if parse.cat(year[1], "unit") or parse.norm(year[1]) in ("st", "street", "ave", "%"):
        return None
    if parse.kind(at) == "word" and year[1] - at < 2:
        return None
    return Value("year", year_of(year[0])), year[1]


@rule
def year_then_name(parse: Parse, index: int) -> Hit | None:
    """As in "Last year around October", "last year, at Thanksgiving", "2024 in the summer"."""
    at = parse.skip(index, ("in", "the"), 1)
    year = years.named_year(parse, at)
    if not year:
        return None
    behind = parse.skip(year[1], _YEAR_LINKS, 4)
    base = (
        longest(parse, behind, month_first, day_first, yearly)
        if behind > year[1] or year[1] > at + 1
        else None
    )
    if not base or not base[0].free:
        return None
    value = years.in_year(base[0], year[0])
    return (replace(value, vague=behind > year[1] + 1), base[1]) if value else None


@rule
def seasons_ago(parse: Parse, index: int) -> Hit | None:
    """As in "Two summers ago", "the summer before last" (or "this one"), "two Christmases ago"."""
    at = parse.skip(index, ("the",), 1)
    count = cardinal(parse, at)
    name_at = count[1] if count else at
    named = parse.cat(name_at, "season", "seasons")
    base = (season_value(named[0]), named[1]) if named else holiday(parse, name_at)
    if not base:
        return None
    tail = parse.cat(base[1], "ago") if count else None
    back = count[0] if count and tail else 2
    this_one = parse.norm(base[1] + 1) == "this" and parse.norm(base[1] + 2) == "one"
    after = tail[1] if tail else base[1] + 2 + this_one
    if not tail and not (parse.norm(base[1]) == "before" and (parse.norm(base[1] + 1) == "last" or this_one)):
        return None
    recent = years.latest(base[0], parse)
    if not recent or not recent.days or not 1 <= back <= 50:
        return None
    value = years.in_year(base[0], recent.days.start.year - (back - 1))
    return (value, after) if value else None
