"""Actions that the engine carries out itself; patterns name them like any action.

Each takes the run while the pattern's frame is on top. The result is an action still to run (a
rejection's response) or None.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.flows import corrections, interruptions, waiting
from bot.flows.conditions import holds
from bot.flows.run import CONTINUE_INTERRUPTED, NEXT_NEED, Run
from bot.flows.stack import FLOW, PATTERN, groups, joined

LISTEN = "action_listen"
MOST_OPTIONS = 3


def run_slot_rejections(run: Run) -> str | None:
    """Clear a value that a rejection of the collect step matches; its response says why."""
    context = run.top.context
    slot = str(context.get("collect"))
    if run.slots.get(slot) is None:
        return None
    for rejection in context.get("rejections", ()):
        if holds(rejection["if"], run.slots, context):
            run.set_slot(slot, None)
            return str(rejection["utter"])
    return None


def correct_flow_slot(run: Run) -> str | None:
    """Write corrected values and go back to where they were asked."""
    corrections.carry_out(run, run.top.context)
    return None


def cancel_flow(run: Run) -> str | None:
    """Take the cancelled flow off; a flow that it had interrupted is announced afterwards."""
    pattern = run.stack.pop()
    ids = set(pattern.context.get("canceled_frames", ()))
    active = run.flow_groups()
    was_active = bool(active) and active[-1][0].frame_id in ids
    run.cancel(sorted(ids))
    left = run.flow_groups()
    if was_active and left:
        run.push_pattern(CONTINUE_INTERRUPTED, **run.interrupted_context(left))
    elif was_active:
        waiting.offer(run)
    run.stack.append(pattern)
    return None


def continue_interrupted_flow(run: Run) -> str | None:
    """Bring back the flow that slot `interrupted_flow_to_continue` names (id or name), else the latest."""
    wanted = str(run.slots.get("interrupted_flow_to_continue") or "").strip().lower()
    pattern = run.stack.pop()
    parts = groups(run.stack)
    for group in parts:
        flow = run.flows[group[0].flow_id]
        if group[0].kind == FLOW and wanted in (flow.id.lower(), flow.title.lower()):
            run.stack = joined([one for one in parts if one is not group] + [group])
            break
    run.stack.append(pattern)
    return None


def cancel_interrupted_flows(run: Run) -> str | None:
    """Take off all the flows that wait."""
    run.cancel([group[0].frame_id for group in run.flow_groups()])
    return None


def clarify_flows(run: Run) -> str | None:
    """Cut the options to slot `max_clarification_options` (3 if unset)."""
    most = run.slots.get("max_clarification_options")
    limit = int(most) if isinstance(most, (int, float)) and most >= 1 else MOST_OPTIONS
    options = list(run.top.context.get("clarification_options", ()))[:limit]
    names = [option["name"] for option in options]
    run.replace_top(run.top.at(run.top.step_id, clarification_options=options, names=names))
    return None


def clean_stack(run: Run) -> str | None:
    """Forget all that was under way, but start what the person asked for in this very turn."""
    pattern = run.top
    run.stack = []
    for flow_id in pattern.context.get("queued", ()):
        interruptions.start(run, flow_id)
    run.stack.append(pattern)
    return None


def start_next_need(run: Run) -> str | None:
    """Begin the flow that waits next; the pattern that runs this ends above it."""
    pattern = run.stack.pop()
    waiting.start_next(run)
    run.stack.append(pattern)
    return None


def drop_next_need(run: Run) -> str | None:
    """Forget the flow that waits next."""
    waiting.drop_next(run)
    return None


def serve_next_need(run: Run) -> str | None:
    """Named by a flow whose person is away now: what waits comes in between."""
    if run.queued():
        active = run.flow_groups()[-1][0].flow_id
        run.push_pattern(NEXT_NEED, **run.next_need_context(active))
    return None


INTERNAL_ACTIONS: dict[str, Callable[[Run], str | None]] = {
    "action_run_slot_rejections": run_slot_rejections,
    "action_correct_flow_slot": correct_flow_slot,
    "action_cancel_flow": cancel_flow,
    "action_continue_interrupted_flow": continue_interrupted_flow,
    "action_cancel_interrupted_flows": cancel_interrupted_flows,
    "action_clarify_flows": clarify_flows,
    "action_clean_stack": clean_stack,
    "action_start_next_need": start_next_need,
    "action_drop_next_need": drop_next_need,
    "action_serve_next_need": serve_next_need,
}

FLOWS_MAY_NAME = frozenset({"action_serve_next_need"})
"""All other internal actions are for patterns only."""

RETURNED_ACTIONS = frozenset({"action_repeat_bot_messages", "action_restart"})
"""Known without being in the domain, and carried out by whoever called the engine."""


def is_waiting_pattern(run: Run) -> bool:
    """Does the top only wait for the person's next words, with nothing to do after them?"""
    if not run.stack or run.top.kind != PATTERN or run.top.is_collect:
        return False
    step = run.step_of(run.top)
    return step is not None and step.value == LISTEN and [branch.to for branch in step.next] == ["END"]
