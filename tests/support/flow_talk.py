"""Plays turns against the flow engine and writes what happened in the short words of the YAML tables."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.flows import (
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    Continue,
    CorrectSlot,
    DomainFacts,
    DropWaiting,
    Flows,
    HumanHandoff,
    InternalError,
    Move,
    Repeat,
    Restart,
    SetSlot,
    SkipQuestion,
    Stack,
    StartFlow,
    load_flows,
    next_move,
    stack_from_json,
    stack_to_json,
)

FOLDER = Path(__file__).parents[1] / "bot" / "flows"
BARE: dict[str, type[Command]] = {
    "cancel": CancelFlow,
    "skip": SkipQuestion,
    "repeat": Repeat,
    "human": HumanHandoff,
    "restart": Restart,
    "chitchat": ChitChat,
    "continue": Continue,
}


@lru_cache(maxsize=1)
def facts() -> DomainFacts:
    """The small domain of the tables."""
    return DomainFacts.from_yaml(FOLDER / "domain.yml")


def flows_of(bodies: Mapping[str, Any], quiet: bool = True) -> Flows:
    """Flows from their bodies; ids and descriptions are added, and `quiet` keeps pattern_completed silent."""
    flows = {flow_id: {"description": f"does {flow_id}", **body} for flow_id, body in bodies.items()}
    if quiet and "pattern_completed" not in flows:
        steps = [{"noop": True, "next": "END"}]
        flows["pattern_completed"] = {"description": "ends quietly", "steps": steps}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flows.yml"
        path.write_text(yaml.safe_dump({"flows": flows}, sort_keys=False), encoding="utf-8")
        return load_flows(Path(folder), facts())


def to_command(line: str) -> Command:
    """`start a`, `start a waits`, `set x = 1`, `correct x = 1`, `again x = 1` (the same value corrected),
    `clarify a b`, `cannot handle reason`, `drop waiting`, or one bare word.
    """
    word, _, rest = line.partition(" ")
    if word in ("set", "correct"):
        name, _, value = rest.partition(" = ")
        return (SetSlot if word == "set" else CorrectSlot)(name, yaml.safe_load(value))
    if word == "start":
        return StartFlow(rest.removesuffix(" waits"), waits=rest.endswith(" waits"))
    if word == "again":
        name, _, value = rest.partition(" = ")
        return CorrectSlot(name, yaml.safe_load(value), again=True)
    if line == "drop waiting":
        return DropWaiting()
    if word == "clarify":
        return Clarify(tuple(rest.split()))
    if word == "cannot":
        return CannotHandle(rest.removeprefix("handle").strip())
    if word == "error":
        return InternalError(rest)
    return BARE[word]()


def places(stack: Sequence[Any]) -> list[str]:
    """The stack, bottom first: `flow.step`, and `ask SLOT` for an open question."""
    return [
        f"ask {frame.context['collect']}" if frame.is_collect else f"{frame.flow_id}.{frame.step_id}"
        for frame in stack
    ]


class Talk:
    """One conversation. `answers` are the slots that custom actions set."""

    def __init__(self, flows: Flows, slots: Mapping[str, Any] | None = None) -> None:
        self.flows = flows
        self.slots: dict[str, Any] = {**facts().initial_slots(), **(slots or {})}
        self.stack: Stack = ()
        self.answers: dict[str, dict[str, Any]] = {}
        self.moves: list[Move] = []
        self._ids = itertools.count(1)

    def turn(self, *commands: Command) -> list[str]:
        """Play a turn; returns the actions. The stack goes through JSON between calls, as in the tracker."""
        said: list[str] = []
        given: Sequence[Command] = commands
        for taken in itertools.count():
            move = next_move(
                self.flows,
                stack_from_json(stack_to_json(self.stack)),
                self.slots,
                given,
                steps_taken=taken,
                new_id=lambda: f"f{next(self._ids)}",
            )
            given = ()
            self.slots.update(move.slot_changes)
            self.stack = move.stack
            self.moves.append(move)
            if move.action is None:
                return said
            said.append(move.action)
            self.slots.update(self.answers.get(move.action, {}))
            assert taken <= 40, said
        return said
