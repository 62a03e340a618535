"""Whose account a message speaks of, how many people's, and the owner's name. Pure: no Rasa.

The patterns and the reasons for them are in data/whose.yml. Nothing is guessed: where the words leave open
whose account it is, the answer is `unclear`; what says nothing of another person's account is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.names import name_words

PATH = Path(__file__).resolve().parents[2] / "data" / "whose.yml"
OTHER, UNCLEAR, OWN = "other", "unclear", "own"
LONGEST = 600
"""Characters of a message that are looked at; what a message is about stands at its beginning."""

_EMAIL = r"<?[a-z0-9][a-z0-9._%+'\-]{0,60}@[a-z0-9.\-]{1,60}\.[a-z]{2,24}>?"
_LATER_NAME = r"[A-ZÀ-ÖØ-Þ][\w.\-]{0,25}(?:'[A-Z]\w{1,20})?"
_NAME = rf"(?-i:[A-ZÀ-ÖØ-Þ][a-zß-ÿ'\-](?:[\w\-]|'(?!s\b)){{0,24}}(?: {_LATER_NAME}){{0,2}})"
_WORD = re.compile(r"\{([a-z_]+)\}")
_LISTS = (
    "ignore",
    "strong",
    "by_name",
    "weak",
    "unclear",
    "self",
    "own",
    "writer",
    "owner",
    "people",
    "names",
)
_KEYS = frozenset({*_LISTS, "words", "numbers", "not_people"})


class WhoseError(Exception):
    """data/whose.yml cannot be used; the message names the key and what was expected."""


@dataclass(frozen=True)
class Whose:
    """`value`: other, unclear or own. `people`: how many, if a number is said. `name`: the owner's, in full.

    `start` and `end` are where the words stand that say whose it is.
    """

    value: str
    start: int
    end: int
    people: int | None = None
    name: str | None = None


Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class WhoseWords:
    """data/whose.yml, compiled: list → patterns."""

    patterns: Mapping[str, Patterns]
    numbers: Mapping[str, int]
    not_people: frozenset[str]

    @classmethod
    def from_data(cls, data: Any) -> WhoseWords:
        """Fill in the words in braces and compile; raises WhoseError."""
        if not isinstance(data, Mapping) or set(data) != _KEYS:
            raise WhoseError(f"{PATH.name}: expected exactly the keys {', '.join(sorted(_KEYS))}")
        words = {"email": _EMAIL, "name": _NAME}
        for name, pattern in data["words"].items():
            words[name] = _filled(pattern, words, f"words.{name}")
        patterns = {
            key: tuple(_compiled(one, words, f"{key}[{place}]") for place, one in enumerate(data[key]))
            for key in _LISTS
        }
        return cls(patterns, dict(data["numbers"]), frozenset(str(data["not_people"]).split()))


def _filled(pattern: Any, words: Mapping[str, str], key: str) -> str:
    if not isinstance(pattern, str):
        raise WhoseError(f"{PATH.name}: {key}: expected a regular expression in quotes")

    def word(match: re.Match[str]) -> str:
        if match[1] not in words:
            raise WhoseError(f"{PATH.name}: {key}: {match[0]} stands for no entry of words above it")
        return words[match[1]]

    return _WORD.sub(word, pattern)


def _compiled(pattern: Any, words: Mapping[str, str], key: str) -> re.Pattern[str]:
    try:
        return re.compile(_filled(pattern, words, key), re.IGNORECASE)
    except re.error as error:
        raise WhoseError(f"{PATH.name}: {key}: no regular expression: {error}") from error


@lru_cache(maxsize=1)
def whose_words(path: Path = PATH) -> WhoseWords:
    """The shipped patterns; raises WhoseError."""
    return WhoseWords.from_data(yaml.safe_load(path.read_text(encoding="utf-8")))


def spot_whose(text: str) -> Whose | None:
    """Whose account the message speaks of; None when it says nothing of another person's."""
    words = whose_words()
    plain = _plain(text)
    looked_at = _without_mentions(words, plain)
    value, found = _judged(words, looked_at)
    if (own := _first(words, "own", plain)) and not (found and value == OTHER):
        return Whose(OWN, *own.span())
    if found is None or (value == UNCLEAR and _is_writers(words, plain[: found.start()])):
        return None  # "my e-mail is jo@agency.org, forgot my password" is the writer's
    return Whose(value, *found.span(), _people(words, looked_at), _name(words, looked_at))


