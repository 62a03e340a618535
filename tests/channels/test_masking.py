"""What is taken out of messages, and what must stay. The tables are in masking.yml."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import masking
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


PIECES = (
    " ", "  \n", "\u200b", "-", ".", ":", "/", "@", "\"", "'", "1", "12", "2024", "a", "x@", "a.b", "jan 1",
    "dob",
    "born", "is", "of the", "my", "password", "pass", "pw", "user/pass", "login", "ssn", "ss #", "client id",
    "hmis", "ticket", "http://", "Winter2024!", "client's", "as", "Sunny", "1/2/80",
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=2000))
def test_any_text_is_taken(text: str) -> None:
    mask(text, WORDS)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6), st.booleans())
def test_long_texts_of_one_piece_again_and_again_are_taken(pieces: list[str], spaced: bool) -> None:
    piece = (" " if spaced else "").join(pieces)
    mask((piece * 2000)[:2000], WORDS)


def _patterns() -> list[tuple[str, str]]:
    return [(name, rule.pattern) for name, rule in vars(masking).items() if isinstance(rule, re.Pattern)]


@pytest.mark.parametrize(("name", "pattern"), _patterns())
def test_no_rule_repeats_without_a_bound(name: str, pattern: str) -> None:
    """Time grows with the length alone when nothing that can be followed by itself repeats without a bound.

    A whole token (`\\S+`) and a whole number end where nothing of their kind can follow.
    """
    if name == "_SPACES":
        return
    without_classes = re.sub(r"\[(?:\\.|[^\]\\])+\]", "C", pattern)
    unbounded = set(re.findall(r"(?:\\.|[^\\])(?:(?<!\\)[*+]|\{\d+,\})", without_classes))
    assert unbounded <= {r"\S+", r"\d{9,}"}


@pytest.mark.parametrize("text", ["dob" + " " * 1990 + "x", "jan 1" + " " * 1990, "x\n \t" * 500])
def test_rules_see_no_run_of_spaces(text: str) -> None:
    assert not re.search(r"\s\s", masking._plain(text))
    assert mask(text, WORDS) == text


@pytest.mark.parametrize(
    "text",
    ["ssn " + "is " * 600, "password " * 220, "1" * 2000, "a@" * 1000, "born on " * 250, "12-" * 660],
)
def test_hostile_text_is_taken_too(text: str) -> None:
    mask(text, WORDS)
