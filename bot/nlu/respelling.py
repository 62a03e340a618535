"""Misspelt words as the training lines spell them: "my requets i sumbited" → "my request i submitted".

The sentence vector of a misspelt word is that of its pieces, which mean something else. Only words that
neither the training lines nor the encoder know are respelt, and only in lines of some words, where the others
bear a wrong guess. What is kept, shown or extracted stays as typed; only the intent is read this way. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from bot.dates.typos import SHORTEST, Corrector, squeeze
from bot.nlu.intent_model import Surface
from bot.nlu.ngrams import WORD, normalise

TOKEN = re.compile(r"(?<!\S)\W*(?P<word>[^\W\d_]{4,})[^\w@]*(?!\S)")
FEWEST_WORDS = 3
SEEN_OFTEN = 5
"""Training lines that a word must stand in before others are respelt to it."""


class Respelling:
    """`targets`: words to respell to; `is_word`: whether a word (lower case) is one already. Thread-safe."""

    def __init__(self, targets: Collection[str], is_word: Callable[[str], bool]) -> None:
        self._is_word = is_word
        self._corrector = Corrector(set(targets), set())
        self._squeezed = {squeeze(word): word for word in sorted(targets) if len(word) >= SHORTEST}

    def __call__(self, text: str) -> str:
        """The text with its misspelt words in lower case and respelt, all else as it stands."""
        if len(text.split()) < FEWEST_WORDS:
            return text
        return TOKEN.sub(self._respelt, text)

    def knows_a_word(self, text: str) -> bool:
        """Whether any word of it is one; true where there is no word at all."""
        words = [word for word in WORD.findall(normalise(text)) if word.isalpha()]
        return not words or any(map(self._is_word, words))

    def _respelt(self, match: re.Match[str]) -> str:
        word = match["word"].lower()
        if not word.isascii() or self._is_word(word):
            return match.group()
        right = self._squeezed.get(squeeze(word)) or self._corrector.correct(word)
        return match.group().replace(match["word"], right) if right != word else match.group()


def respelling(surface: Surface, encoder_knows: Callable[[str], bool]) -> Respelling:
    """To the common words of the training lines that the encoder knows whole."""
    return Respelling(
        [word for word in surface.words(SEEN_OFTEN) if encoder_knows(word)],
        lambda word: surface.knows(f"w:{word}") or encoder_knows(word),
    )
