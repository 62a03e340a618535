"""Which question is open, and whether a button still belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.flows import Frame, open_question, stack_from_json

STACK_SLOT = "flow_stack"
# Slots that say nothing about the person's case: they change without making an earlier question another one.
BOOKKEEPING = frozenset({STACK_SLOT, "not_understood", "explain_topic"})


def read_stack(value: Any) -> tuple[Frame, ...]:
    """The stack from its slot; a value that is no stack, perhaps an older program's, counts as none."""
    try:
        return tuple(stack_from_json(value))
    except ValueError:
        return ()


def question_mark(stack: Sequence[Frame]) -> dict[str, str] | None:
    """What makes the open question this one and no other, for a message's metadata; None without one."""
    question = open_question(stack)
    if question is None:
        return None
    asking = next(
        (
            frame
            for frame in reversed(stack)
            if (frame.flow_id, frame.step_id) == (question.flow_id, question.step_id)
        ),
        None,
    )
    return {
        "slot": question.slot,
        "utter": question.utter,
        "flow": question.flow_id,
        "step": question.step_id,
        "frame": asking.frame_id if asking else "",
    }


def pressed(tracker: DialogueStateTracker, button_id: str) -> dict[str, Any] | None:
    """The button (`title`, `payload`) with this id, if pressing it still means what it meant; else None.

    A button under a question acts while that question is open and nothing that the person told us changed
    since. Any other button acts in the turn after its message, or while no question is open.
    """
    own_message, _, number = button_id.rpartition(".")
    events = list(tracker.events)
    place = _place_of(events, own_message)
    if place is None:
        return None
    buttons = events[place].data.get("buttons") or []
    if not number.isdecimal() or int(number) >= len(buttons):
        return None
    now_open = question_mark(read_stack(tracker.get_slot(STACK_SLOT)))
    asked = events[place].metadata.get("question")
    later = events[place + 1 :]
    if asked:
        acts = asked == now_open and not _case_changed(events[:place], later)
    else:
        acts = now_open is None or not any(isinstance(event, UserUttered) for event in later)
    return dict(buttons[int(number)]) if acts else None


def _place_of(events: Sequence[Event], message_id: str) -> int | None:
    for place in range(len(events) - 1, -1, -1):
        event = events[place]
        if isinstance(event, BotUttered) and message_id and event.metadata.get("message_id") == message_id:
            return place
    return None


def _case_changed(before: Sequence[Event], later: Sequence[Event]) -> bool:
    changes = {event.key: event.value for event in later if isinstance(event, SlotSet)}
    wanted = set(changes) - BOOKKEEPING
    held: dict[str, Any] = {}
    for event in before:
        if isinstance(event, SlotSet) and event.key in wanted:
            held[event.key] = event.value
    return any(changes[name] != held.get(name) for name in wanted)
