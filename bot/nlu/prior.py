"""The employer before the present one, and the address used there, where a message names them (How-To row 5).

"I left Hope House for PATH" names Hope House; "my old agency" names nobody. A name is up to six words with a
capital among them, or, where nothing in the message has capitals, up to four words that are no ordinary ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from bot.nlu.names import FACTS

WORD = re.compile(r"[^\W_](?:[^\W_]|[’'&.-](?=[^\W_]))*|&")
SPACE = re.compile(r" +")
ABBREVIATED = re.compile(r"\.? +")
ABBREVIATIONS = frozenset({"st", "sta", "ste", "mt", "ft", "dr"})
FOR_SOMEBODY = frozenset({"center", "centre", "association", "foundation", "coalition", "network", "home"})
NOT_THE_WRITER = re.compile(
    r"\b(?:clients?|guests?|residents?|participants?|famil(?:y|ies)|who|tenants?) $", re.IGNORECASE
)
BESIDE = 3
MOST_WORDS = 6
MOST_PLAIN_WORDS = 4


@dataclass(frozen=True)
class PriorWords:
    """The `prior` part of data/facts.yml, compiled."""

    employer: re.Pattern[str]
    employer_as_a_name: re.Pattern[str]
    to_ends: re.Pattern[str]
    address_before: re.Pattern[str]
    address_behind: re.Pattern[str]
    no_address: re.Pattern[str]
    ends: frozenset[str]
    no_names: frozenset[str]
    inside: frozenset[str]

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> PriorWords:
        def either(patterns: list[str], end: str = "") -> re.Pattern[str]:
            return re.compile(rf"(?:{'|'.join(patterns)}){end}", re.IGNORECASE)

        return cls(
            either(data["employer_follows"], r"[\s:]*"),
            either(data["employer_follows_as_a_name"], r"[\s:]*"),
            re.compile(data["to_ends_a_name"], re.IGNORECASE),
            either(data["address_follows"], r"[\s:=\-]*$"),
            either(data["address_stands_before"]),
            either(data["address_is_new"]),
            frozenset(data["name_ends"].split()),
            frozenset(data["no_names"].split()),
            frozenset(data["inside_names"].split()),
        )


@lru_cache(maxsize=1)
def prior_words() -> PriorWords:
    """The shipped words."""
    return PriorWords.from_data(yaml.safe_load(FACTS.read_text(encoding="utf-8"))["prior"])


def spot_prior_employer(text: str) -> tuple[str, int, int] | None:
    """The name of the prior employer with its start and end, or None."""
    words = prior_words()
    for pattern, needs_capital in ((words.employer, False), (words.employer_as_a_name, True)):
        for found in pattern.finditer(text):
            if NOT_THE_WRITER.search(text, 0, found.start()):
                continue
            goes_on = not words.to_ends.search(found.group())
            name = _name_at(text, found.end(), words, to_goes_on=goes_on)
            if name and (not needs_capital or _has_capitals(text)):
                return name
    return None


def is_of_prior_employer(text: str, start: int, end: int) -> bool:
    """Whether the address at that span is said to be the old one."""
    words = prior_words()
    employer = spot_prior_employer(text)
    if employer and 0 <= start - employer[2] <= BESIDE:  # "I was at Hope House (tara@hope.org)"
        return True
    clause = re.split(r"[;!?\n]|\. |, and | and (?:my|the) ", text[:start])[-1]
    if "@" not in clause:
        clause = clause.rstrip(
            " ,"
        )  # "my old e-mail, jane@x.org"; not "tara@x.org at the old one, tara@y.org"
    behind = re.split(r"[;!?\n]|[.,] | and ", text[end:], maxsplit=1)[0]
    if words.no_address.search(clause[-40:]):
        return False
    return bool(words.address_before.search(clause) or words.address_behind.match(behind))


def _name_at(text: str, start: int, words: PriorWords, *, to_goes_on: bool) -> tuple[str, int, int] | None:
    taken: list[re.Match[str]] = []
    place = start
    while len(taken) < MOST_WORDS and (part := WORD.match(text, place)):
        if _ends_it(text, part, taken, words, to_goes_on):
            break
        taken.append(part)
        gap = (ABBREVIATED if part.group().lower() in ABBREVIATIONS else SPACE).match(text, part.end())
        if gap is None:
            break
        place = gap.end()
    while taken and taken[-1].group().lower() in words.inside:
        taken.pop()
    named = [part.group() for part in taken]
    if not named or not _is_a_name(text, named, words):
        return None
    first, last = taken[0].start(), taken[-1].end()
    return text[first:last], first, last


def _ends_it(
    text: str, part: re.Match[str], taken: list[re.Match[str]], words: PriorWords, to_goes_on: bool
) -> bool:
    """Whether the name is over before this word; a capital, or "to" before one, goes on.

    "Center for Women and Families" is one name, "Hope House for PATH" is two.
    """
    plain = part.group().lower()
    if plain not in words.ends:
        return False
    begun = [one.group().lower() for one in taken]
    follows = WORD.match(text, part.end() + 1)
    if begun and follows and follows.group()[0].isupper() and follows.group() != "I":
        if plain == "to" and to_goes_on:
            return False
        if (plain == "for" and begun[-1] in FOR_SOMEBODY) or (plain == "and" and "for" in begun):
            return False
    return not (begun and part.group()[0].isupper() and plain not in ("i", "now"))


def _is_a_name(text: str, named: list[str], words: PriorWords) -> bool:
    """Something in it is a name: not "the city", "a shelter downtown", "another nonprofit"."""
    own = [word for word in named if word.lower() not in words.no_names | words.inside]
    if not own or "@" in " ".join(named):
        return False
    if _has_capitals(text):
        return any(word[0].isupper() for word in named if word.lower() not in ("i", "the", "a", "an"))
    return len(named) <= MOST_PLAIN_WORDS and named[0].lower() not in (
        "a",
        "an",
        "another",
        "some",
        "my",
        "our",
    )


def _has_capitals(text: str) -> bool:
    """Whether capitals mean something in it."""
    return text != text.lower() and text != text.upper()
