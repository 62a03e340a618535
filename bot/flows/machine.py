"""The stack machine: (flows, stack, slots, commands) → (action, stack, slot changes).

Called at the start of a turn with its commands, then again without any after each action, until
`action` is None, which means: listen. It never raises for what a conversation can hold: a flow that
cannot go on, or a turn that does not end, becomes pattern_internal_error; a stack from flows that
have changed becomes pattern_code_change.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.flows import intake, interruptions, waiting
from bot.flows.commands import Command, InternalError, StartFlow
from bot.flows.conditions import ConditionError, expand, holds
from bot.flows.corrections import collect_frame
from bot.flows.internal import INTERNAL_ACTIONS, LISTEN
from bot.flows.model import ACTION, CALL_STEP, COLLECT, LINK, SET_SLOTS, Flows, Step
from bot.flows.run import NEXT_NEED, WAITED, Happening, Run, Stuck
from bot.flows.stack import CALL, END, FLOW, QUEUED, Frame, Stack

MAX_STEPS = 25
"""Actions in one turn before it counts as one that does not end."""
GRACE = 5
"""Actions that pattern_internal_error may take after that."""
MAX_MOVES = 300
"""Steps without an action (branches, slots, calls) in one `next_move`."""
CODE_CHANGE, INTERNAL_ERROR = "pattern_code_change", "pattern_internal_error"
ENGINE_KEYS = frozenset(
    {"trail", "keep", "queued", "reset_frame_id", WAITED, waiting.FACTS}
    | {interruptions.SNAPSHOT, interruptions.BY}
)


@dataclass(frozen=True)
class Move:
    """What to do now. `action` None is listen; `context` is the top frame's, for texts and templates."""

    action: str | None
    stack: Stack
    slot_changes: dict[str, Any]
    context: dict[str, Any]
    happened: tuple[Happening, ...] = ()


def _new_id() -> str:
    return uuid.uuid4().hex[:12]


def next_move(
    flows: Flows,
    stack: Sequence[Frame],
    slots: Mapping[str, Any],
    commands: Sequence[Command] = (),
    *,
    steps_taken: int = 0,
    new_id: Callable[[], str] = _new_id,
) -> Move:
    """The next action of this turn. `steps_taken` counts the actions of the turn so far; 0 is its start.

    `new_id` names new frames; names must not come back in a conversation, because buttons are bound to them.
    """
    run = Run(flows, stack, slots, new_id)
    if not _is_known(run):
        _recover(run, commands)
    else:
        if steps_taken == 0:
            interruptions.forget_unserved(run)
        if commands:
            intake.take(run, commands)
    if steps_taken >= MAX_STEPS + GRACE:
        run.stack = []
    elif steps_taken >= MAX_STEPS and not _is_apologising(run):
        _fail(run, f"more than {MAX_STEPS} actions in one turn")
    action, context = _run_until_action(run)
    return Move(action, run.snapshot(), run.changes, context, tuple(run.happened))


def _run_until_action(run: Run) -> tuple[str | None, dict[str, Any]]:
    """Go on until something has to be done outside; a run that gets stuck apologises, once."""
    while True:
        try:
            for _ in range(MAX_MOVES):
                if not run.stack:
                    return None, {}
                frame_context = {k: v for k, v in run.top.context.items() if k not in ENGINE_KEYS}
                action = _advance(run)
                if action == LISTEN:
                    return None, frame_context
                if action is not None:
                    context = run.top.context if run.stack else {}
                    return action, {k: v for k, v in context.items() if k not in ENGINE_KEYS}
            raise Stuck("steps go round without an action")
        except (Stuck, ConditionError) as error:
            if _is_apologising(run):
                run.stack = []
            else:
                _fail(run, str(error))


