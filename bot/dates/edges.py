"""The beginning, middle or end of a period: "early August", "mid to late May", "the end of last week"."""

from __future__ import annotations

from functools import partial

from bot.dates.days import Days, one, unit_around, unit_back
from bot.dates.parse import Hit, Parse, Value, call, rule
from bot.dates.parts import LINKS, PERIODS, mapped, placed

_BEGINNINGS = ("beginning", "start", "very", "top", "principios", "inicio", "inicios", "comienzos")
LONG = 300
"""Days from which on an interval is a year."""


def third(days: Days, which: str) -> Days:
    """Beginning, middle or end: days of a week by habit, a third of a month or season, a quarter of years."""
    length = days.length()
    if length <= 7:
        first, last = {"early": (0, 2), "middle": (1, 4), "late": (3, 6)}[which]
        return days.part(first, last)
    if length <= 31:
        first, last = {"early": (0, 9), "middle": (10, 19), "late": (20, 30)}[which]
        return days.part(first, last)
    if length >= LONG:  # "late last year" is its last months
        quarter = length // 4
        first, last = {
            "early": (0, quarter - 1),
            "middle": (length // 3, 2 * (length // 3) - 1),
            "late": (3 * quarter, length),
        }[which]
        return days.part(first, last)
    cut = length // 3
    first, last = {"early": (0, cut - 1), "middle": (cut, 2 * cut - 1), "late": (2 * cut, length)}[which]
    return days.part(first, last)


@rule
def edge(parse: Parse, index: int) -> Hit | None:
    """As in "Early August", "the end of last week", "mid-October", "earlier this month"."""
    at = parse.skip(index, ("the", "at", "in", "very", "a", "al"), 3)
    for which in ("early", "middle", "late"):
        hit = parse.cat(at, which) or parse.cat(index, which)
        if not hit:
            continue
        both = _two_edges(parse, which, hit[1])
        if both:
            return both
        bare = _of_unit(parse, which, parse.skip(hit[1], LINKS, 3))
        if bare:
            return bare
        whole = call("period", parse, parse.skip(hit[1], LINKS, 3)) or call("period", parse, hit[1])
        if not whole or whole[0].grain not in PERIODS or not whole[0].days:
            continue
        if parse.norm(at) == "earlier" and whole[0].days.holds(one(parse.today)):
            return Value("week", Days(whole[0].days.start, parse.today), vague=True), whole[1]
        part = partial(third, which=which)
        if which == "early" and whole[0].grain == "year" and parse.norm(at) in _BEGINNINGS:
            part = partial(_first_month)
        return placed(parse, mapped(whole[0], part, "week", vague=True), whole[1])
    return None


def _first_month(days: Days) -> Days:
    """The beginning of a year is narrower than "early 2025"."""
    return days.part(0, 30)


def _two_edges(parse: Parse, first: str, index: int) -> Hit | None:
    """As in "mid to late August"."""
    at = parse.skip(index, ("to", "-", "or", "and", "/", "the"), 2)
    for last in ("early", "middle", "late"):
        hit = parse.cat(at, last) if at > index else None
        whole = call("period", parse, parse.skip(hit[1], LINKS, 3)) if hit else None
        if whole and whole[0].grain in PERIODS and whole[0].days:
            part = partial(_thirds, first=first, last=last)
            return placed(parse, mapped(whole[0], part, "week", vague=True), whole[1])
    return None


def _thirds(days: Days, first: str, last: str) -> Days:
    return third(days, first).hull(third(days, last))


def _of_unit(parse: Parse, which: str, index: int) -> Hit | None:
    """As in "The end of the month": this one's if it has been, else the last one's."""
    unit = parse.cat(index, "unit")
    if not unit or unit[0] not in ("week", "month", "quarter", "year") or parse.cat(unit[1], "last_after"):
        return None
    if parse.norm(unit[1]) in ("of", "before", "de", "ago"):
        return None
    begins = (
        which == "early"
        and unit[0] == "year"
        and any(parse.norm(back) in _BEGINNINGS for back in range(max(0, index - 3), index))
    )
    days = third(unit_around(parse.today, unit[0]), which)
    if begins:
        return Value("week", _first_month(unit_around(parse.today, "year")), vague=True), unit[1]
    if (days.end if which != "early" else days.start) > parse.today:
        days = third(unit_around(unit_back(parse.today, unit[0], 1), unit[0]), which)
    return Value("week", days, vague=True), unit[1]