def speaks_of_self(text: str) -> bool:
    """Does the message state trouble with the writer's own account?"""
    words = whose_words()
    return _first(words, "self", _without_mentions(words, _plain(text))) is not None


def whose_detail(text: str, value: str) -> str | None:
    """Whose a name or address in the message is.

    OWN when it is introduced as the writer's ("my e-mail is …"), OTHER when as another person's ("her e-mail
    is …"), None when it is not said.
    """
    plain = _plain(text)
    start = plain.casefold().find(value.casefold())
    before = plain[max(0, start - 80) : start] if start >= 0 else ""
    words = whose_words()
    if any(pattern.search(before) for pattern in words.patterns["owner"]):
        return OTHER
    return OWN if _is_writers(words, before) else None


def _plain(text: str) -> str:
    """Same length as the text, so that places stay places."""
    return re.sub(r"\s", " ", text[:LONGEST].replace("’", "'").replace("`", "'").replace("´", "'"))


def _without_mentions(words: WhoseWords, plain: str) -> str:
    for pattern in words.patterns["ignore"]:
        plain = pattern.sub(lambda match: "·" * len(match.group()), plain)
    return plain


def _first(words: WhoseWords, key: str, text: str) -> re.Match[str] | None:
    return next((match for pattern in words.patterns[key] if (match := pattern.search(text))), None)


def _judged(words: WhoseWords, text: str) -> tuple[str, re.Match[str] | None]:
    of_self = _first(words, "self", text) is not None
    if found := _first(words, "strong", text):
        return (UNCLEAR if of_self else OTHER), found
    if found := next(_by_name(words, text), None):
        return (UNCLEAR if of_self or _first(words, "unclear", text) else OTHER), found
    if of_self:
        return OTHER, None
    if found := _first(words, "weak", text):
        return OTHER, found
    return UNCLEAR, _first(words, "unclear", text)


def _by_name(words: WhoseWords, text: str) -> Iterator[re.Match[str]]:
    for pattern in words.patterns["by_name"]:
        for match in pattern.finditer(text):
            if _person_in(words, match["who"]):
                yield match


def _person_in(words: WhoseWords, given: str) -> str | None:
    """'Hi Dana' → 'Dana', 'Account' → None: capitals at the start of a line make no name."""
    no_names = name_words().not_names | name_words().starters | words.not_people
    parts = given.split()
    while parts and parts[0].lower().strip(".'") in no_names:
        parts.pop(0)
    if not parts or any(part.lower().strip(".'") in no_names for part in parts):
        return None
    return " ".join(parts)


def _is_writers(words: WhoseWords, before: str) -> bool:
    return any(pattern.search(before) for pattern in words.patterns["writer"])


def _people(words: WhoseWords, text: str) -> int | None:
    found = _first(words, "people", text)
    if found is None:
        return None
    said = " ".join(found["number"].lower().split())
    return int(said) if said.isdecimal() else words.numbers.get(said)


def _name(words: WhoseWords, text: str) -> str | None:
    """The first full name that is not the writer's; a first name alone finds no account."""
    for pattern in words.patterns["names"]:
        for match in pattern.finditer(text):
            given = match.groupdict().get("who")
            name = _person_in(words, given) if given else None
            if name and " " in name and not _is_writers(words, text[: match.end("who") - len(name)]):
                return name
    return None
