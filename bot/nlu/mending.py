"""A message with the words that facts are told in spelt right, and the way back to its own places.

"i finsihed the re-take" is read as "i finished the retake". Only the words of data/facts.yml are mended to,
one slip away (two in words of seven letters or more), from words that are none of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from bot.dates.typos import Corrector
from bot.nlu.names import FACTS

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


@dataclass(frozen=True)
class Mended:
    """`text` mended; `places`: for each of its characters the start and end of what it stands for."""

    text: str
    places: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original of a span that is not empty."""
        return self.places[start][0], self.places[end - 1][1]


@dataclass(frozen=True)
class MendingWords:
    """The `mending` part of data/facts.yml, compiled."""

    corrector: Corrector
    joined: re.Pattern[str]

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> MendingWords:
        worth = set(data["worth"].split())
        return cls(
            Corrector(worth, worth | set(data["words_of_their_own"].split())),
            re.compile(rf"\b(?:{'|'.join(data['written_apart'])})\b", re.IGNORECASE),
        )


@lru_cache(maxsize=1)
def mending_words() -> MendingWords:
    """The shipped words."""
    return MendingWords.from_data(yaml.safe_load(FACTS.read_text(encoding="utf-8"))["mending"])


def mended(text: str) -> Mended:
    """Lower-cased words mended; everything else as it stands."""
    words = mending_words()
    parts: list[str] = []
    places: list[tuple[int, int]] = []

    def take(part: str, start: int, end: int, whole: bool) -> None:
        parts.append(part)
        places.extend([(start, end)] * len(part) if whole else [(at, at + 1) for at in range(start, end)])

    at = 0
    for start, end, part in _replacements(text, words):
        take(text[at:start], at, start, whole=False)
        take(part, start, end, whole=True)
        at = end
    take(text[at:], at, len(text), whole=False)
    return Mended("".join(parts), tuple(places))


def _replacements(text: str, words: MendingWords) -> list[tuple[int, int, str]]:
    found = [
        (match.start(), match.end(), re.sub(r"[\s-]", "", match.group()))
        for match in words.joined.finditer(text)
    ]
    taken = [(start, end) for start, end, _ in found]
    for match in WORD.finditer(text):
        word = match.group().lower()
        right = words.corrector.correct(word) if word.isascii() else word
        if right != word and not any(start < match.end() and match.start() < end for start, end in taken):
            found.append((match.start(), match.end(), right))
    return sorted(found)
