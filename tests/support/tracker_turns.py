"""Turns taken with a tracker store itself, without a server."""

from __future__ import annotations

from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from bot.tracker_store import EventLogTrackerStore


async def take_turn(
    store: EventLogTrackerStore, events: list[Event], name: str = "c"
) -> DialogueStateTracker:
    """The events of one turn, saved; the tracker as it is then."""
    tracker = await store.get_or_create_tracker(name, append_action_listen=False)
    for event in events:
        tracker.update(event)
    await store.save(tracker)
    return tracker
