"""Misspelt words, read as the training lines spell them; names, addresses and short lines stay."""

from __future__ import annotations

import pytest

from bot.nlu.respelling import Respelling

TARGETS = ["account", "locked", "request", "submitted", "really", "ready", "about", "password", "training"]
WORDS = {*TARGETS, "my", "i", "is", "the", "am", "dana", "money", "casey"}


@pytest.fixture(scope="module")
def respell() -> Respelling:
    return Respelling(TARGETS, WORDS.__contains__)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("my requets i sumbited", "my request i submitted"),
        ("my acount is lokced!", "my account is locked!"),
        ("MY ACOUNT IS LOCKED", "MY account IS LOCKED"),
        ("i am realy locked", "i am really locked"),  # a letter less where two stand, not "ready"
        ("my acount@hope.org is locked", "my acount@hope.org is locked"),
        ("acount", "acount"),
        ("forget abuot", "forget abuot"),  # two words bear no guess
        ("my pasword: Xyzzyq9 is", "my password: Xyzzyq9 is"),
        ("mi contraseña es la", "mi contraseña es la"),
        ("my money is the", "my money is the"),
    ],
)
def test_respelt(respell: Respelling, text: str, read: str) -> None:
    assert respell(text) == read


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("asdfgh qwerty", False),
        ("asdfgh account", True),
        ("lkj!!", False),
        ("???", True),
        ("123 456", True),
        ("", True),
    ],
)
def test_a_line_without_a_word(respell: Respelling, text: str, known: bool) -> None:
    assert respell.knows_a_word(text) is known


def test_nothing_to_respell_to() -> None:
    assert Respelling([], lambda word: False)("my acount is lokced") == "my acount is lokced"
