"""Facts and names, as tables that anyone can add a row to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.facts import spot_facts, stated_patterns
from bot.nlu.names import name_from_answer, spot_name

HERE = Path(__file__).parent
FACTS = yaml.safe_load((HERE / "facts_in_messages.yml").read_text(encoding="utf-8"))
NAMES = yaml.safe_load((HERE / "names_in_answers.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", FACTS, ids=lambda row: row["text"])
def test_states(row: dict[str, Any]) -> None:
    assert {fact.entity: fact.value for fact in spot_facts(row["text"])} == row["facts"]


@pytest.mark.parametrize(("answer", "name"), NAMES, ids=lambda value: str(value))
def test_name_from_answer(answer: str, name: str | None) -> None:
    assert name_from_answer(answer) == name


@given(st.text(max_size=300))
def test_any_text_is_survived_and_spans_lie_inside_it(text: str) -> None:
    name_from_answer(text)
    for fact in spot_facts(text):
        assert 0 <= fact.start < fact.end <= len(text)


def test_a_spotted_name_is_where_it_says() -> None:
    text = "Hello, my name is José Luis Peña. I'm locked out"
    name, start, end = spot_name(text) or ("", 0, 0)
    assert text[start:end] == name == "José Luis Peña"


def test_long_input_takes_no_time_to_speak_of() -> None:
    assert spot_facts("my retake is not " * 200) is not None
    assert spot_facts("a dot " * 400 + "at " * 400) is not None


def test_every_stated_fact_has_rows_for_each_value() -> None:
    rows = {(entity, value) for row in FACTS for entity, value in row["facts"].items()}
    for fact, patterns in stated_patterns().items():
        assert {(fact, value) for value, _ in patterns} <= rows
