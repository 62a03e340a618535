"""A leave, illness or vacation: its days tell when nobody logged in, not when somebody did."""

from __future__ import annotations

from bot.dates import widths
from bot.dates.clauses import attempts, bounds, deeds, has
from bot.dates.days import Days, one, shift
from bot.dates.parse import Parse, Value

_LEANS = {"since", "before", "right_before", "right_after", "less", "more", "at_least", "almost"}
_OTHER_SENSE = {"sick": ("of",), "off": ("the", "and"), "out": ("of", "how", "what", "that")}
_RANGE_LINKS = {"to", "-", "through", "thru", "until", "till", "til", "a", "al", "hasta", "and", "y"}


def away_days(parse: Parse, value: Value, days: Days, first: int, after: int) -> Days | None:
    """The days on which the last login may lie when the phrase dates an absence, else None.

    Around its start, or after it: people come back. Words such as "haven't logged in since" settle it.
    """
    span = _is_range(parse, value, days, first, after)
    leans = set(value.mods) - ({"since"} if span else set())
    if days.start > parse.today or leans & _LEANS:
        return None
    start, end = bounds(parse, first, after)
    if not span and first - start <= 2 and parse.norm(start - 1) in (",", "and", "y"):
        start = bounds(parse, start - 1, start - 1)[0]  # "on leave, october", "out august and september"
    back = has(parse, "coming_back", start, first)
    if not _speaks_of_absence(parse, start, end, anywhere=span or back, span=span):
        return None
    if not span and not back and _begins(parse, start, first):
        return None
    if value.kind in ("distance", "bare") and any(
        parse.norm(index) in ("been", "hace", "llevo") for index in range(start, first)
    ):
        return None
    if back and not span and names_that_day(parse, start):
        return None
    if back and not span:
        return None if _logged_in(parse) else _open(parse, one(parse.today))
    if "until" in value.mods:
        return _open(parse, one(parse.today))
    near = shift(days.start, -widths.number("away", "days"))
    begun = days.start if value.grain == "day" and value.kind == "named" else shift(days.start, 30)
    begun = min(begun, days.end)
    if _before_it(parse):
        return _open(parse, one(begun))
    if _not_since(parse):
        return Days(near, begun)
    return Days(near, parse.today)


def names_that_day(parse: Parse, start: int) -> bool:
    """As in "when I got back in June", "the day I came back, 11/16": then, not some time after."""
    at = parse.skip(start, ("it", "was", "like", "i", "think", "maybe", "probably", "on"), 4)
    return parse.norm(at) in ("when", "cuando") or (
        parse.norm(at) == "the" and parse.norm(at + 1) in ("day", "week")
    )


def _logged_in(parse: Parse) -> bool:
    """Whether the message tells of a login anywhere."""
    key = ("logged in",)
    if key not in parse.memory:
        count = len(parse.tokens)
        parse.memory[key] = set(deeds(parse, 0, count)) - set(attempts(parse, 0, count))
    return bool(parse.memory[key])


def _open(parse: Parse, end: Days) -> Days:
    return widths.open_start(one(parse.today), end)


def _is_range(parse: Parse, value: Value, days: Days, first: int, after: int) -> bool:
    """From A to B."""
    return (
        value.kind == "named"
        and days.length() > 1
        and any(parse.norm(index) in _RANGE_LINKS for index in range(first + 1, after - 1))
    )


def _speaks_of_absence(parse: Parse, start: int, end: int, *, anywhere: bool, span: bool) -> bool:
    """An absence in the clause or anywhere, or a range of days without a login."""
    told = deeds(parse, start, end)
    if told:
        denied = any(
            parse.norm(index) in ("didnt", "havent", "hasnt", "not", "never", "no", "wasnt", "couldnt")
            for index in range(max(start, told[0] - 4), told[0] + 1)
        )
        return span and denied
    if anywhere:
        return _absent(parse, 0, len(parse.tokens))
    return _absent(parse, start, end)


def absent_since(parse: Parse, value: Value, start: int, end: int) -> bool:
    """As in "on leave since April": the absence is told to say when the person was last there."""
    return "since" in value.mods and any(
        (_is_leave(parse, index) or _is_away(parse, index, end)) and not _of_another(parse, index)
        for index in range(start, end)
    )


def _absent(parse: Parse, start: int, end: int) -> bool:
    return any(
        start <= index < end and _is_away(parse, index, end) and not _of_another(parse, index)
        for index, _ in parse.places.get("away", ())
    ) or any(_is_leave(parse, index) for index in range(start, end))


def _is_away(parse: Parse, index: int, end: int) -> bool:
    hit = parse.phrases[index].get("away")
    if not hit or hit[1] > end or parse.norm(index - 1) in parse.cues["not_away"]:
        return False
    behind = _OTHER_SENSE.get(parse.norm(index), ()) if hit[1] == index + 1 else ()
    return parse.norm(index + 1) not in behind


def _of_another(parse: Parse, index: int) -> bool:
    """As in "my boss was out", "she is on leave"."""
    at = index - 1
    while parse.norm(at) in ("was", "is", "were", "out", "on", "off", "both", "also", "had", "has", "gone"):
        at -= 1
    if at == index - 1:
        return False
    return parse.norm(at) in ("she", "he") or parse.norm(at - 1) in ("my", "our", "her", "his", "their")


def _is_leave(parse: Parse, index: int) -> bool:
    """The noun: "leave march to september", "FMLA leave", not "I leave", "to leave"."""
    return parse.norm(index) == "leave" and parse.norm(index - 1) not in (
        "i", "we", "to", "will", "ill", "please", "dont", "they", "can",
    )  # fmt: skip


def _begins(parse: Parse, start: int, first: int) -> bool:
    return has(parse, "going_away", start, first) or parse.norm(start - 1) == "before"


def _before_it(parse: Parse) -> bool:
    return has(parse, "before_that", 0, len(parse.tokens))


def _not_since(parse: Parse) -> bool:
    """As in "just got back", "haven't logged in since"."""
    count = len(parse.tokens)
    if has(parse, "just_back", 0, count):
        return True
    for index in range(count):
        behind = parse.skip(index + 1, ("then", "that", "lol", "sorry", "either", "at", "all"), 3)
        if parse.norm(index) not in ("since", "desde") or (
            behind < count and parse.kind(behind) == "word" and parse.norm(behind) not in parse.cues["breaks"]
        ):
            continue
        before = {parse.norm(back) for back in range(max(0, index - 7), index)}
        if before & {"havent", "hasnt", "not", "never", "didnt", "no", "nothing", "nope"}:
            return True
    return False
