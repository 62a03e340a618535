"""Going back to an earlier answer: what counts as one, and what happens to all that came after it.

The flow returns to the step that asked. Branches after it are chosen anew, slots that set_slots steps
wrote after it are reset and written again, actions run again, answers that were given stay, and
questions with `ask_before_filling` (a "yes" above all) are asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.flows.interruptions import undo
from bot.flows.model import CALL_STEP, COLLECT, Step
from bot.flows.run import Run
from bot.flows.stack import CALL, COLLECT_PATTERN, PATTERN, Frame

CORRECTION = "pattern_correction"


@dataclass(frozen=True)
class Place:
    """Where an answer was given: the frame, and the index in its trail."""

    frame_index: int
    trail_index: int
    step: Step


def place_of(run: Run, slot: str) -> Place | None:
    """The latest step under way that asked for the slot and was passed; None if nothing asked for it."""
    for index in range(len(run.stack) - 1, -1, -1):
        frame = run.stack[index]
        if frame.kind == PATTERN:
            continue
        trail: list[str] = list(frame.context.get("trail", ()))
        for at in range(len(trail) - 1, -1, -1):
            step = run.flows[frame.flow_id].step(trail[at])
            if step is not None and not _is_open(run, index, step) and slot in _asked_by(run, step):
                return Place(index, at, step)
    return None


def _is_open(run: Run, index: int, step: Step) -> bool:
    """Is the step still waiting for the frame above it (its question or the flow it called)?"""
    above = run.stack[index + 1] if index + 1 < len(run.stack) else None
    waits = above is not None and (above.is_collect or above.kind == CALL)
    return waits and run.stack[index].step_id == step.id


def _asked_by(run: Run, step: Step) -> set[str]:
    if step.kind == COLLECT:
        return {step.value}
    if step.kind == CALL_STEP:
        return {name for flow in run.flows.subflows(run.flows[step.value]) for name in flow.collects}
    return set()


def _set_by(run: Run, step: Step) -> set[str]:
    if step.kind == CALL_STEP:
        return {name for flow in run.flows.subflows(run.flows[step.value]) for name in flow.sets}
    return {name for name, _ in step.slots}


def correction_context(run: Run, corrected: Mapping[str, Any]) -> dict[str, Any] | None:
    """The context of pattern_correction for these new values; None if none of them was asked for."""
    places = [place for name in corrected if (place := place_of(run, name))]
    if not places:
        return None
    earliest = min(places, key=lambda place: (place.frame_index, place.trail_index))
    frame = run.stack[earliest.frame_index]
    return {
        "corrected_slots": dict(corrected),
        "new_slot_values": list(corrected.values()),
        "is_reset_only": all(value is None for value in corrected.values()),
        "reset_flow_id": frame.flow_id,
        "reset_step_id": earliest.step.id,
        "reset_frame_id": frame.frame_id,
    }


def carry_out(run: Run, context: Mapping[str, Any]) -> None:
    """`action_correct_flow_slot`: write the new values and go back, under the pattern that runs it."""
    corrected: Mapping[str, Any] = context.get("corrected_slots") or {}
    index = next(
        (i for i, one in enumerate(run.stack) if one.frame_id == context.get("reset_frame_id")), None
    )
    if index is not None:
        _rewind(run, index, str(context.get("reset_step_id")), corrected)
    for name, value in corrected.items():
        run.set_slot(name, value)


def _rewind(run: Run, index: int, step_id: str, corrected: Mapping[str, Any]) -> None:
    frame = run.stack[index]
    flow = run.flows[frame.flow_id]
    trail: list[str] = list(frame.context.get("trail", ()))
    step = flow.step(step_id)
    if step is None or step_id not in trail:
        return
    at = trail.index(step_id)
    undone = _undone(run, frame, trail[at:], corrected)
    undo(run, index, corrected, undone)
    frame = run.stack[index]
    # The corrected slots are not cleared by ask_before_filling when the way comes by their question again.
    keep = sorted(set(corrected) - ({step.value} if step.kind == COLLECT else set()))
    back = frame.at(step_id, trail=trail[: at + 1], keep=keep)
    end = index + 1
    while end < len(run.stack) and (run.stack[end].kind == CALL or run.stack[end].is_collect):
        end += 1
    run.stack[index:end] = [back, _reentered(run, step, corrected)]


def _undone(run: Run, frame: Frame, later: Sequence[str], corrected: Mapping[str, Any]) -> dict[str, Any]:
    """What set_slots steps wrote after the correction, at its initial value; answers stay."""
    flow = run.flows[frame.flow_id]
    asked = {name for part in run.flows.subflows(flow) for name in part.collects}
    steps = [step for step_id in later if (step := flow.step(step_id))]
    names = {name for step in steps for name in _set_by(run, step)} - asked - set(corrected)
    return {name: run.flows.slots[name].initial for name in sorted(names) if name in run.flows.slots}


def _reentered(run: Run, step: Step, corrected: Mapping[str, Any]) -> Frame:
    if step.kind == CALL_STEP:
        return run.frame(step.value, CALL, keep=sorted(corrected))
    return collect_frame(run, step)


def collect_frame(run: Run, step: Step) -> Frame:
    """The frame of pattern_collect_information that asks what a collect step wants."""
    return run.frame(
        COLLECT_PATTERN,
        PATTERN,
        collect=step.value,
        utter=step.utter,
        collect_action=step.utter,
        rejections=[{"if": one.when, "utter": one.utter} for one in step.rejections],
        force_slot_filling=step.force_slot_filling,
    )


def is_change(run: Run, name: str, value: Any, open_slots: Sequence[str], *, again: bool = False) -> bool:
    """Does the value change an answer (and not fill an empty or open slot)?

    `again`: the same value counts too, because what belongs to it has changed.
    """
    old = run.slots.get(name)
    changes = old is not None and (again or old != value)
    return changes and name not in open_slots and place_of(run, name) is not None
