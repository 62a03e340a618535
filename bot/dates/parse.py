"""The parser's ground: tokens with the phrases that begin at each, memory of what was tried, a step count.

Every rule is tried at most once per token, so the work grows with the length of the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from typing import Any

from bot.dates.days import Days
from bot.dates.dictated import dictated
from bot.dates.lexicon import Lexicon, lexicon
from bot.dates.tokens import Token, tokenize

MAX_DEPTH = 14
"""How deep phrases may nest ("the end of the first week of last month" is 3)."""

MAX_STEPS = 2500
"""How many rules may be tried in one text. The longest stories of data/nlu and tests/nlu need 700, and
1,000 characters full of dates 2,600: their last ones are not read then."""

_NUMERIC = frozenset(("number", "half"))
_REACH = 8  # tokens from a number to the word that makes a time of it


@dataclass(frozen=True)
class Value:
    """What a phrase means so far.

    kind: named (a day or period), distance ("3 weeks ago"), bare ("3 weeks"), number ("the 30th").
    `yearly` gives the days in a year, for phrases without one; `days` is set once the year is known.
    """

    grain: str
    days: Days | None = None
    yearly: Callable[[int], Days | None] | None = None
    kind: str = "named"
    vague: bool = False
    mods: tuple[str, ...] = field(default=())
    precise: bool = False
    holiday: bool = False
    free: bool = False  # the year was our choice, not the speaker's
    settled: bool = False  # vagueness has been applied already


Hit = tuple[Value, int]


class Parse:
    """One text with its today. `now` is local; with its `zone`, hours are counted across daylight saving."""

    def __init__(self, text: str, now: datetime, zone: tzinfo | None = None) -> None:
        self.now = now
        self.zone = zone
        self.today: date = now.date()
        self.steps = 0
        self.depth = 0
        self.memory: dict[tuple[Any, ...], Any] = {}
        lex = lexicon()
        tokens = tokenize(text)
        mended = [replace(each, norm=_mended(each, lex)) for each in tokens]
        self.tokens: list[Token] = dictated(mended, lex.is_month)
        norms = [token.norm for token in self.tokens]
        self.phrases = [lex.phrases_at(norms, index) for index in range(len(norms))]
        self.places = self._places()
        self.cues = lex.cues
        self.starts = self._starts(lex.opening)

    def _places(self) -> dict[str, list[tuple[int, int]]]:
        """Where the phrases of each category stand: (first token, index behind it), from left to right."""
        places: dict[str, list[tuple[int, int]]] = {}
        for index, found in enumerate(self.phrases):
            for category, hit in found.items():
                places.setdefault(category, []).append((index, hit[1]))
        return places

    def _starts(self, opening: frozenset[str]) -> list[bool]:
        """At which tokens a phrase may begin: spares the rules for all others."""
        strong_words, openers = self.cues["near_numbers"], self.cues["may_open"]
        starts = [False] * (len(self.tokens) + 1)
        strong = year = len(self.tokens) + 2 * _REACH
        for index in range(len(self.tokens) - 1, -1, -1):
            token, found = self.tokens[index], self.phrases[index].keys()
            if found & strong_words:
                strong = index
            if token.kind == "number" and len(token.norm) in (4, 8):
                year = index
            if (
                found & _NUMERIC
                and token.norm in ("nineteen", "twenty", "two")
                and "number" in self._beside(index + 1)
            ):
                strong = min(strong, index + 2)
            numeric = token.kind == "number" or (bool(found & _NUMERIC) and not found & strong_words)
            if token.kind == "group":
                starts[index] = True
            elif numeric:
                signed = index + 2 < len(self.tokens) and self.tokens[index + 1].norm in ("/", "-")
                starts[index] = signed or strong - index <= _REACH or year - index <= 3
            elif token.kind == "ordinal" or found & opening:
                starts[index] = True
            else:
                starts[index] = token.norm in openers and starts[index + 1]
        return starts

    def _beside(self, index: int) -> dict[str, tuple[Any, int]]:
        return self.phrases[index] if index < len(self.phrases) else {}

    def cat(self, index: int, *names: str) -> tuple[Any, int] | None:
        """The longest phrase of one of the categories that begins here: (value, index behind it)."""
        here = self.phrases[index] if 0 <= index < len(self.phrases) else None
        if not here:
            return None
        best: tuple[Any, int] | None = None
        for name in names:
            hit = here.get(name)
            if hit is not None and (best is None or hit[1] > best[1]):
                best = hit
        return best

    def norm(self, index: int) -> str:
        return self.tokens[index].norm if 0 <= index < len(self.tokens) else ""

    def kind(self, index: int) -> str:
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else ""

    def skip(self, index: int, words: frozenset[str] | tuple[str, ...], most: int = 4) -> int:
        """The index behind up to `most` of these words."""
        for _ in range(most):
            if self.norm(index) not in words or not self.norm(index):
                break
            index += 1
        return index


def _mended(token: Token, lex: Lexicon) -> str:
    """The word as the tables have it: spelt right, and without the 's of "Monday's"."""
    if token.kind != "word":
        return token.norm
    if token.owner and any(
        entry[1] in ("weekday", "month", "season") for entry in lex.by_first.get(token.norm[:-1], ())
    ):
        return token.norm[:-1]
    return lex.corrector.correct(token.norm)


Rule = Callable[[Parse, int], "Hit | None"]


def rule(function: Rule) -> Rule:
    """Remember a rule's outcome per token; a rule met inside itself at the same token has none."""

    def once(parse: Parse, index: int) -> Hit | None:
        if not 0 <= index < len(parse.tokens) or parse.depth >= MAX_DEPTH:
            return None
        key = (function, index)
        if key not in parse.memory:
            parse.memory[key] = None
            if parse.steps >= MAX_STEPS:
                return None
            parse.steps += 1
            parse.depth += 1
            try:
                parse.memory[key] = function(parse, index)
            finally:
                parse.depth -= 1
        found: Hit | None = parse.memory[key]
        return found

    once.__name__ = function.__name__
    return once


def longest(parse: Parse, index: int, *rules: Rule) -> Hit | None:
    """The outcome that reaches furthest; the earlier rule where two reach as far."""
    best: Hit | None = None
    for each in rules:
        hit = each(parse, index)
        if hit and (best is None or hit[1] > best[1]):
            best = hit
    return best


RULES: dict[str, Rule] = {}
"""Rules that others need before they can be imported; grammar.py fills it."""


def call(name: str, parse: Parse, index: int) -> Hit | None:
    return RULES[name](parse, index)
