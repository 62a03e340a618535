"""Whether "never" tells of the whole history, or of something else ("never mind", "never had such a day")."""

from __future__ import annotations

from bot.dates.clauses import attempts, bounds, deeds, has
from bot.dates.parse import Parse

Place = tuple[int, int]
_NEAR = 7  # tokens between "never" and the login that it denies


def whole_history(parse: Parse) -> tuple[Place, bool] | None:
    """The first "never" of the whole history, and whether its own words speak of a login."""
    for index, found in enumerate(parse.phrases):
        if hit := found.get("never_used"):
            return (index, hit[1]), True
        hit = found.get("never")
        if not hit or any("never_else" in each for each in parse.phrases[hit[1] : hit[1] + 1]):
            continue
        if _of_login(parse, index, hit[1]):
            return (index, hit[1]), True
        if _alone(parse, index, hit[1]):
            return (index, hit[1]), False
    return None


def _of_login(parse: Parse, first: int, after: int) -> bool:
    """As in "never (been able to) log in", but not "… on weekends"; also "logged in never"."""
    start, end = bounds(parse, first, after)
    between = parse.cues["never_between"]
    for index in range(after, min(end, after + _NEAR)):
        hit = parse.cat(index, "login", "never_of")
        if hit and "absent" not in parse.phrases[index]:
            return not has(parse, "never_narrowed", hit[1], end)
        if parse.norm(index) not in between:
            return False
    told = [deed for deed in deeds(parse, start, first) if deed not in attempts(parse, start, first)]
    return bool(told) and after >= end


def _alone(parse: Parse, first: int, after: int) -> bool:
    """Nothing but small talk in its clause."""
    start, end = bounds(parse, first, after)
    small = parse.cues["never_small"]
    return all(
        parse.norm(index) in small or parse.kind(index) != "word"
        for index in (*range(start, first), *range(after, end))
    )
