"""One look at a tracker: what the director needs to know of the conversation before it decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.director import Said, Turn
from bot.passing_time import read_moment
from bot.question import STACK_SLOT


def read_turn(tracker: DialogueStateTracker) -> Turn:
    """Reads back only as far as the last turn in which the assistant said anything."""
    steps = 0
    newest_note: Mapping[str, Any] | None = None
    repeated: set[str] = set()
    said: list[Said] = []
    in_this_turn = True
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            if said:
                break
            in_this_turn = False
        elif not in_this_turn:
            if isinstance(event, BotUttered):
                said.append(_to_said(event))
        elif isinstance(event, ActionExecuted):
            steps += event.action_name not in (ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME)
        elif isinstance(event, SlotSet) and event.key == STACK_SLOT:
            newest_note = event.metadata if newest_note is None else newest_note
            if event.metadata.get("repeats"):
                repeated.add(event.metadata["utter"])
    latest = tracker.latest_message
    return Turn(
        parse=dict(latest.parse_data) if latest else {},
        slots=tracker.current_slot_values(),
        steps=steps,
        pending=tuple((newest_note or {}).get("then", ())),
        repeated=frozenset(repeated),
        last_said=tuple(reversed(said)),
        at=read_moment((latest.metadata or {}).get("at")) if latest else None,
    )


def _to_said(event: BotUttered) -> Said:
    return Said(
        message_id=event.metadata.get("message_id", ""),
        utter=event.metadata.get("utter_action", ""),
        question=event.metadata.get("question"),
        buttons=tuple(
            (button.get("title", ""), button.get("payload", "")) for button in event.data.get("buttons") or ()
        ),
    )
