"""Short answers read against the open question: "after that", "im in", "not yet".

The phrases live in data/answers.yml; this module only compares words. Pure: no Rasa, no clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).resolve().parents[1] / "data" / "answers.yml"
YES_OR_NO, AGREE, FILLERS, CHEERS = "yes_or_no", "agree", "fillers", "cheers"
_APOSTROPHES = re.compile(r"['’‘`´]")
_NOT_WORD = re.compile(r"[^\w]+|_+")


Table = Mapping[str, tuple[tuple[str, ...], ...]]


class AnswersError(Exception):
    """data/answers.yml cannot be used; the message names the key and what was expected."""


def to_words(text: str) -> tuple[str, ...]:
    """Lower-case words without accents, apostrophes or punctuation: "I'm in!" → ("im", "in")."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return tuple(word for word in _NOT_WORD.split(_APOSTROPHES.sub("", plain)) if word)


def find_phrase(words: tuple[str, ...], phrase: tuple[str, ...]) -> int | None:
    """Where the phrase's words stand side by side in `words`; None where they don't."""
    for start in range(len(words) - len(phrase) + 1):
        if words[start : start + len(phrase)] == phrase:
            return start
    return None


@dataclass(frozen=True)
class Answers:
    """slot → value → phrases, each phrase a tuple of words."""

    phrases: Mapping[str, Table]
    fillers: frozenset[str] = frozenset()
    cheers: frozenset[str] = frozenset()

    @classmethod
    def load(cls, path: Path = PATH) -> Answers:
        """Read the table; raises AnswersError when a phrase stands under two values of one slot."""
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            raise AnswersError(f"{path}: expected a map of slot names")
        fillers, cheers = (
            frozenset(word for entry in raw.pop(key, ()) for word in to_words(str(entry)))
            for key in (FILLERS, CHEERS)
        )
        return cls({slot: _to_table(path, slot, values) for slot, values in raw.items()}, fillers, cheers)

    def says_only(self, slot: str, value: str, text: str) -> bool:
        """Is the whole text this answer, cheers and fillers aside? "finally, I'm in!" and no more."""
        words = to_words(text)
        loose = self.fillers | self.cheers
        said = self._covered(words, [{value: self.phrases.get(slot, {}).get(value, ())}])
        return bool(said) and all(place in said or word in loose for place, word in enumerate(words))

    def value_for(self, slot: str, text: str, *, yes_or_no: bool = False, agree: bool = False) -> str | None:
        """The value that `text` gives to `slot`, or None.

        `yes_or_no`: a plain yes or no counts; `agree`: so does "ok, go ahead". Both only when nothing else is
        said: "ok, let me check" is no yes. The longest phrase wins; of two equally long ones with different
        values none does, because a guess is worse than one more question. An answer of many words is no
        short answer: beyond twelve words only the slot's own phrases of three or more words count.
        """
        words = to_words(text)
        own = self.phrases.get(slot, {})
        plain = [self.phrases.get(YES_OR_NO, {})] if yes_or_no or agree else []
        plain += [self.phrases.get(AGREE, {})] if agree else []
        tables = [own, *(plain if self._says_nothing_else(words, [own, *plain]) else [])]
        best: dict[str, int] = {}
        for table in tables:
            for value, phrases in table.items():
                longest = max((len(p) for p in phrases if find_phrase(words, p) is not None), default=0)
                best[value] = max(best.get(value, 0), longest)
        length = max(best.values(), default=0)
        winners = [value for value, size in best.items() if size == length]
        if not length or len(winners) != 1 or (len(words) > 12 and length < 3):
            return None
        return winners[0]

    def _says_nothing_else(self, words: tuple[str, ...], tables: Sequence[Table]) -> bool:
        """Is every word part of a phrase, or a filler?"""
        covered = self._covered(words, tables)
        return all(place in covered or word in self.fillers for place, word in enumerate(words))

    @staticmethod
    def _covered(words: tuple[str, ...], tables: Sequence[Table]) -> set[int]:
        """The places of words that stand in a phrase."""
        covered: set[int] = set()
        for table in tables:
            for phrase in (phrase for phrases in table.values() for phrase in phrases):
                for start in range(len(words) - len(phrase) + 1):
                    if words[start : start + len(phrase)] == phrase:
                        covered |= set(range(start, start + len(phrase)))
        return covered

    def choice_for(self, text: str, titles: Iterable[tuple[str, str]]) -> str | None:
        """The payload of the button whose title the person typed out, or None."""
        words = to_words(text)
        return next((payload for title, payload in titles if words and to_words(title) == words), None)


def _to_table(path: Path, slot: str, values: Any) -> dict[str, tuple[tuple[str, ...], ...]]:
    if not isinstance(values, dict):
        raise AnswersError(f"{path}: {slot}: expected a map of values to phrases")
    seen: dict[tuple[str, ...], str] = {}
    table = {}
    for value, phrases in values.items():
        if not isinstance(value, str) or not isinstance(phrases, list):
            raise AnswersError(f"{path}: {slot}.{value}: expected a quoted value with a list of phrases")
        table[value] = tuple(to_words(str(phrase)) for phrase in phrases)
        for phrase in table[value]:
            if not phrase or phrase in seen:
                raise AnswersError(f"{path}: {slot}.{value}: empty or repeated phrase {' '.join(phrase)!r}")
            seen[phrase] = value
    return table
