"""Dialogues as tables: machine/*.yml hold flows and turns (commands → actions, slots, stack)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.flows import open_question
from tests.support.flow_talk import Talk, flows_of, places, to_command

FOLDER = Path(__file__).parent / "machine"
CASES = [
    (f"{path.stem}: {case['name']}", case)
    for path in sorted(FOLDER.glob("*.yml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def test_names_are_unique() -> None:
    names = [name for name, _ in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES])
def test_dialogue(case: dict[str, Any]) -> None:
    assert set(case) <= {"name", "flows", "slots", "talk", "default_completed"}
    talk = Talk(flows_of(case["flows"], quiet=not case.get("default_completed")), case.get("slots"))
    for number, turn in enumerate(case["talk"], 1):
        assert set(turn) <= {"say", "then", "slots", "stack", "answers", "question", "context", "happened"}
        talk.answers = turn.get("answers", {})
        begun = len(talk.moves)
        actions = talk.turn(*map(to_command, turn.get("say", [])))
        seen: dict[str, Any] = {"then": actions}
        if "slots" in turn:
            seen["slots"] = {name: talk.slots.get(name) for name in turn["slots"]}
        if "stack" in turn:
            seen["stack"] = places(talk.stack)
        if "question" in turn:
            question = open_question(talk.stack)
            seen["question"] = question.slot if question else None
        if "context" in turn:
            context = talk.moves[begun].context
            seen["context"] = {name: context.get(name) for name in turn["context"]}
        if "happened" in turn:
            moves = talk.moves[begun:]
            seen["happened"] = [f"{one.kind} {one.flow_id}" for move in moves for one in move.happened]
        wanted = {"then": [], **{key: turn[key] for key in turn if key not in ("say", "answers")}}
        assert seen == wanted, f"turn {number}"
