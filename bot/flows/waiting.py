"""Flows that were asked for together with another one and wait for their turn.

Each is a frame of kind "queued" under everything else, so that no rule about interrupted flows touches it: it
survives digressions, is never asked about, and begins when nothing else is left, or when a flow says that its
person is away (`action_serve_next_need`). The one asked for first stands highest.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot.flows import interruptions
from bot.flows.commands import Command, CorrectSlot, SetSlot, StartFlow
from bot.flows.run import WAITED, Run
from bot.flows.stack import QUEUED

NEED_WAITS = "pattern_need_waits"
FACTS = "facts"


@dataclass
class Asked:
    """A flow that shall wait, with the slots that were said for it."""

    flow: str
    facts: dict[str, Any] = field(default_factory=dict)


def taken_out(commands: Sequence[Command]) -> tuple[list[Command], list[Asked]]:
    """The commands without flows that wait and what belongs to them; and those flows, in order."""
    rest: list[Command] = []
    asked: list[Asked] = []
    is_theirs = False
    for command in commands:
        if isinstance(command, StartFlow):
            is_theirs = command.waits
        if is_theirs and isinstance(command, StartFlow):
            asked.append(Asked(command.flow))
        elif is_theirs and isinstance(command, (SetSlot, CorrectSlot)):
            asked[-1].facts[command.name] = command.value
        else:
            rest.append(command)
    return rest, asked


def add(run: Run, asked: Sequence[Asked]) -> None:
    """Let flows wait, and announce them. A flow under way waits for nothing."""
    under_way = {group[0].flow_id for group in run.flow_groups()}
    names: list[str] = []
    for one in asked:
        if one.flow in under_way:
            continue
        place = next((i for i, f in enumerate(run.stack) if f.kind == QUEUED and f.flow_id == one.flow), None)
        if place is not None:
            frame = run.stack[place]
            facts = {**frame.context.get(FACTS, {}), **one.facts}
            run.stack[place] = frame.at(frame.step_id, **{FACTS: facts})
        else:
            run.stack.insert(0, run.frame(one.flow, QUEUED, **{FACTS: one.facts}))
        names.append(run.flows[one.flow].title)
    if names and under_way:
        later = names[1] if len(names) > 1 else ""
        several = len(names) > 1
        run.push_pattern(NEED_WAITS, next_flow_name=names[0], later_flow_name=later, several_wait=several)


def start_next(run: Run) -> None:
    """Begin the next flow, with what was said for it; flows under way are interrupted."""
    for frame in run.queued()[:1]:
        claim(run, frame.flow_id)
        interruptions.start(run, frame.flow_id)
        run.replace_top(run.top.at(run.top.step_id, **{WAITED: True}))


def claim(run: Run, flow_id: str, said_now: Collection[str] = ()) -> None:
    """Take this flow out of those that wait, if it does, and fill what was said for it.

    Where something else was `said_now`, it waits on: "check ticket 1050" leaves ticket 1023 for later.
    """
    for frame in [one for one in run.queued() if one.flow_id == flow_id]:
        facts: dict[str, Any] = frame.context.get(FACTS, {})
        if any(name in said_now and run.slots.get(name) != value for name, value in facts.items()):
            continue
        run.stack.remove(frame)
        for name, value in facts.items():
            if name in run.flows.slots:
                _fill(run, name, value)


def _fill(run: Run, name: str, value: Any) -> None:
    with suppress(TypeError, ValueError):  # not a value of this slot: the flow asks
        run.set_slot(name, run.flows.slots[name].coerce(value))


def drop_next(run: Run) -> None:
    """Forget the next flow."""
    for frame in run.queued()[:1]:
        run.stack.remove(frame)


def drop_all(run: Run) -> None:
    """Forget all flows that wait."""
    run.stack = [frame for frame in run.stack if frame.kind != QUEUED]


def offer(run: Run) -> None:
    """The flow before them was cancelled: they are asked about before they begin."""
    run.stack = [
        frame.at(frame.step_id, is_offer=True) if frame.kind == QUEUED else frame for frame in run.stack
    ]
