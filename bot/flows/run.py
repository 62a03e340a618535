"""The working state of one `next_move`: a stack and slots that may change, and what changed so far."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.flows.model import Flow, Flows, Step
from bot.flows.stack import FLOW, PATTERN, QUEUED, START, Frame, Stack, groups, joined

CONTINUE_INTERRUPTED, COMPLETED = "pattern_continue_interrupted", "pattern_completed"
NEXT_NEED = "pattern_next_need"
WAITED = "waited"


class Stuck(Exception):
    """A flow cannot go on: no branch fits, or a template gives no name. Becomes pattern_internal_error."""


@dataclass(frozen=True)
class Happening:
    """What became of a flow: `kind` is flow_started, flow_completed or flow_cancelled."""

    kind: str
    flow_id: str


class Run:
    """Mutable; lives for one call of `next_move`."""

    def __init__(
        self, flows: Flows, stack: Sequence[Frame], slots: Mapping[str, Any], new_id: Callable[[], str]
    ) -> None:
        self.flows = flows
        self.stack = list(stack)
        self.slots = flows.all_slots(slots)
        self.changes: dict[str, Any] = {}
        self.happened: list[Happening] = []
        self._new_id = new_id

    # -- slots ---------------------------------------------------------------------------------

    def set_slot(self, name: str, value: Any) -> None:
        """Change a slot; a slot that the domain lacks stays out."""
        if name in self.flows.slots and (name in self.changes or self.slots.get(name) != value):
            self.slots[name] = value
            self.changes[name] = value

    def reset_slot(self, name: str) -> None:
        """Back to the initial value."""
        if name in self.flows.slots:
            self.set_slot(name, self.flows.slots[name].initial)

    def result_slots(self, action: str) -> list[str]:
        """The result slots of a custom action: `action_x` owns all slots that begin with `x_`."""
        if action not in self.flows.actions or not action.startswith("action_"):
            return []
        stem = action[len("action_") :] + "_"
        return [name for name in self.flows.slots if name.startswith(stem)]

    def clear_results(self, action: str) -> None:
        """Null an action's result slots, so that an old outcome is never read as a new one."""
        for name in self.result_slots(action):
            self.set_slot(name, None)

    def forget_answers(self, flow: Flow) -> None:
        """Reset what a flow and the flows it calls collected or set, as it ends.

        Kept: persisted slots, and slots that a flow still on the stack fills as well (resetting those
        would throw away answers of the flow that was interrupted).
        """
        parts = self.flows.subflows(flow)
        kept = {name for part in parts for name in part.persisted_slots}
        kept |= {s.value for part in parts for s in part.steps if not s.reset_after_flow_ends}
        for frame in self.stack:
            for other in self.flows.subflows(self.flows[frame.flow_id]):
                kept.update(other.collects, other.sets)
        for part in parts:
            for name in (*part.collects, *part.sets):
                if name not in kept:
                    self.reset_slot(name)

    # -- frames --------------------------------------------------------------------------------

    @property
    def top(self) -> Frame:
        return self.stack[-1]

    def step_of(self, frame: Frame) -> Step | None:
        return self.flows[frame.flow_id].step(frame.step_id)

    def replace_top(self, frame: Frame) -> None:
        self.stack[-1] = frame

    def frame(self, flow_id: str, kind: str, **context: Any) -> Frame:
        """A new frame at START, not yet on the stack."""
        return Frame(self._new_id(), flow_id, START, kind, context)

    def push(self, flow_id: str, kind: str, **context: Any) -> None:
        self.stack.append(self.frame(flow_id, kind, **context))

    def push_pattern(self, flow_id: str, **context: Any) -> None:
        """Put a pattern on top; an earlier run of it that never ended is dropped, so stacks stay small."""
        self.drop(lambda group: group[0].flow_id == flow_id)
        self.push(flow_id, PATTERN, **context)

    def start(self, flow_id: str) -> None:
        """Put a flow on top: a new frame, or the frames it already has on the stack.

        Use `interruptions.start`, which also lets the flows below keep what is theirs.
        """
        if self.flows[flow_id].is_pattern:
            self.push_pattern(flow_id)
            return
        parts = groups(self.stack)
        mine = [group for group in parts if group[0].flow_id == flow_id and group[0].kind == FLOW]
        if mine:
            self.stack = joined([group for group in parts if group not in mine] + mine)
        else:
            self.push(flow_id, FLOW)
            self.happened.append(Happening("flow_started", flow_id))

    def drop(self, unwanted: Callable[[Stack], bool]) -> list[Stack]:
        """Take groups off the stack; returns them."""
        parts = groups(self.stack)
        dropped = [group for group in parts if unwanted(group)]
        self.stack = joined([group for group in parts if group not in dropped])
        return dropped

    def drop_patterns_on_top(self) -> None:
        """Take off the patterns above the active flow: what the person wants now answers their questions."""
        parts = groups(self.stack)
        while parts and parts[-1][0].kind == PATTERN:
            parts.pop()
        self.stack = joined(parts)

    def flow_groups(self) -> list[Stack]:
        """The groups of flows (not patterns), the active one last."""
        return [group for group in groups(self.stack) if group[0].kind == FLOW]

    def queued(self) -> list[Frame]:
        """The flows that wait for their turn, the next one first."""
        return [frame for frame in reversed(self.stack) if frame.kind == QUEUED]

    def cancel(self, frame_ids: Sequence[str]) -> None:
        """Take off the flows whose first frame is named, and forget their answers."""
        for group in self.drop(lambda one: one[0].frame_id in frame_ids):
            self.forget_answers(self.flows[group[0].flow_id])
            self.happened.append(Happening("flow_cancelled", group[0].flow_id))

    def interrupted_context(self, waiting: Sequence[Stack]) -> dict[str, Any]:
        """What pattern_continue_interrupted may say; the flow interrupted last comes first."""
        ids = [group[0].flow_id for group in reversed(waiting)]
        names = [self.flows[flow_id].title for flow_id in ids]
        return {
            "previous_flow_name": names[0],
            "interrupted_flow_ids": ids,
            "interrupted_flow_names": names,
            "interrupted_flow_options": self.options(ids),
            "multiple_flows_interrupted": len(ids) > 1,
        }

    def next_need_context(self, after: str | None) -> dict[str, Any]:
        """What pattern_next_need may say. `after`: the flow that ended, or that waits for the person."""
        following = self.queued()[0]
        return {
            "next_flow_id": following.flow_id,
            "next_flow_name": self.flows[following.flow_id].title,
            "after_flow_id": after,
            "is_offer": bool(following.context.get("is_offer")),
        }

    def options(self, flow_ids: Sequence[str]) -> list[dict[str, str]]:
        """Flows as choices: a response turns each into a button."""
        return [{"flow_id": flow_id, "name": self.flows[flow_id].title} for flow_id in flow_ids]

    # -- the way through a flow ----------------------------------------------------------------

    def reach(self, frame: Frame, step: Step) -> Frame:
        """The frame at a step, the step last in its trail (the way a correction goes back)."""
        if frame.is_collect:
            return frame.at(step.id)
        trail = [one for one in frame.context.get("trail", ()) if one != step.id]
        return frame.at(step.id, trail=[*trail, step.id])

    def finish_top(self, *, linked: bool = False) -> None:
        """The top frame has reached its end."""
        frame = self.stack.pop()
        flow = self.flows[frame.flow_id]
        if frame.is_collect or frame.kind not in (FLOW, PATTERN):
            return
        self.forget_answers(flow)
        if frame.kind == PATTERN:
            return
        self.happened.append(Happening("flow_completed", flow.id))
        if linked:
            return
        waiting = self.flow_groups()
        has_waited = bool(frame.context.get(WAITED))
        if waiting:
            self.push_pattern(
                CONTINUE_INTERRUPTED,
                **self.interrupted_context(waiting),
                ended_flow_id=flow.id,
                ended_flow_waited=has_waited,
            )
        if self.queued() and (not waiting or has_waited):
            self.push_pattern(NEXT_NEED, **self.next_need_context(flow.id))
        elif not waiting and flow.run_pattern_completed:
            self.push_pattern(COMPLETED, previous_flow_name=flow.title)

    def snapshot(self) -> Stack:
        return tuple(dataclasses.replace(frame, context=dict(frame.context)) for frame in self.stack)
