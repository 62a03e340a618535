"""No set of evaluation lines may be understood worse than floors.json says (raised when it gets better)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation.measure import intent_figures
from bot.evaluation.sets import sets_of
from bot.nlu.thresholds import HIGH, LOW
from bot.nlu.understanding import Understanding

FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text(encoding="utf-8"))
AT_LEAST = {
    "how_to_top1": 0.9,
    "how_to_right_or_offered": 0.97,
    "out_of_scope_caught": 0.9,
    "out_of_scope_precision": 0.9,
    "dialogue_top1": 0.9,
}
AT_MOST = {"confident_wrong": 0.03}


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding.trained()


@pytest.fixture(scope="module")
def found(understanding: Understanding) -> dict[str, Any]:
    return intent_figures(understanding)


def test_every_set_has_floors_no_lower_than_the_targets() -> None:
    assert set(FLOORS) == set(sets_of("intents"))
    for name, floors in FLOORS.items():
        assert set(floors["at_least"]) == set(AT_LEAST) and set(floors["at_most"]) == set(AT_MOST), name
        assert all(floors["at_least"][figure] >= target for figure, target in AT_LEAST.items()), name
        assert all(floors["at_most"][figure] <= target for figure, target in AT_MOST.items()), name


@pytest.mark.parametrize("name", FLOORS)
@pytest.mark.parametrize("figure", AT_LEAST)
def test_at_least(found: dict[str, Any], name: str, figure: str) -> None:
    assert found[name][figure] >= FLOORS[name]["at_least"][figure], found[name]["confusion"]


@pytest.mark.parametrize("name", FLOORS)
@pytest.mark.parametrize("figure", AT_MOST)
def test_at_most(found: dict[str, Any], name: str, figure: str) -> None:
    assert found[name][figure] <= FLOORS[name]["at_most"][figure], found[name]["confusion"]


def test_a_confidence_means_what_it_says(found: dict[str, Any]) -> None:
    """Where enough lines are, the share that was right lies no more than a tenth below the confidence."""
    for step in found["all"]["reliability"]:
        assert step["lines"] < 20 or step["right"] >= step["confidence"] - 0.1, step


def test_lines_of_no_set_are_counted_twice(found: dict[str, Any]) -> None:
    assert found["all"]["lines"] == sum(one["lines"] for name, one in found.items() if name != "all")


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "?", "💥" * 50, "a" * 5000, "\ud800", "<b>locked</b>", "/restart"]
)
def test_any_text_gets_an_answer(understanding: Understanding, text: str) -> None:
    parse = understanding.parse(text)
    assert 0 < parse["intent"]["confidence"] <= 1 and len(parse["intent_ranking"]) == 3


def test_thresholds_are_in_order() -> None:
    assert 0 < LOW < HIGH < 1
