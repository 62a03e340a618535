"""From the turn so far to the next action.

Calls the commands and the engine, and does the three things that the engine leaves to its surroundings:
repeating messages, starting over, and surviving its own faults. No Rasa here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.commands import event_answer, to_commands
from bot.flows import (
    Command,
    Continue,
    DomainFacts,
    Flows,
    Frame,
    Happening,
    InternalError,
    Move,
    StartFlow,
    next_move,
    open_question,
    stack_to_json,
)
from bot.flows.stack import FLOW
from bot.passing_time import settled_by_time
from bot.question import STACK_SLOT, question_mark, read_stack

logger = logging.getLogger(__name__)
REPEAT, RESTART = "action_repeat_bot_messages", "action_restart"
LAST_RESORT = "utter_internal_error_rasa"


@dataclass(frozen=True)
class Said:
    """A bot message of an earlier turn: its id, its response, the question it asked, its buttons."""

    message_id: str
    utter: str
    question: Mapping[str, str] | None = None
    buttons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Turn:
    """One turn so far; `parse` is the person's message, `slots` are current.

    `steps` counts the actions run since that message, `pending` are the ids of messages still to be repeated,
    `repeated` the responses repeated already; `last_said` is the assistant's latest turn that said anything.
    `at` is when the person wrote (aware).
    """

    parse: Mapping[str, Any]
    slots: Mapping[str, Any]
    steps: int = 0
    pending: tuple[str, ...] = ()
    repeated: frozenset[str] = frozenset()
    last_said: tuple[Said, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True)
class Step:
    """The next action (None means listen), the slots that change with it, and the stack as JSON.

    `note` is for rendering (`context`, `repeats`) and for reports: `happened` holds (kind, flow id) pairs.
    """

    action: str | None
    slot_changes: Mapping[str, Any]
    stack: Any
    note: Mapping[str, Any] = field(default_factory=dict)


class Director:
    """Pure but for its log: the same turn gives the same step."""

    def __init__(self, flows: Flows, facts: DomainFacts, actions: frozenset[str]) -> None:
        self._flows = flows
        self._facts = facts
        self._actions = actions

    def next_step(self, turn: Turn) -> Step:
        """Never raises for what a conversation may hold: a fault becomes the pattern for internal errors."""
        if turn.pending:
            return self._repeat(turn, turn.pending, turn.slots.get(STACK_SLOT), {})
        try:
            return self._ask_engine(turn)
        except Exception:
            logger.exception("the flow engine failed")
            return self._apologise(turn)

    def _ask_engine(self, turn: Turn) -> Step:
        stack = read_stack(turn.slots.get(STACK_SLOT))
        slots = dict(turn.slots)
        given: dict[str, Any] = {}
        commands: list[Command] = []
        if turn.steps == 0:
            given = {**settled_by_time(turn.slots, turn.at), **self._told_by_event(turn.parse)}
            slots.update(given)
            commands = self._commands(turn, stack, slots)
        move = self._move(turn, stack, slots, commands, given)
        return self._to_step(turn, move, given)

    def _move(
        self,
        turn: Turn,
        stack: tuple[Frame, ...],
        slots: dict[str, Any],
        commands: list[Command],
        changes: dict[str, Any],
    ) -> Move:
        """The engine's move; what needs no Rasa action is carried out here and the engine asked again."""
        steps = turn.steps
        happened: list[Happening] = []
        while True:
            move = next_move(self._flows, stack, slots, commands, steps_taken=steps)
            happened += move.happened
            changes.update(move.slot_changes)
            slots.update(move.slot_changes)
            stack, commands, steps = tuple(move.stack), [], steps + 1
            if move.action == RESTART:
                fresh = self._facts.initial_slots()
                changes.update(fresh)
                slots.update(fresh)
                stack = stack[-1:]
            elif move.action is None or move.action not in turn.repeated:
                return replace(move, happened=tuple(happened))

    def _to_step(self, turn: Turn, move: Move, changes: Mapping[str, Any]) -> Step:
        stack = stack_to_json(move.stack)
        changes = {name: value for name, value in changes.items() if name != STACK_SLOT}
        if move.action == REPEAT:
            ids = tuple(said.message_id for said in turn.last_said if said.message_id and said.utter)
            if ids:
                return self._repeat(turn, ids, stack, changes)
            after = replace(turn, slots={**turn.slots, **changes, STACK_SLOT: stack}, steps=turn.steps + 1)
            step = self._ask_engine(after)
            return replace(step, slot_changes={**changes, **step.slot_changes})
        if move.action is not None and move.action not in self._actions:
            raise LookupError(f"flows name the action {move.action!r}, which the domain does not have")
        note: dict[str, Any] = {}
        if move.action is not None and move.context:
            note["context"] = dict(move.context)
        if move.happened:
            note["happened"] = [[one.kind, one.flow_id] for one in move.happened]
        return Step(move.action, changes, stack, note)

    def _commands(self, turn: Turn, stack: tuple[Frame, ...], slots: Mapping[str, Any]) -> list[Command]:
        parse = dict(turn.parse)
        intent = (parse.get("intent") or {}).get("name")
        if not parse.get("commands") and intent and not parse.get("text"):
            # An event: it answers the open question, or starts what waits for it, whatever is open.
            if answer := event_answer(intent, open_question(stack)):
                return [answer]
            started = next(iter(self._flows.triggers(intent, 1.0, slots)), None)
            return [StartFlow(started)] if started else [Continue()]
        question = open_question(stack)
        mark = question_mark(stack)
        titles = [pair for said in turn.last_said if mark and said.question == mark for pair in said.buttons]
        asked_last = any(said.question == mark for said in turn.last_said)
        under_way = [frame.flow_id for frame in stack if frame.kind == FLOW]
        return list(
            to_commands(parse, question, self._flows, slots, self._facts, titles, asked_last, under_way)
        )

    def _told_by_event(self, parse: Mapping[str, Any]) -> dict[str, Any]:
        """An event's data that are slots; what does not fit a slot's type is left out."""
        told: dict[str, Any] = {}
        for name, value in (parse.get("event") or {}).items():
            slot = self._facts.slots.get(name)
            if slot is None or name == STACK_SLOT:
                continue
            try:
                told[name] = slot.coerce(value)
            except (TypeError, ValueError):
                logger.warning("an event's value does not fit the slot %s", name)
        return told

    def _repeat(self, turn: Turn, ids: tuple[str, ...], stack: Any, changes: Mapping[str, Any]) -> Step:
        by_id = {said.message_id: said for said in turn.last_said}
        said = by_id[ids[0]]
        note = {"repeats": said.message_id, "utter": said.utter, "then": list(ids[1:])}
        return Step(said.utter, changes, stack, note)

    def _apologise(self, turn: Turn) -> Step:
        """The pattern for internal errors; if even that fails, its one response and an empty stack."""
        try:
            slots = dict(turn.slots)
            changes: dict[str, Any] = {}
            error = InternalError("rasa_internal_error_default")
            stack = read_stack(turn.slots.get(STACK_SLOT)) if turn.steps == 0 else ()
            return self._to_step(turn, self._move(turn, stack, slots, [error], changes), changes)
        except Exception:
            logger.exception("the pattern for internal errors failed too")
            can_speak = turn.steps == 0 and LAST_RESORT in self._actions
            return Step(LAST_RESORT if can_speak else None, {}, [])
