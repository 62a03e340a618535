"""Clauses of a message, and the logins and mere attempts that they speak of."""

from __future__ import annotations

from bot.dates.parse import Parse

_REACH = 6  # tokens between "can't" and "log in"


def bounds(parse: Parse, first: int, after: int) -> tuple[int, int]:
    """The tokens of the clause around a phrase."""
    start, end = first, after
    while start > 0 and not breaks(parse, start - 1):
        start -= 1
    while end < len(parse.tokens) and not breaks(parse, end):
        end += 1
    return start, end


def breaks(parse: Parse, index: int) -> bool:
    """Whether a clause ends at this token."""
    token = parse.tokens[index]
    if token.kind == "sign":
        return token.norm in ".,;!?…"
    return token.norm in parse.cues["breaks"]


def has(parse: Parse, category: str, start: int, end: int) -> bool:
    """Whether such a phrase lies between two tokens."""
    return any(start <= first and after <= end for first, after in parse.places.get(category, ()))


def deeds(parse: Parse, start: int, end: int) -> list[int]:
    """Where the words speak of logging in: not "been out", nor the "been on" of "been on leave"."""
    found = []
    for index, after in parse.places.get("login", ()):
        if index < start or after > end or "absent" in parse.phrases[index]:
            continue
        if not any(has(parse, "away", index + 1, min(behind, end)) for behind in range(after + 1, after + 4)):
            found.append(index)
    return found


def attempts(parse: Parse, start: int, end: int) -> list[int]:
    """Those of them that did not happen, or not yet: "can't log in", "need to get in"."""
    return [index for index in deeds(parse, start, end) if _governed(parse, start, index)]


def _governed(parse: Parse, start: int, deed: int) -> bool:
    for index in range(deed - 1, max(start, deed - _REACH) - 1, -1):
        hit = parse.cat(index, "failing", "wishing")
        if hit and hit[1] <= deed:
            return True
        if parse.norm(index) not in parse.cues["never_between"]:
            # the second word of "not able", "have to"
            inside = any(
                (back := parse.cat(before, "failing", "wishing")) and index < back[1] <= deed
                for before in range(max(start, index - 2), index)
            )
            if not inside:
                return False
    return False
