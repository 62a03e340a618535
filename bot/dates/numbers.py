"""Numbers in digits and words: counts ("three", "2-3", "a couple of", "one and a half"), ordinals, years."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dates.parse import Parse
from bot.dates.widths import amount_width

OLDEST_YEAR, NEWEST_YEAR = 1950, 2100


@dataclass(frozen=True)
class Amount:
    """From `low` to `high`; `vague` for words such as "few"; `lean`: what sticks to it ("3-ish", "6+")."""

    low: float
    high: float
    vague: bool = False
    lean: str = ""


def cardinal(parse: Parse, index: int) -> tuple[int, int] | None:
    """A whole number: "12", "twenty one", "one hundred and five"."""
    if parse.kind(index) == "number":
        value = parse.tokens[index].value
        return None if value is None else (value, index + 1)
    total, last, begun = 0, 10_000, False
    while (hit := parse.cat(index, "number")) and hit[0] not in (0,):
        value, after = hit
        if value in (100, 1000) and begun and total < value:
            total, last = total * value, value
        elif value < last and (last >= 100 or (20 <= last < 100 and value < 10)) and value not in (100, 1000):
            total, last = total + value, value
        elif not begun:
            total, last = value, value
        else:
            break
        begun, index = True, after
        if (parse.norm(index) == "and" and last in (100, 1000) and parse.cat(index + 1, "number")) or (
            parse.norm(index) in ("-", "y") and last in range(20, 100) and _is_digit(parse, index + 1)
        ):
            index += 1
    return (total, index) if begun else None


def _is_digit(parse: Parse, index: int) -> bool:
    hit = parse.cat(index, "number")
    return hit is not None and 0 < hit[0] < 10


def ordinal(parse: Parse, index: int) -> tuple[int, int] | None:
    """As in "5th", "third", "twenty first", "twenty-first"."""
    if parse.kind(index) == "ordinal":
        value = parse.tokens[index].value
        return None if value is None else (value, index + 1)
    if hit := parse.cat(index, "ordinal"):
        return int(hit[0]), hit[1]
    tens = parse.cat(index, "number")
    if tens and tens[0] in (20, 30):
        after = tens[1] + (parse.norm(tens[1]) == "-")
        ones = parse.cat(after, "ordinal")
        if ones and ones[0] < 10:
            return tens[0] + ones[0], ones[1]
    return None


def day_number(parse: Parse, index: int, *, before_time: bool = False) -> tuple[int, int] | None:
    """A day of the month in any writing; "5 am" is one only where a day must stand (`before_time`)."""
    hit = ordinal(parse, index) or cardinal(parse, index)
    if not hit or not 1 <= hit[0] <= 31:
        return None
    if parse.kind(index) == "number":
        timed = parse.norm(hit[1]) in ("am", "pm") and (not before_time or parse.tokens[hit[1]].glued)
        if len(parse.norm(index)) > 2 or timed or parse.norm(hit[1]) == "%":
            return None
    return hit


def year_number(parse: Parse, index: int, *, short: bool = False) -> tuple[int, int] | None:
    """A year: "2025", "'25", "twenty twenty five", "two thousand eighteen"; "25" only if `short`."""
    if parse.norm(index) == "'" and parse.kind(index + 1) == "number" and len(parse.norm(index + 1)) == 2:
        return full_year(int(parse.norm(index + 1)), parse.today.year), index + 2
    if parse.kind(index) == "number":
        text, value = parse.norm(index), parse.tokens[index].value
        if len(text) == 4 and value is not None and OLDEST_YEAR <= value <= NEWEST_YEAR:
            return value, index + 1
        if short and len(text) == 2 and value is not None and parse.norm(index + 1) not in ("am", "pm"):
            return full_year(value, parse.today.year), index + 1
        return None
    first = parse.cat(index, "number")
    if not first:
        return None
    if first[0] in (19, 20):
        rest = cardinal(parse, first[1] + (parse.norm(first[1]) == "-"))
        if rest and 10 <= rest[0] <= 99 and parse.kind(first[1]) == "word":
            return int(first[0]) * 100 + rest[0], rest[1]
    whole = cardinal(parse, index)
    return whole if whole and OLDEST_YEAR <= whole[0] <= NEWEST_YEAR else None


def full_year(short: int, this_year: int) -> int:
    """As in "26" is 2026 and "98" is 1998, seen from 2026."""
    return 2000 + short if short <= this_year % 100 + 10 else 1900 + short


def amount(parse: Parse, index: int) -> tuple[Amount, int] | None:
    """How many: exact, a span ("2 or 3", "2-3"), or a word with a width ("a few")."""
    fuzzy = parse.cat(index, "fuzzy")
    if fuzzy:
        low, high = amount_width(fuzzy[0])
        return Amount(low, high, True), parse.skip(fuzzy[1], ("of", "more", "de", "short", "good"), 2)
    token = parse.tokens[index] if index < len(parse.tokens) else None
    if token and token.kind == "group" and token.signs in ("-", "/") and len(token.pieces) == 2:
        few = [int(piece) for piece in token.pieces if len(piece) < 4]
        return (Amount(few[0], few[1], True), index + 1) if len(few) == 2 and few[0] < few[1] else None
    first = _plain(parse, index)
    if not first:
        return None
    low, after = first
    joined = parse.norm(after) in ("or", "to", "-", "o", "a", "and", "/", "maybe")
    start = after + (2 if parse.norm(after) == "or" and parse.norm(after + 1) in ("maybe", "even") else 1)
    second = _plain(parse, start) if joined and parse.norm(start) not in ("a", "an", "half") else None
    if parse.norm(after) == "," and not second:
        second = _plain(parse, after + 1)
    if second and low < second[0] <= low * 4 + 3:
        return Amount(low, second[0], True), second[1]
    if parse.norm(after) == "or" and parse.cat(after + 1, "fuzzy"):
        return amount(parse, after + 1)
    if parse.norm(after) in ("+", "plus"):
        return Amount(low, low, True, "at_least"), after + 1
    ish = after + (parse.norm(after) == "-")
    if parse.norm(ish) == "ish":
        return Amount(low, low, True, "approx"), ish + 1
    return Amount(low, low), after


def _plain(parse: Parse, index: int) -> tuple[float, int] | None:
    """One count, with halves: "3", "1.5", "a", "half a", "one and a half"."""
    token = parse.tokens[index] if index < len(parse.tokens) else None
    if token is None:
        return None
    half = parse.cat(index, "half")
    if half:
        return 0.5, parse.skip(half[1], ("a", "an", "of", "un", "una"), 2)
    if token.kind == "group":
        if len(token.pieces) == 2 and token.signs == "." and len(token.norm) <= 5:
            return float(token.norm), index + 1
        return None
    if token.kind == "opaque" and token.norm.isdigit() and len(token.norm) < 20:
        return float(token.norm), index + 1
    if token.norm in ("a", "an", "another") and token.kind == "word":
        if parse.cat(index + 1, "half"):
            return _plain(parse, index + 1)
        whole = (
            cardinal(parse, index + 1) if parse.norm(index + 1) in ("hundred", "thousand", "dozen") else None
        )
        if whole:
            return float(whole[0]), whole[1]
        return 1.0, index + (
            2 if parse.norm(index + 1) in ("full", "whole", "good", "single", "solid") else 1
        )
    whole = cardinal(parse, index)
    if not whole:
        return None
    return with_half(parse, float(whole[0]), whole[1])


def with_half(parse: Parse, count: float, index: int) -> tuple[float, int]:
    """Add "and a half", "y media", "1/2" behind a count."""
    joined = parse.norm(index) in ("and", "n", "&", "y", "an")
    after = parse.skip(index + 1, ("a", "one"), 1) if joined else index
    half = parse.cat(after, "half") if joined or parse.norm(index) in ("1/2", "½") else None
    return (count + 0.5, half[1]) if half else (count, index)
