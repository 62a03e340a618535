"""The evaluation lines must not be understood worse than floors.json says (raised when it gets better)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.nlu.evaluate import evaluate
from bot.nlu.thresholds import HIGH, LOW
from bot.nlu.understanding import Understanding

FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding.trained()


@pytest.fixture(scope="module")
def found(understanding: Understanding) -> dict[str, Any]:
    return evaluate(understanding)


@pytest.mark.parametrize("figure", sorted(FLOORS["at_least"]))
def test_at_least(found: dict[str, Any], figure: str) -> None:
    assert found[figure] >= FLOORS["at_least"][figure]


@pytest.mark.parametrize("figure", sorted(FLOORS["at_most"]))
def test_at_most(found: dict[str, Any], figure: str) -> None:
    assert found[figure] <= FLOORS["at_most"][figure]


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "?", "💥" * 50, "a" * 5000, "\ud800", "<b>locked</b>", "/restart"]
)
def test_any_text_gets_an_answer(understanding: Understanding, text: str) -> None:
    parse = understanding.parse(text)
    assert 0 < parse["intent"]["confidence"] <= 1 and len(parse["intent_ranking"]) == 3


def test_thresholds_are_in_order() -> None:
    assert 0 < LOW < HIGH < 1
