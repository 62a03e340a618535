"""A tracker that knows which of its events the log already holds, and that is cheap to copy."""

from __future__ import annotations

import copy
import json
from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Any

from rasa.shared.core.events import (
    ActionReverted,
    ActiveLoop,
    ConversationPaused,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

_BEGINNINGS = {Restarted, SessionStarted}
_UNUSUAL = {ActionReverted, ActiveLoop, UserUtteranceReverted}


class StoredTracker(DialogueStateTracker):  # type: ignore[misc]
    """`logged_events` and `turns` count what the log holds; `known` counts the head of `events` that needs no
    saving. `tally` (JSON) is what the conversation has come to so far.

    The counts differ because a compacted tracker starts with a few events that only restore a snapshot.
    """

    def __init__(self, sender_id: str, slots: Iterable[Slot] | None, **kwargs: Any) -> None:
        super().__init__(sender_id, slots, **kwargs)
        self.known = 0
        self.logged_events = 0
        self.turns = 0
        self.tally: str | None = None

    def unsaved_events(self) -> list[Event]:
        return list(islice(self.events, self.known, None))

    def mark_saved(self, events: int, turns: int, tally: str | None) -> None:
        """The log now holds this many events and turns, everything in this tracker included."""
        self.known = len(self.events)
        self.logged_events = events
        self.turns = turns
        self.tally = tally

    def applied_events(self) -> list[Event]:
        """What Rasa gives; it looks for loops and undoings at every event of each message's tracker."""
        kinds = {type(event) for event in self.events}
        if kinds & _UNUSUAL:
            applied: list[Event] = super().applied_events()
            return applied
        events = list(self.events)
        if kinds & _BEGINNINGS:
            last = max(index for index, event in enumerate(events) if type(event) in _BEGINNINGS)
            return events[last + 1 :]
        return events

    def copy(self) -> StoredTracker:
        """What Rasa gets by replaying every event, without the replay:

        Rasa copies before every single action.
        """
        twin = copy.copy(self)
        twin.events = deque(self.events, self._max_event_history)
        twin.slots = {name: _copied(slot) for name, slot in self.slots.items()}
        twin.active_loop = copy.copy(self.active_loop)
        twin.model_id = None
        twin.assistant_id = None
        return twin


def _copied(slot: Slot) -> Slot:
    """A shallow copy; `copy.copy` takes ten times as long, forty slots at each action."""
    twin = object.__new__(type(slot))
    twin.__dict__.update(slot.__dict__)
    return twin


def snapshot_of(tracker: DialogueStateTracker) -> str:
    """JSON of the state that older events leave behind:

    slots that differ from their start value, and a pause.
    """
    changed = {name: slot.value for name, slot in tracker.slots.items() if slot.value != slot.initial_value}
    return json.dumps({"slots": changed, "paused": tracker.is_paused()})


def restore(
    conversation_id: str,
    slots: Iterable[Slot],
    snapshot: str | None,
    log: Iterable[dict[str, Any]],
) -> StoredTracker:
    """The tracker after `snapshot` and the `log` that follows it.

    Slots that the domain no longer has are left out: a newer model goes on with an older conversation.
    """
    tracker = StoredTracker(conversation_id, slots)
    for event in _restoring(snapshot):
        if _fits(event, tracker):
            tracker.update(event)
    go_on(tracker, log)
    return tracker


def go_on(tracker: StoredTracker, log: Iterable[dict[str, Any]]) -> None:
    """Apply what follows in the log."""
    for data in log:
        restored = Event.from_parameters(data)
        if restored is not None and _fits(restored, tracker):
            tracker.update(restored)


def _restoring(snapshot: str | None) -> list[Event]:
    if snapshot is None:
        return []
    state = json.loads(snapshot)
    # Timestamps before every real event: Rasa compares them when it travels back in time.
    events: list[Event] = [SlotSet(name, value, timestamp=1.0) for name, value in state["slots"].items()]
    if state["paused"]:
        events.append(ConversationPaused(timestamp=1.0))
    return events


def _fits(event: Event, tracker: DialogueStateTracker) -> bool:
    return not isinstance(event, SlotSet) or event.key in tracker.slots


def is_turn_start(event: Event) -> bool:
    return isinstance(event, UserUttered)
