"""Where the clock page's buttons lead: pure functions from now to then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from common.policy import Policy

Move = Callable[[datetime, Policy], datetime]


def one_hour(now: datetime, policy: Policy) -> datetime:
    return now + timedelta(hours=1)


def to_last_minute(now: datetime, policy: Policy) -> datetime:
    """23:59 of the local day; later than that, of the next day, so that the clock never goes back."""
    return _next_at(time(23, 59), now, policy)


def past_midnight(now: datetime, policy: Policy) -> datetime:
    """One minute into the next local day."""
    return policy.next_midnight(now) + timedelta(minutes=1)


def one_day(now: datetime, policy: Policy) -> datetime:
    """The same wall-clock time tomorrow, which is 23 or 25 hours away when daylight saving changes."""
    local = policy.local(now)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), local.timetz())
    return tomorrow.astimezone(UTC)


def _next_at(wanted: time, now: datetime, policy: Policy) -> datetime:
    today = policy.today(now)
    for day in (today, today + timedelta(days=1)):
        then = datetime.combine(day, wanted, tzinfo=policy.time_zone).astimezone(UTC)
        if then > now:
            return then
    raise AssertionError("a day has a last minute")


MOVES: dict[str, Move] = {
    "hour": one_hour,
    "last_minute": to_last_minute,
    "midnight": past_midnight,
    "day": one_day,
}
