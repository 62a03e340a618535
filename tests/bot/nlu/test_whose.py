"""Whose account a message speaks of, as a table (whose_accounts.yml), and mistakes in data/whose.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.whose import (
    PATH,
    WhoseError,
    WhoseWords,
    speaks_of_self,
    spot_whose,
    whose_detail,
    whose_words,
)

LINES = yaml.safe_load((Path(__file__).parent / "whose_accounts.yml").read_text(encoding="utf-8"))


def test_lines_are_unique_and_enough() -> None:
    texts = [line["text"] for line in LINES]
    assert len(texts) == len(set(texts))
    assert len([line for line in LINES if line["whose"] == "other"]) >= 30
    assert len([line for line in LINES if line["whose"] == "none"]) >= 30


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["text"])
def test_whose(line: dict[str, Any]) -> None:
    found = spot_whose(line["text"])
    if line["whose"] == "none":
        assert found is None
        return
    assert found is not None
    assert (found.value, found.people, found.name) == (line["whose"], line.get("people"), line.get("name"))
    assert 0 <= found.start < found.end <= len(line["text"])


def test_apostrophes_of_every_keyboard_count() -> None:
    for mark in "'’`´":
        found = spot_whose(f"my coworker{mark}s account is locked")
        assert found is not None and found.value == "other"


@pytest.mark.parametrize(
    ("text", "says_so"),
    [
        ("my account is inactive too", True),
        ("I'm locked out myself", True),
        ("i can't log in either", True),
        ("no puedo entrar", True),
        ("she is locked, not inactive", False),
        ("it says locked", False),
        ("I think she forgot her password", False),
        ("it's not my account", False),
    ],
)
def test_trouble_of_their_own(text: str, says_so: bool) -> None:
    assert speaks_of_self(text) is says_so


@pytest.mark.parametrize(
    ("text", "value", "whose"),
    [
        ("my email is sam@a.org", "sam@a.org", "own"),
        ("no, my e-mail address is sam@a.org", "sam@a.org", "own"),
        ("I'm sam@a.org", "sam@a.org", "own"),
        ("I'm Sam Boss, sam@a.org, my staff Dana is inactive", "sam@a.org", "own"),
        ("I'm Sam Boss, sam@a.org, my staff Dana dana@a.org is inactive", "dana@a.org", None),
        ("her email is dana@a.org", "dana@a.org", "other"),
        ("no, their work e-mail is dana@a.org", "dana@a.org", "other"),
        ("her name is Dana Smith", "Dana Smith", "other"),
        ("my name is Sam Boss", "Sam Boss", "own"),
        ("hi I'm Sam Boss", "Sam Boss", "own"),
        ("dana@a.org", "dana@a.org", None),
        ("Dana Smith, dana@a.org", "dana@a.org", None),
        ("mi correo es sam@a.org", "sam@a.org", "own"),
        ("dana at a dot org", "dana@a.org", None),
        ("her email is dana@a.org and mine is sam@a.org", "sam@a.org", "own"),
        ("her email is dana@a.org and mine is sam@a.org", "dana@a.org", "other"),
    ],
)
def test_whose_name_or_address(text: str, value: str, whose: str | None) -> None:
    assert whose_detail(text, value) == whose


@given(st.text(max_size=400))
def test_any_text_is_survived(text: str) -> None:
    found = spot_whose(text)
    speaks_of_self(text)
    assert found is None or 0 <= found.start < found.end <= len(text)


def test_long_input_ends() -> None:
    for text in (
        "my new " * 200,
        "my coworker " * 200 + "is locked",
        "A. B. " * 300,
        "the this new staff " * 100,
    ):
        spot_whose(text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strong": ["{nobody} is"]}, r"strong\[0\]: \{nobody\}"),
        ({"weak": ["(open"]}, r"weak\[0\]: no regular expression"),
        ({"own": [5]}, r"own\[0\]: expected a regular expression"),
        ({"words": {"a": "{b}", "b": "x"}}, r"words\.a: \{b\}"),
        ({"more": []}, "expected exactly the keys"),
    ],
)
def test_mistakes_are_named(change: dict[str, Any], message: str) -> None:
    data = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    with pytest.raises(WhoseError, match=message):
        WhoseWords.from_data({**data, **change})


def test_every_list_is_used_by_a_line() -> None:
    """A pattern that no line needs would be a guess."""
    texts = [line["text"] for line in LINES]
    words = whose_words()
    for key in ("strong", "weak", "unclear", "own"):
        for place, pattern in enumerate(words.patterns[key]):
            assert any(pattern.search(text) for text in texts), f"{key}[{place}]"
