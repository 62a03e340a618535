"""What a job needs to be done, the same in the action server and in every worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actions.accounts import AccountBackend
from actions.desks import TicketDesk
from actions.inner_door import InnerDoor
from actions.jobs import NewJob
from common.clock import Clock
from common.policy import Policy


@dataclass(frozen=True)
class Tools:
    """`poll_seconds`: how long a watch rests at first between two looks, in real time."""

    desk: TicketDesk
    accounts: AccountBackend
    door: InnerDoor
    policy: Policy
    clock: Clock
    poll_seconds: float = 15.0


@dataclass(frozen=True)
class Done:
    """The job is over. `outcome`: what reports count."""

    result: Mapping[str, Any] = field(default_factory=dict)
    follow_ups: tuple[NewJob, ...] = ()
    outcome: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class NotYet:
    """Look again after `hold` real seconds, with these facts."""

    hold: float
    refs: Mapping[str, Any]
    follow_ups: tuple[NewJob, ...] = ()
    outcome: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Forget:
    """The conversation is gone, and everything that belongs to it goes too."""


Step = Done | NotYet | Forget


def outcome_of(refs: Mapping[str, Any], outcome: str, at: datetime) -> dict[str, Any]:
    """A row for reports: what happened when, for which row and case; nothing that leads to a person."""
    started = refs.get("started_at")
    return {
        "at": at,
        "outcome": outcome,
        "row": refs.get("row"),
        "ticket_case": refs.get("case"),
        "channel": refs.get("channel"),
        "started_at": datetime.fromisoformat(started) if started else None,
    }
