"""What an action reads of a turn, taken from the tracker that Rasa sends."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actions.identity import Identity
from actions.jobs import Job
from actions.tickets.people import People
from actions.tickets.transcript import turn_moment
from common.clock import Clock

_TICKET_ID = re.compile(r"#?\s*([A-Za-z0-9][A-Za-z0-9._-]{0,39})")


def _usable(value: str) -> str | None:
    found = _TICKET_ID.fullmatch(value)
    return found.group(1) if found and value.casefold() != "none" else None


@dataclass
class Turn:
    """`at`: the turn's moment. `kept`: set by an action once its promise is safely written down.

    `told`: keys of the events that the action's own answer makes needless.
    """

    conversation_id: str
    slots: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    identity: Identity
    channel: str
    at: datetime
    kept: bool = False
    told: list[str] = field(default_factory=list)

    def text(self, slot: str) -> str:
        """A slot as stripped text, empty when it is not filled."""
        value = self.slots.get(slot)
        return "" if value is None else str(value).strip()

    @property
    def people(self) -> People:
        """Whose account it is, and who writes."""
        return People.from_slots(self.slots)

    def ticket_id(self) -> str | None:
        """The ticket to look at: the number that the person gave, else the conversation's newest one."""
        for slot in ("ticket_number", "ticket_id"):
            if found := _usable(self.text(slot)):
                return found
        return None

    def reply_ticket_id(self) -> str | None:
        """The ticket to answer: the one that asked for reactivation here, else the number that was given."""
        for slot in ("reactivation_ticket_id", "ticket_number"):
            if found := _usable(self.text(slot)):
                return found
        return self.ticket_id()

    def says(self, *jobs: Job | None) -> None:
        """The answer itself says what these jobs came to."""
        self.told += [job.result["told"] for job in jobs if job is not None and job.result.get("told")]

    def refs(self) -> dict[str, Any]:
        """The facts of this turn that a job keeps; none of them is personal."""
        return {
            "row": self.text("row") or None,
            "case": self.text("ticket_case") or None,
            "for_someone_else": self.people.writer is not None,
            "channel": self.channel,
            "at": self.at.isoformat(),
        }


def to_turn(tracker: Any, clock: Clock) -> Turn:
    """`tracker`: rasa_sdk's. Without a turn's metadata the person is anonymous and the moment is now."""
    users = [event for event in tracker.events if event.get("event") == "user"]
    last = users[-1] if users else {}
    metadata = last.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    return Turn(
        conversation_id=str(tracker.sender_id),
        slots=tracker.slots or {},
        events=tracker.events,
        identity=Identity.from_metadata(metadata.get("identity")),
        channel=str(metadata.get("channel") or "unknown")[:30],
        at=turn_moment(last) or clock.now(),
    )
