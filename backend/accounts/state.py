"""What state an account is in: a function of its timestamps, the rules and the clock. Nothing is swept.

How-To rows 2 and 3: an account goes inactive after some days without a login, by an administrator, or at the
midnight after a reactivation that nobody used; a lock opens by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    LOCKED = "locked"
    PENDING = "pending"


class DisabledReason(StrEnum):
    NO_LOGIN = "noLogin"
    ADMINISTRATOR = "administrator"
    MIDNIGHT = "midnight"
    NEVER_USED = "neverUsed"


class Rules(Protocol):
    """The part of common.policy.Policy that decides here."""

    @property
    def inactive_after_days(self) -> int: ...
    @property
    def locked_minutes(self) -> int: ...
    def today(self, now: datetime) -> date: ...
    def cutoff(self, now: datetime) -> date: ...
    def next_midnight(self, now: datetime) -> datetime: ...


@dataclass(frozen=True)
class Timestamps:
    """Everything that decides a state; all aware, all optional except `created_at`."""

    created_at: datetime
    last_login: datetime | None = None
    reactivated_on: datetime | None = None
    disabled_on: datetime | None = None
    queued_on: datetime | None = None
    processed_on: datetime | None = None
    locked_until: datetime | None = None


@dataclass(frozen=True)
class Status:
    """A state with what explains it. `log_in_by` is set while a reactivation waits for its login."""

    state: State
    disabled_reason: DisabledReason | None = None
    locked_until: datetime | None = None
    log_in_by: datetime | None = None

    @property
    def administratively_active(self) -> bool:
        """SCIM's `active`: a lock passes by itself and does not make an account inactive."""
        return self.state in (State.ACTIVE, State.LOCKED)


def status_of(times: Timestamps, now: datetime, rules: Rules) -> Status:
    """The state at `now`. Pending comes before inactive, inactive before locked: a lock would not matter."""
    if times.queued_on is not None:
        return Status(State.PENDING)
    reason = _disabled_reason(times, now, rules)
    if reason is not None:
        return Status(State.INACTIVE, disabled_reason=reason)
    unused = _unused_reactivation(times)
    log_in_by = rules.next_midnight(unused) if unused else None
    if times.locked_until is not None and now < times.locked_until:
        return Status(State.LOCKED, locked_until=times.locked_until, log_in_by=log_in_by)
    return Status(State.ACTIVE, log_in_by=log_in_by)


def needs_retraining(times: Timestamps, now: datetime, rules: Rules) -> bool:
    """Case 2: the last login is older than the cutoff day (a login on that very day is Case 1)."""
    return times.last_login is not None and rules.today(times.last_login) < rules.cutoff(now)


def _disabled_reason(times: Timestamps, now: datetime, rules: Rules) -> DisabledReason | None:
    if times.disabled_on is not None and not _is_after(times.reactivated_on, times.disabled_on):
        return DisabledReason.ADMINISTRATOR
    unused = _unused_reactivation(times)
    if unused is not None:
        return DisabledReason.MIDNIGHT if now >= rules.next_midnight(unused) else None
    if times.last_login is None:
        used_up = _days_without_login(times.processed_on or times.created_at, now, rules)
        return DisabledReason.NEVER_USED if used_up else None
    return DisabledReason.NO_LOGIN if _days_without_login(times.last_login, now, rules) else None


def _unused_reactivation(times: Timestamps) -> datetime | None:
    """A reactivation without a login since: its midnight ends it, whatever the last login was."""
    reactivated, login = times.reactivated_on, times.last_login
    return None if reactivated is None or (login is not None and login >= reactivated) else reactivated


def _days_without_login(since: datetime, now: datetime, rules: Rules) -> bool:
    """True on the first local day that is more than `inactive_after_days` days after `since`."""
    return rules.today(now) > rules.today(since) + timedelta(days=rules.inactive_after_days)


def _is_after(moment: datetime | None, other: datetime) -> bool:
    return moment is not None and moment > other
