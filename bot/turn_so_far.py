"""One look at a tracker: what the policy needs to know of the conversation before it decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.question import STACK_SLOT


@dataclass(frozen=True)
class Said:
    """A bot message of an earlier turn: its id, the response it came from, the question it asked, its buttons."""

    message_id: str
    utter: str
    question: Mapping[str, str] | None
    buttons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TurnSoFar:
    """`parse` is the person's message, `slots` are current; `steps` counts the actions run since that message.

    `pending` are the ids of messages still to be repeated in this turn, `repeated` the responses already repeated;
    `last_said` is the assistant's latest turn that said anything.
    """

    parse: Mapping[str, Any]
    slots: Mapping[str, Any]
    steps: int = 0
    pending: tuple[str, ...] = ()
    repeated: frozenset[str] = frozenset()
    last_said: tuple[Said, ...] = field(default=())

    @property
    def is_new(self) -> bool:
        """Nothing has been done about the person's message yet."""
        return self.steps == 0

    @classmethod
    def of(cls, tracker: DialogueStateTracker) -> TurnSoFar:
        steps, note = 0, None
        repeated: set[str] = set()
        said: list[Said] = []
        in_this_turn = True
        for event in reversed(tracker.events):
            if isinstance(event, UserUttered):
                if said and not in_this_turn:
                    break
                in_this_turn = False
            elif not in_this_turn:
                if isinstance(event, BotUttered):
                    said.append(_to_said(event))
            elif isinstance(event, ActionExecuted):
                steps += event.action_name not in (ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME)
            elif isinstance(event, SlotSet) and event.key == STACK_SLOT:
                note = note if note is not None else event.metadata
                if event.metadata.get("repeats"):
                    repeated.add(event.metadata.get("utter", ""))
        latest = tracker.latest_message
        return cls(
            parse=dict(latest.parse_data) if latest else {},
            slots=tracker.current_slot_values(),
            steps=steps,
            pending=tuple((note or {}).get("then", ())),
            repeated=frozenset(repeated),
            last_said=tuple(reversed(said)),
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
