"""What a job needs to be done, the same in the action server and in every worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from actions.accounts import AccountBackend
from actions.desks import TicketDesk
from actions.inner_door import InnerDoor
from actions.jobs import NewJob, Outcome
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
    """The job is over. `outcomes`: what reports count."""

    result: Mapping[str, Any] = field(default_factory=dict)
    follow_ups: tuple[NewJob, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class NotYet:
    """Look again after `hold` real seconds, with these facts."""

    hold: float
    refs: Mapping[str, Any]
    follow_ups: tuple[NewJob, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class Forget:
    """The conversation is gone, and everything that belongs to it goes too."""


Step = Done | NotYet | Forget


def outcome_of(refs: Mapping[str, Any], outcome: str, day: date) -> tuple[Outcome]:
    """What happened on which of the region's days, for which row, case and channel; nothing of a person."""
    row, case, channel = (str(refs.get(name) or "") for name in ("row", "case", "channel"))
    return (Outcome(day.isoformat(), outcome, row, case, channel),)
