"""What a flow keeps to itself while another one runs above it.

Slots are shared, which is right for what a person said (an e-mail address holds for both flows) and
wrong for three kinds: what set_slots steps wrote, answers to questions that are asked anew each time
(one flow's "yes" must never answer another's question), and results of actions. A flow that is
interrupted stores those and gets them back when it goes on. Other slots that an action wrote (a
summary, a key) cannot be told apart from lasting ones; so if the other flow can run the same action,
the interrupted flow runs it again before it asks its open question again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.flows.model import ACTION, CALL_STEP, COLLECT, Flow, Step
from bot.flows.run import Run
from bot.flows.side_effects import SIDE_EFFECTS
from bot.flows.stack import CALL, FLOW, Frame, Stack, groups

SNAPSHOT, BY = "snapshot", "interrupted_by"


def custom_actions(run: Run, flow: Flow) -> set[str]:
    """The custom actions that a flow and the flows it calls can run."""
    steps = [step for part in run.flows.subflows(flow) for step in part.steps]
    return {step.value for step in steps if step.kind == ACTION and step.value in run.flows.actions}


def own_slots(run: Run, flow: Flow) -> set[str]:
    """The slots that another flow must not change behind this one's back."""
    parts = run.flows.subflows(flow)
    questions = [step for part in parts for step in part.steps if step.kind == COLLECT]
    asked_anew = {step.value for step in questions if step.ask_before_filling}
    shared = {step.value for step in questions} - asked_anew
    written = {name for part in parts for name in part.sets} - shared
    results = {slot for action in custom_actions(run, flow) for slot in run.result_slots(action)}
    return written | asked_anew | results


def begin(run: Run, frame: Frame) -> None:
    """A flow starts: results that its actions had in an earlier flow are not results of this one."""
    for action in custom_actions(run, run.flows[frame.flow_id]):
        run.clear_results(action)


def interrupt(run: Run, starting: str) -> None:
    """Called before a flow is put on top: those under way store what is theirs."""
    for index, frame in enumerate(run.stack):
        if frame.kind != FLOW or frame.flow_id == starting:
            continue
        by = [*frame.context.get(BY, ()), starting]
        kept = frame.context.get(SNAPSHOT)
        if kept is None:
            kept = {name: run.slots.get(name) for name in sorted(own_slots(run, run.flows[frame.flow_id]))}
        run.stack[index] = frame.at(frame.step_id, **{SNAPSHOT: kept, BY: list(dict.fromkeys(by))})


def start(run: Run, flow_id: str) -> None:
    """Put a flow on top; flows below it are interrupted."""
    if not run.flows[flow_id].is_pattern:
        interrupt(run, flow_id)
    run.start(flow_id)


def resume(run: Run) -> Step | None:
    """If the top belongs to a flow that was interrupted, give it its slots back.

    Returns a step to carry out now instead of asking the open question again, or None.
    """
    parts = groups(run.stack)
    head = parts[-1][0]
    if head.kind != FLOW or SNAPSHOT not in head.context:
        return None
    for name, value in head.context[SNAPSHOT].items():
        run.set_slot(name, value)
    by = head.context.get(BY, ())
    place = len(run.stack) - len(parts[-1])
    context = {key: value for key, value in head.context.items() if key not in (SNAPSHOT, BY)}
    run.stack[place] = Frame(head.frame_id, head.flow_id, head.step_id, head.kind, context)
    others = [run.flows[flow_id] for flow_id in by if flow_id in run.flows]
    overwritten = {action for flow in others for action in custom_actions(run, flow)}
    return _to_redo(run, parts[-1], overwritten)


def forget_unserved(run: Run) -> None:
    """At the start of a turn: an answer to a question asked anew each time counts in its own turn only.

    When something came in between, so that the flow could not act on a "yes", it has to be given again.
    """
    for index in range(1, len(run.stack) - 1):
        step = run.step_of(run.stack[index - 1])
        if not run.stack[index].is_collect or step is None or not step.ask_before_filling:
            continue
        head = index - 1
        while head and run.stack[head].kind == CALL:
            head -= 1
        stored = run.stack[head].context.get(SNAPSHOT)
        if stored is None:
            run.set_slot(step.value, None)
        elif step.value in stored:
            kept = {**stored, step.value: None}
            run.stack[head] = run.stack[head].at(run.stack[head].step_id, **{SNAPSHOT: kept})


def _to_redo(run: Run, group: Stack, overwritten: set[str]) -> Step | None:
    """The first action since the last answer whose results the other flow may have overwritten."""
    if not run.top.is_collect or len(group) < 2:
        return None
    asking = run.stack[-2]
    flow = run.flows[asking.flow_id]
    trail: list[str] = list(asking.context.get("trail", ()))
    found: Step | None = None
    for step_id in reversed(trail[:-1]):
        step = flow.step(step_id)
        if step is None or step.kind in (COLLECT, CALL_STEP) or step.value in SIDE_EFFECTS:
            break
        if step.kind == ACTION and step.value in overwritten:
            found = step
    if found is not None:
        run.stack.pop()
    return found


def undo(run: Run, index: int, corrected: Mapping[str, Any], undone: Mapping[str, Any]) -> None:
    """Reset slots after a correction: in the slots, or in what the frame's flow stored when interrupted."""
    while index and run.stack[index].kind != FLOW:
        index -= 1
    head = run.stack[index]
    stored = head.context.get(SNAPSHOT)
    if stored is None:
        for name, value in undone.items():
            run.set_slot(name, value)
        return
    kept = {name: undone.get(name, value) for name, value in stored.items() if name not in corrected}
    run.stack[index] = head.at(head.step_id, **{SNAPSHOT: kept})
