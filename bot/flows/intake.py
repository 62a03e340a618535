"""What commands do to the stack and the slots, before anything is carried out.

Slots first; then every other command becomes a flow or pattern to run, in the order given: the last
one is put on the stack first, so that the first one runs first. Flows that wait go under all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from bot.flows import waiting
from bot.flows.commands import (
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    CorrectSlot,
    DropWaiting,
    HumanHandoff,
    InternalError,
    Repeat,
    Restart,
    SetSlot,
    SkipQuestion,
    StartFlow,
)
from bot.flows.corrections import CORRECTION, correction_context, is_change
from bot.flows.internal import is_waiting_pattern
from bot.flows.interruptions import start
from bot.flows.run import Run
from bot.flows.stack import PATTERN, open_question

NOT_SUPPORTED = "cannot_handle_not_supported"
NOTHING_TO_CANCEL = "cannot_handle_nothing_to_cancel"
PLAIN_PATTERNS: dict[type[Command], str] = {
    SkipQuestion: "pattern_skip_question",
    Repeat: "pattern_repeat_bot_messages",
    HumanHandoff: "pattern_human_handoff",
    ChitChat: "pattern_chitchat",
}
Pending = Callable[[], None]


def take(run: Run, commands: Sequence[Command]) -> None:
    """Apply a turn's commands. Unknown flows, slots and values of a wrong type are answered, never raised."""
    if any(isinstance(command, Restart) for command in commands):
        run.push_pattern("pattern_restart")
        return
    if is_waiting_pattern(run) and commands:
        run.stack.pop()
    commands, asked = waiting.taken_out(_allowed(run, commands))
    pending: list[Pending] = []
    correction = _take_slots(run, commands)
    if correction:
        context = correction
        pending.append(lambda: run.push_pattern(CORRECTION, **context))
    if _ends_questions_of_patterns(run, commands):
        run.drop_patterns_on_top()
    said_now = {one.name for one in commands if isinstance(one, (SetSlot, CorrectSlot))}
    for command in dict.fromkeys(_still_wanted(run, commands)):
        push = _to_pending(run, command, said_now)
        if push is not None:
            pending.append(push)
    for push in reversed(pending):
        push()
    if any(isinstance(command, DropWaiting) for command in commands):
        waiting.drop_all(run)
    waiting.add(run, [one for one in asked if _can_start(run, one.flow)])


def _allowed(run: Run, commands: Sequence[Command]) -> list[Command]:
    """While a question forces its slot, only the fill of that slot counts."""
    if run.stack and run.top.is_collect and run.top.context.get("force_slot_filling"):
        slot = run.top.context.get("collect")
        return [one for one in commands if isinstance(one, (SetSlot, CorrectSlot)) and one.name == slot]
    return list(commands)


def _still_wanted(run: Run, commands: Sequence[Command]) -> list[Command]:
    """All but slots, which are done; an answered question is not repeated, nor is asked what was meant."""
    question = open_question(run.stack)
    answered = question is not None and run.slots.get(question.slot) is not None
    done: tuple[type[Command], ...] = (
        SetSlot,
        CorrectSlot,
        DropWaiting,
        *((Repeat, Clarify) if answered else ()),
    )
    return [one for one in commands if not isinstance(one, done)]


def _take_slots(run: Run, commands: Sequence[Command]) -> dict[str, Any] | None:
    """Fill slots; returns the context of pattern_correction when answers are changed."""
    question = open_question(run.stack)
    open_slots = [question.slot] if question else []
    corrected: dict[str, Any] = {}
    for command in commands:
        if not isinstance(command, (SetSlot, CorrectSlot)) or command.name not in run.flows.slots:
            continue
        try:
            value = run.flows.slots[command.name].coerce(command.value)
        except (TypeError, ValueError):
            continue  # not a value of this slot: the question stays open and is asked again
        again = isinstance(command, CorrectSlot) and command.again
        if is_change(run, command.name, value, open_slots, again=again):
            corrected[command.name] = value
        else:
            run.set_slot(command.name, value)
    return correction_context(run, corrected) if corrected else None


def _ends_questions_of_patterns(run: Run, commands: Sequence[Command]) -> bool:
    """A new flow, or the end of the active one, answers what patterns above it ask ("Anything else?")."""
    if any(isinstance(one, CancelFlow) for one in commands) and run.flow_groups():
        return True
    names = [one.flow for one in commands if isinstance(one, StartFlow)]
    return any(_can_start(run, name) and not run.flows[name].is_pattern for name in names)


def _can_start(run: Run, flow_id: str) -> bool:
    under_way = any(group[0].flow_id == flow_id for group in run.flow_groups())
    return flow_id in run.flows and (under_way or run.flows.is_startable(flow_id, run.slots))


def _to_pending(run: Run, command: Command, said_now: Collection[str]) -> Pending | None:
    if isinstance(command, StartFlow):
        flow_id = command.flow
        if _can_start(run, flow_id):
            return lambda: _start(run, flow_id, said_now)
        return _pattern(run, "pattern_cannot_handle", reason=NOT_SUPPORTED)
    if isinstance(command, CancelFlow):
        return _cancel(run)
    if isinstance(command, Clarify):
        options = run.options([one for one in command.options if one in run.flows])
        names = [option["name"] for option in options]
        return _pattern(run, "pattern_clarification", names=names, clarification_options=options)
    if isinstance(command, CannotHandle):
        return _pattern(run, "pattern_cannot_handle", reason=command.reason)
    if isinstance(command, InternalError):
        return _pattern(run, "pattern_internal_error", error_type=command.error_type, info=command.info)
    name = PLAIN_PATTERNS.get(type(command))
    return _pattern(run, name) if name else None


def _start(run: Run, flow_id: str, said_now: Collection[str]) -> None:
    waiting.claim(run, flow_id, said_now)
    start(run, flow_id)


def _pattern(run: Run, flow_id: str, **context: Any) -> Pending:
    return lambda: run.push_pattern(flow_id, **context)


def _cancel(run: Run) -> Pending:
    active = run.flow_groups()[-1:]
    if not active:
        asking = run.drop(lambda group: group[0].kind == PATTERN)
        if not asking:
            return _pattern(run, "pattern_cannot_handle", reason=NOTHING_TO_CANCEL)
        waiting.drop_all(run)  # "stop" to "shall we look at that now?"
        name = run.flows[asking[-1][0].flow_id].title
        return _pattern(run, "pattern_cancel_flow", canceled_name=name, canceled_frames=[])
    first = active[0][0]
    return _pattern(
        run,
        "pattern_cancel_flow",
        canceled_name=run.flows[first.flow_id].title,
        canceled_frames=[first.frame_id],
    )
