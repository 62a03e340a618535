"""The tables of bot/dates/data as indexes: phrases by first word, correctable words, widths, cues."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.dates.tokens import tokenize
from bot.dates.typos import Corrector

DATA = Path(__file__).parent / "data"

Entry = tuple[tuple[str, ...], str, Any]


def load_table(name: str) -> dict[str, Any]:
    """One YAML table of this package, all values as strings ("no" and "on" are words here, not booleans).

    The C loader where the machine has it: the filter must start quickly.
    """
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    with (DATA / name).open(encoding="utf-8") as file:
        table: dict[str, Any] = yaml.load(file, Loader=loader)
    return table


def _value(key: str) -> int | str:
    return int(key) if key.lstrip("-").isdigit() else key


class Lexicon:
    """Which phrases of which category may begin with a word."""

    def __init__(self) -> None:
        self.by_first: dict[str, list[Entry]] = {}
        self.cues: dict[str, frozenset[str]] = {}
        grammar = load_table("lexicon.yml")
        self.opening = frozenset([*grammar, "holiday"]) - {"number", "half"}
        for category, rows in grammar.items():
            for value, phrases in rows.items():
                self._add(category, _value(value), phrases)
        for key, row in load_table("holidays.yml").items():
            self._add("holiday", key, row["names"])
        for category, row in load_table("cues.yml").items():
            if row.get("phrases"):
                self._add(category, 1, row["phrases"])
            self.cues[category] = frozenset(row.get("words", ()))
        for entries in self.by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))
        known = {word for entries in self.by_first.values() for entry in entries for word in entry[0]}
        self.corrector = Corrector(set(self.cues["worth_mending"]), known | self.cues["not_typos"])

    def _add(self, category: str, value: Any, phrases: list[str]) -> None:
        for phrase in phrases:
            words = tuple(token.norm for token in tokenize(phrase))
            self.by_first.setdefault(words[0], []).append((words, category, value))

    def is_month(self, word: str) -> bool:
        """Whether the word alone names a month."""
        return any(words == (word,) and name == "month" for words, name, _ in self.by_first.get(word, ()))

    def phrases_at(self, norms: Sequence[str], index: int) -> dict[str, tuple[Any, int]]:
        """Longest phrase per category that begins at this word: category → (value, index behind it)."""
        found: dict[str, tuple[Any, int]] = {}
        follows = norms[index + 1] if index + 1 < len(norms) else ""
        for words, category, value in self.by_first.get(norms[index], ()):
            size = len(words)
            if category in found or (size > 1 and words[1] != follows):
                continue
            if size < 3 or tuple(norms[index : index + size]) == words:
                found[category] = (value, index + size)
        return found


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    return Lexicon()
