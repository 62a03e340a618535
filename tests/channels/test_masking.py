"""What is taken out of messages, and what must stay. The tables are in masking.yml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.masking import mask

WORDS = {"ssn": "<ssn>", "birth_date": "<birth>", "number": "<number>", "password": "<password>"}
TABLE = yaml.safe_load(Path(__file__).with_name("masking.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "expected"), TABLE["masked"].items())
def test_masked(text: str, expected: str) -> None:
    assert mask(text, WORDS) == expected


@pytest.mark.parametrize("text", TABLE["kept"])
def test_kept_as_written(text: str) -> None:
    assert mask(text, WORDS) == text


@pytest.mark.parametrize("text", TABLE["masked"])
def test_masking_twice_changes_nothing_more(text: str) -> None:
    words = {name: f"[{name.replace('_', ' ')} removed]" for name in WORDS}
    once = mask(text, words)
    assert mask(once, words) == once


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=2000))
def test_any_text_is_taken(text: str) -> None:
    mask(text, WORDS)


@pytest.mark.parametrize(
    "text",
    ["ssn " + "is " * 600, "password " * 220, "1" * 2000, "a@" * 1000, "born on " * 250, "12-" * 660],
)
def test_hostile_text_is_taken_too(text: str) -> None:
    mask(text, WORDS)