def _is_known(run: Run) -> bool:
    """Do all frames still stand in flows that exist as they were?"""
    for index, frame in enumerate(run.stack):
        flow = run.flows.get(frame.flow_id)
        if flow is None or not flow.has_step(frame.step_id):
            return False
        if index == 0 and (frame.kind == CALL or frame.is_collect):
            return False
        below = run.step_of(run.stack[index - 1]) if index else None
        if frame.is_collect and not _waits_for(below, COLLECT, str(frame.context.get("collect"))):
            return False
        if frame.kind == CALL and not _waits_for(below, CALL_STEP, frame.flow_id):
            return False
    return True


def _waits_for(step: Step | None, kind: str, value: str) -> bool:
    return step is not None and (step.kind, step.value) == (kind, value)


def _recover(run: Run, commands: Sequence[Command]) -> None:
    """Drop a stack that no longer fits; say so, then start what the person asked for."""
    run.stack = []
    wanted = [
        c.flow for c in commands if isinstance(c, StartFlow) and run.flows.is_startable(c.flow, run.slots)
    ]
    run.push_pattern(CODE_CHANGE, queued=wanted[::-1])


def _is_apologising(run: Run) -> bool:
    return any(frame.flow_id == INTERNAL_ERROR for frame in run.stack)


def _fail(run: Run, info: str) -> None:
    """Drop what was under way but keep the answers, and apologise."""
    run.stack = []
    intake.take(run, [InternalError("rasa_internal_error_default", info)])


def _advance(run: Run) -> str | None:
    """One step of the top frame; returns an action, LISTEN, or None to go on."""
    if run.top.kind == QUEUED:
        run.push_pattern(NEXT_NEED, **run.next_need_context(None))
    again = interruptions.resume(run)
    frame = run.top
    flow = run.flows[frame.flow_id]
    if again is not None:
        return _reach(run, frame, again)
    step = flow.step(frame.step_id)
    if step is None and frame.kind in (FLOW, CALL):
        interruptions.begin(run, frame)
    target = _choose(run, frame, step) if step is not None else flow.steps[0].id
    if target == END:
        run.finish_top()
        return None
    following = flow.step(target)
    if following is None:
        raise Stuck(f"{frame.flow_id}: no step {target}")
    return _reach(run, frame, following)


def _reach(run: Run, frame: Frame, step: Step) -> str | None:
    frame = run.reach(frame, step)
    run.replace_top(frame)
    return _enter(run, frame, step)


def _choose(run: Run, frame: Frame, step: Step) -> str:
    for branch in step.next:
        if branch.when is None or holds(branch.when, run.slots, frame.context):
            return branch.to
    raise Stuck(f"{frame.flow_id}: no branch of {step.id} fits")


def _enter(run: Run, frame: Frame, step: Step) -> str | None:
    if step.kind == ACTION:
        return _act(run, frame, step)
    if step.kind == COLLECT:
        _ask(run, frame, step)
    elif step.kind == SET_SLOTS:
        for name, value in step.slots:
            run.set_slot(name, value)
    elif step.kind == CALL_STEP:
        run.push(step.value, CALL, keep=list(frame.context.get("keep", ())))
    elif step.kind == LINK:
        run.finish_top(linked=True)
        waiting.claim(run, step.value)
        interruptions.start(run, step.value)
    return None


def _act(run: Run, frame: Frame, step: Step) -> str | None:
    name = expand(step.value, frame.context).strip()
    if name == LISTEN:
        return LISTEN
    if name in INTERNAL_ACTIONS:
        return INTERNAL_ACTIONS[name](run)
    if not name:
        raise Stuck(f"{frame.flow_id}: the action of {step.id} has no name")
    if name.startswith("validate_"):
        slot = name.removeprefix("validate_")
        return name if name in run.flows.actions and run.slots.get(slot) is not None else None
    if name == "action_restart":
        run.stack = [run.top]
    run.clear_results(name)
    return name


def _ask(run: Run, frame: Frame, step: Step) -> None:
    keep = list(frame.context.get("keep", ()))
    if step.value in keep:
        run.replace_top(frame.at(step.id, keep=[one for one in keep if one != step.value]))
    elif step.ask_before_filling:
        run.set_slot(step.value, None)
    run.stack.append(collect_frame(run, step))
