"""Dates in digits: 10/14, 8/24/26, 2026-09-03, 29.02.2020, 10/2025, 20160314, 9/1-9/5."""

from __future__ import annotations

from datetime import date

from bot.dates import years
from bot.dates.context import number_is_a_name
from bot.dates.days import Days, make, month_of, one
from bot.dates.named import day_value
from bot.dates.numbers import NEWEST_YEAR, OLDEST_YEAR, full_year
from bot.dates.parse import Hit, Parse, Value, rule

_NOT_BEHIND = ("am", "pm", "%", "of", "way", "hour", "hours", "oclock")


@rule
def digits(parse: Parse, index: int) -> Hit | None:
    """A digit group or a spaced ISO date, if the calendar allows and nothing says it is something else."""
    token = parse.tokens[index]
    if token.kind == "number":
        return _spaced(parse, index)
    if token.kind != "group" or number_is_a_name(parse, index) or parse.norm(index - 1) == "q":
        return None
    behind = parse.norm(index + 1)
    if (
        behind in _NOT_BEHIND
        or (parse.cat(index + 1, "unit") and len(token.pieces) == 2)
        or token.norm == "24/7"
    ):
        return None
    numbers = [int(piece) for piece in token.pieces if len(piece) <= 4]
    if len(numbers) != len(token.pieces):
        return None
    if "-" in token.signs and "/" in token.signs:
        return _range(parse, index)
    if len(numbers) == 3:
        found = full_date(token.pieces, parse.today, dotted=token.signs == "..")
        return (Value("day", one(found)), index + 1) if found else None
    if len(numbers) == 2:
        return _short(parse, index, token.pieces, token.signs)
    return None


def full_date(pieces: tuple[str, ...], today: date, *, dotted: bool = False) -> date | None:
    """Three numbers: year first if it has four digits, else month, day, year as in the US, else day first.

    With dots, a date that is future in the US order and past in the European one is European.
    """
    first, second, third = (int(piece) for piece in pieces)
    if len(pieces[0]) == 4 and OLDEST_YEAR <= first <= NEWEST_YEAR and len(pieces[2]) <= 2:
        return make(first, second, third) or make(first, third, second)
    if len(pieces[2]) in (2, 4) and len(pieces[0]) <= 2 and len(pieces[1]) <= 2:
        year = third if len(pieces[2]) == 4 else full_year(third, today.year)
        if OLDEST_YEAR <= year <= NEWEST_YEAR:
            found, other = make(year, first, second), make(year, second, first)
            dotted_future = dotted and found is not None and found > today
            found = other if found is None or (dotted_future and other and other <= today) else found
            if found:
                return found
    if len(pieces[0]) == 2 and len(pieces[2]) <= 2:
        return make(full_year(first, today.year), second, third)
    return None


def _short(parse: Parse, index: int, pieces: tuple[str, ...], sign: str) -> Hit | None:
    """Month and day, or month and year."""
    first, second = int(pieces[0]), int(pieces[1])
    for month, year, long in ((first, second, pieces[1]), (second, first, pieces[0])):
        if len(long) == 4 and 1 <= month <= 12 and OLDEST_YEAR <= year <= NEWEST_YEAR:
            return Value("month", month_of(year, month)), index + 1
    if len(pieces[0]) > 2 or len(pieces[1]) > 2:
        return None
    if sign == "." and (
        len(pieces[1]) < 2
        or parse.norm(index - 1) in ("at", "by")
        or (index > 0 and parse.kind(index - 1) == "group")
    ):
        return None
    for month, day in ((first, second), (second, first)):
        if make(2024, month, day):
            return years.dated((day_value(month, day), index + 1), parse)
    return None


def _spaced(parse: Parse, index: int) -> Hit | None:
    """As in "2016 10 16", "10 16 2016", "20161016"."""
    text = parse.norm(index)
    if parse.norm(index + 1) in ("/", "-") and parse.kind(index + 2) == "number":
        return _signed(parse, index)
    if len(text) == 8 and not number_is_a_name(parse, index):
        found = make(int(text[:4]), int(text[4:6]), int(text[6:]))
        if found and 2000 <= found.year <= parse.today.year + 1:
            return Value("day", one(found)), index + 1
        return None
    if [parse.kind(index + k) for k in range(3)] != ["number"] * 3 or parse.kind(index + 3) == "number":
        return None
    pieces = tuple(parse.norm(index + k) for k in range(3))
    if any(len(piece) > 4 for piece in pieces) or 4 not in (len(pieces[0]), len(pieces[2])):
        return None
    found = full_date(pieces, parse.today)
    return (Value("day", one(found)), index + 3) if found else None


def _range(parse: Parse, index: int) -> Hit | None:
    """As in "9/1-9/5", "11/1-11/5/2026", "5/10-15"."""
    ends = [tuple(part.split("/")) for part in parse.norm(index).split("-")]
    if len(ends) != 2 or not all(1 <= len(end) <= 3 for end in ends):
        return None
    if len(ends[1]) == 1 and len(ends[0]) == 2:
        ends[1] = (ends[0][0], ends[1][0])
    if len(ends[0]) == 2 and len(ends[1]) == 3:
        ends[0] = (*ends[0], ends[1][2])
    days = [_end(parse, end) for end in ends]
    if days[0] is None or days[1] is None:
        return None
    first = days[0] if days[0] <= days[1] else make(days[0].year - 1, days[0].month, min(days[0].day, 28))
    return (Value("day", Days(first, days[1])), index + 1) if first and first <= days[1] else None


def _end(parse: Parse, pieces: tuple[str, ...]) -> date | None:
    if len(pieces) == 3:
        return full_date(pieces, parse.today)
    if len(pieces) != 2 or not make(2024, int(pieces[0]), int(pieces[1])):
        return None
    value = years.latest(day_value(int(pieces[0]), int(pieces[1])), parse)
    return value.days.start if value and value.days else None


def _signed(parse: Parse, index: int) -> Hit | None:
    """As in "9 / 12 / 2018", "9/ 12"."""
    sign, pieces = parse.norm(index + 1), [parse.norm(index), parse.norm(index + 2)]
    after = index + 3
    if parse.norm(after) == sign and parse.kind(after + 1) == "number":
        pieces.append(parse.norm(after + 1))
        found = (
            full_date((pieces[0], pieces[1], pieces[2]), parse.today) if max(map(len, pieces)) <= 4 else None
        )
        return (Value("day", one(found)), after + 2) if found else None
    if sign == "-" or parse.cat(after, "unit") or parse.norm(after) in _NOT_BEHIND:
        return None
    if number_is_a_name(parse, index) or pieces == ["24", "7"]:
        return None
    hit = _short(parse, index, (pieces[0], pieces[1]), sign)
    return (hit[0], after) if hit else None
