"""The training lines as data: no doubles, no contradictions, nothing from the evaluation sets."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from bot.evaluation.copies import near_copies, normalised
from bot.evaluation.sets import sets_of
from bot.nlu.intent_names import HOW_TO, OUT
from bot.nlu.training_lines import read_lines

TRAINING = read_lines()
INTENTS = sets_of("intents")
EVALUATION = [row["text"] for rows in INTENTS.values() for row in rows]
DATES = [row["text"] for rows in sets_of("dates").values() for row in rows]
SAID_ONE_WAY = 2  # "yes", "cancel", "thank you": words that nobody can say otherwise
SHORT = 5


def test_no_line_twice() -> None:
    assert [text for text, n in Counter(line.text for line in TRAINING).items() if n > 1] == []


def test_no_line_with_two_intents() -> None:
    intents: dict[str, set[str]] = {}
    for line in TRAINING:
        intents.setdefault(normalised(line.text) or line.text, set()).add(line.intent)
    assert {text: found for text, found in intents.items() if len(found) > 1} == {}


def test_no_evaluation_line_is_a_training_line() -> None:
    known = {normalised(line.text) for line in TRAINING}
    copied = [text for text in EVALUATION if normalised(text) in known]
    assert [text for text in copied if len(normalised(text).split()) > SAID_ONE_WAY] == []


def test_no_longer_evaluation_line_has_a_near_copy() -> None:
    longer = [text for text in [*EVALUATION, *DATES] if len(normalised(text).split()) > SHORT]
    assert near_copies(longer, [line.text for line in TRAINING if len(line.text.split()) > SHORT]) == set()


def test_evaluation_lines_are_many_varied_and_stand_once() -> None:
    assert {"chat", "blind", "everyday"} <= set(INTENTS)
    for name, rows in INTENTS.items():
        texts = Counter(row["text"] for row in rows)
        assert [text for text, n in texts.items() if n > 1] == [], name
        intents = {row["intent"] for row in rows}
        assert intents == {line.intent for line in TRAINING} - ({"inform", "deactivated_again"} - intents), (
            name
        )
    assert len(INTENTS["blind"]) >= 300
    assert len({row["style"] for row in INTENTS["blind"]}) >= 12


def test_every_intent_of_the_domain_has_enough_lines() -> None:
    domain = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
    typed = {name for name in domain["intents"] if not name.startswith(("event_", "session_"))}
    lines = Counter(line.intent for line in TRAINING)
    assert set(lines) == typed
    for intent, n in lines.items():
        assert n >= (200 if intent in HOW_TO else 400 if intent == OUT else 60), intent


@pytest.mark.parametrize("path", sorted(Path("data/nlu").glob("*.yml")), ids=lambda path: path.stem)
def test_lines_are_plain_text(path: Path) -> None:
    """No entity annotations or leading slashes: Rasa would read them as more than words."""
    for line in TRAINING:
        if line.file == path.name:
            assert not set("[]{}") & set(line.text) and not line.text.startswith("/"), line.text
