"""2,000 texts that nobody means well with, always the same: for the bounds of the date grammar.

Each has at most 500 characters. The kinds: digits, groups of digits, phrases nested in phrases, date words in
any order, misspelt words, very long words, emoji, right-to-left text, null bytes and other control
characters, combining marks, signs, numbers of other scripts, and mixtures of all of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import cycle, islice

from bot.dates.lexicon import lexicon

COUNT = 2000
LONGEST = 500
SEED = 20261123

_SEPARATORS = (" ", "", ", ", "-", "/", ".", "\n", "\t", " or ", " and ", " of ")
_NESTING = (
    "the end of ",
    "the first week of ",
    "2 days before ",
    "the day after ",
    "not since ",
    "about ",
    "before ",
    "between ",
    "a week and a half after ",
    "the last friday of ",
    "from may to ",
    "last ",
    "early ",
    "over ",
    "more than ",
    "never ",
    "no earlier than ",
    "hace ",
    "a finales de ",
    "the monday before ",
    "i was on leave ",
)
_EMOJI = "😀🏠👩‍👩‍👧‍👦🇺🇸❤️‍🔥📅🕐⏰½⅓²"
_RIGHT_TO_LEFT = "\u202e\u202dمرحبا אתמול שלום ١٢٣ ۴۵"
_CONTROLS = "\0\x01\x1b\x7f\u200b\u200d\u2028\ufeff"
_MARKS = "\u0300\u0301\u0323\u0336\u20dd\u0489"
_SIGNS = ".,;:!?'\"-–—/\\()[]{}<>@#$%^&*+=~`|_…"
_FOREIGN = "٣３²๓۵零一二三十百千"


def hostile_texts() -> list[str]:
    """The texts, in an order that never changes."""
    chance = random.Random(SEED)
    words = sorted({word for rows in lexicon().by_first.values() for row in rows for word in row[0]})
    kinds = _kinds(chance, words)
    return [kind()[: chance.choice((40, 120, LONGEST, LONGEST))] for kind in islice(cycle(kinds), COUNT)]


def _kinds(chance: random.Random, words: list[str]) -> list[Callable[[], str]]:
    def letters(alphabet: str) -> str:
        return "".join(chance.choice(alphabet) for _ in range(LONGEST))

    def digits() -> str:
        return letters("0123456789")

    def groups() -> str:
        return letters("0123456789" + chance.choice("/-.: ") * 4)

    def nested() -> str:
        inside = "".join(chance.choice(_NESTING) for _ in range(chance.randint(2, 60)))
        return inside + chance.choice(words)

    def repeated() -> str:
        return (chance.choice(_NESTING) + chance.choice(("", chance.choice(words) + " "))) * LONGEST

    def shuffled() -> str:
        separator = chance.choice(_SEPARATORS)
        return separator.join(chance.choice((*words, "10/12", "5th", "2024", "3")) for _ in range(120))

    def misspelt() -> str:
        return " ".join(_slip(chance, chance.choice(words)) for _ in range(90))

    def long_word() -> str:
        return chance.choice(words) * LONGEST if chance.random() < 0.5 else letters("aeioumdjsty")

    def strange() -> str:
        return letters(chance.choice((_EMOJI, _RIGHT_TO_LEFT, _CONTROLS, _SIGNS, _FOREIGN)))

    def marked() -> str:
        return "".join(letter + chance.choice(_MARKS) * chance.randint(0, 4) for letter in nested())

    def any_character() -> str:
        return "".join(
            chr(chance.randrange(1, 0x11000 if chance.random() < 0.8 else 0x110000)) for _ in range(99)
        )

    plain = [digits, groups, nested, repeated, shuffled, misspelt, long_word, strange, marked, any_character]

    def mixed() -> str:
        return chance.choice(_SEPARATORS).join(
            chance.choice(plain)()[: chance.randint(1, 60)] for _ in range(20)
        )

    return [*plain, mixed]


def _slip(chance: random.Random, word: str) -> str:
    """The word with a letter dropped, doubled or changed."""
    at = chance.randrange(len(word))
    return word[:at] + chance.choice(("", word[at] * 2, chance.choice("aeiortns"))) + word[at + 1 :]
