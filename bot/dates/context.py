"""Is this word the date word, or another one: "may I", "march over", "my name is April", "ticket 2024"."""

from __future__ import annotations

from bot.dates.parse import Parse

_MAY_FOLLOW = (
    "of",
    "sometime",
    "lol",
    "ish",
    "at",
    "last",
    "for",
    "def",
    "tbh",
    "i",
    "we",
    "when",
    "if",
    "was",
    "idk",
    "around",
    "this",
)


NAMED_LIKE_PEOPLE = ("april", "june", "may", "august", "summer", "jan")


def word_is_meant(parse: Parse, index: int, after: int) -> bool:
    """Whether a month, weekday or season stands there as such. Shy words must be supported or alone."""
    if _is_name(parse, index, after):
        return False
    if parse.norm(index - 1) in ("every", "each", "most"):
        return False
    if "weekday" in parse.phrases[index] and parse.norm(index - 2) in ("a", "an", "such"):
        return parse.norm(index - 1) in ("on", "last", "this", "like")  # "such an awful monday" tells no day
    if after - index > 1 or parse.norm(index) not in parse.cues["shy"]:
        return True
    if _opens_a_range(parse, after):
        return True
    if parse.norm(index - 1) == "the" and parse.norm(index - 2) in parse.cues["supports"]:
        return True
    if parse.norm(index - 1) in parse.cues["supports"]:
        return True
    return _alone_before(parse, index) and _alone_after(parse, after)


def month_is_meant(parse: Parse, index: int, after: int) -> bool:
    """The same for months, with "may" as an auxiliary on top."""
    if parse.norm(index) == "may":
        before, behind = parse.norm(index - 1), parse.norm(after)
        modal = behind in parse.cues["modal_after"] and before not in (
            "in",
            "since",
            "of",
            "early",
            "late",
            "mid",
        )
        if behind == "i" and parse.norm(after + 1) in ("think", "believe", "guess"):
            modal = False
        if behind == "or" and _is_other_month(parse, after + 1):
            modal = False
        beside = before == "or" and _is_other_month(parse, index - 2)  # "june or may"
        if modal or (before in parse.cues["modal_before"] and not beside):
            return False
    return word_is_meant(parse, index, after)


def _is_other_month(parse: Parse, index: int) -> bool:
    """As in "may or june", not the second word of "may or may not"."""
    return parse.cat(index, "month") is not None and parse.norm(index) != "may"


def _opens_a_range(parse: Parse, after: int) -> bool:
    """As in "leave march to september"."""
    joiner = parse.cat(after, "joiner")
    return joiner is not None and joiner[1] < len(parse.tokens) and "month" in parse.phrases[joiner[1]]


def _alone_before(parse: Parse, index: int) -> bool:
    """Nothing in front, or an end of sentence, or small talk."""
    return (
        index == 0
        or parse.kind(index - 1) in ("sign", "number", "ordinal", "clock")
        or bool(
            set(parse.phrases[index - 1])
            & {"hedge", "approx", "last", "this", "early", "middle", "late", "since", "part_of_day"}
        )
    )


def _alone_after(parse: Parse, after: int) -> bool:
    if after >= len(parse.tokens) or parse.kind(after) != "word":
        return True
    return bool(
        set(parse.phrases[after])
        & {"hedge", "approx", "part_of_day", "alternative", "weekday", "last_after", "joiner"}
    ) or (parse.norm(after) in parse.cues["breaks"] or parse.norm(after) in _MAY_FOLLOW)


def _is_name(parse: Parse, index: int, after: int) -> bool:
    """A person called April, May or June."""
    for start in (index - 2, index - 1):
        if start >= 0 and (hit := parse.phrases[start].get("names_before")) and hit[1] == index:
            return True
    if parse.norm(index) in parse.cues["shy"] and _begins_a_name(parse, index, after):
        return True
    if parse.norm(index) in NAMED_LIKE_PEOPLE and _is_all_of_a_name(parse, index, after):
        return True
    if parse.norm(index) in NAMED_LIKE_PEOPLE and _has_a_role(parse, after):
        return True
    if index > 0 and parse.norm(index) in NAMED_LIKE_PEOPLE:
        if parse.norm(after) in parse.cues["names_after"]:
            return True
        return _begins_a_name(parse, index, after) and parse.norm(index - 1) not in parse.cues["supports"]
    return False


def _is_all_of_a_name(parse: Parse, index: int, after: int) -> bool:
    """As in "June Carter" and nothing else."""
    if index > 0 or not after < len(parse.tokens) <= after + 2:
        return False
    rest = parse.tokens[after:]
    known = [set(found) - {"names_before"} for found in parse.phrases[after:]]
    return (
        parse.tokens[index].capital
        and all(token.kind == "word" and token.capital for token in rest)
        and all(len(token.norm) > 1 and not found for token, found in zip(rest, known, strict=True))
    )


def _has_a_role(parse: Parse, after: int) -> bool:
    """As in "April is my supervisor"."""
    if parse.norm(after) not in ("is", "was", "es", "era"):
        return False
    at = parse.skip(after + 1, ("my", "our", "the", "a", "mi", "la", "old", "new"), 2)
    return at > after + 1 and "names_before" in (parse.phrases[at] if at < len(parse.tokens) else ())


def _begins_a_name(parse: Parse, index: int, after: int) -> bool:
    """Capitals in a text that is not all capitals: "Sun Valley", "April Summers"."""
    if after >= len(parse.tokens):
        return False
    follows = parse.tokens[after]
    if (
        follows.kind != "word"
        or not follows.capital
        or not parse.tokens[index].capital
        or follows.norm == "i"
    ):
        return False
    dated = set(parse.phrases[after]) - {"names_before"}
    return not dated and not all(token.capital for token in parse.tokens if token.kind == "word")


def number_is_a_name(parse: Parse, index: int) -> bool:
    """A digit group behind "ticket", "pin", "#" …, up to two small words back."""
    for back in (1, 2, 3):
        norm = parse.norm(index - back)
        if norm == "no" and back == 1 and parse.kind(index - 2) in ("group", "number", "ordinal"):
            return False  # "8/14 no 9/14"
        if norm in parse.cues["not_a_number"]:
            return True
        if norm not in ("is", "was", ":", "#", "the", "no", "number", "my", "=", "."):
            return False
    return False
