"""Cutting a message into clauses, and what is left when those that tell who writes are set aside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.clauses import MOST, split, understood_clauses
from bot.nlu.intent_model import Ranked
from bot.nlu.spoken import spoken

CASES = yaml.safe_load((Path(__file__).parent / "clauses.yml").read_text(encoding="utf-8"))
ME = "my e-mail is jo@agency.example"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_clauses(case: dict[str, Any]) -> None:
    text = case["text"]
    found = [("+ " if one.adds else "") + text[one.start : one.end] for one in split(text)]
    assert found == case["clauses"]


@settings(deadline=None)
@given(st.text(alphabet=" ,.;-ab1)(\n?&", max_size=200) | st.text(max_size=200))
def test_any_text_is_cut_into_pieces_that_follow_each_other(text: str) -> None:
    place = 0
    clauses = split(text)
    assert len(clauses) <= MOST
    for clause in clauses:
        assert place <= clause.start < clause.end <= len(text)
        assert text[clause.start : clause.end].strip()
        place = clause.end
    assert spoken(text) or not text


def test_a_message_of_one_clause_is_not_ranked_again() -> None:
    def never(_texts: Any) -> Any:
        raise AssertionError("ranked")

    assert understood_clauses("my account is locked", never) == []


def test_each_clause_has_its_likeliest_intents() -> None:
    def rank(texts: Any) -> Any:
        return [[Ranked(text.split()[-1], 0.9), Ranked("b", 0.1)] for text in texts]

    assert understood_clauses("my account is locked. and my ticket", rank) == [
        {"start": 0, "end": 20, "adds": False, "intent_ranking": [
            {"name": "locked", "confidence": 0.9}, {"name": "b", "confidence": 0.1}]},
        {"start": 26, "end": 35, "adds": False, "intent_ranking": [
            {"name": "ticket", "confidence": 0.9}, {"name": "b", "confidence": 0.1}]},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"i can't get in since may, {ME}", "i can't get in since may"),
        (f"{ME}, my account is locked", "my account is locked"),
        ("Hi, I'm Jo Doe, jo@agency.example. I forgot my password", "I forgot my password"),
        # an address in the middle of what is said stays, and so does a message that tells only who writes
        (
            "please reset the password for jo@agency.example",
            "please reset the password for jo@agency.example",
        ),
        (ME, ME),
        (f"hello, {ME}", f"hello, {ME}"),
        ("I was at Hope House (jo@hope.example), now at a new agency", None),
    ],
)
def test_what_is_said_of_the_need(text: str, told: str | None) -> None:
    assert spoken(text) == (told or text)
