"""How moments and spans read on a page: the region's wall clock, short words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.accounts.account import Account
from backend.accounts.state import Status
from backend.console.words import say
from common.policy import Policy

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class View:
    """Templates call these; `now` is the request's one moment."""

    now: datetime
    policy: Policy

    def when(self, moment: datetime) -> str:
        """`Mon, Nov 23, 9:05 AM`, with the year unless it is this one."""
        local = self.policy.local(moment)
        return f"{self._day(local)}, {_time(local)}"

    def day(self, moment: datetime) -> str:
        """`Mon, Nov 23`."""
        return self._day(self.policy.local(moment))

    def last_day(self, midnight: datetime) -> str:
        """The day that a midnight ends: "by midnight of Monday" names Monday, not Tuesday at 12:00 AM."""
        return self.day(midnight - timedelta(microseconds=1))

    def iso(self, moment: datetime) -> str:
        """For the `datetime` attribute of a `<time>`."""
        return self.policy.local(moment).isoformat(timespec="seconds")

    def days_ago(self, moment: datetime) -> int:
        """Local calendar days since then: what the How-To counts."""
        return (self.policy.today(self.now) - self.policy.today(moment)).days

    def age(self, moment: datetime) -> str:
        """`less than a minute`, `12 minutes`, `5 hours`, `3 days`."""
        return length(self.now - moment)

    def ago(self, moment: datetime) -> str:
        """`just now`, `12 minutes ago`."""
        since = self.now - moment
        return say("durations.now") if since < _MINUTE else say("durations.ago", span=length(since))

    def status(self, account: Account) -> Status:
        return account.status(self.now, self.policy)

    def needs_retraining(self, account: Account) -> bool:
        return account.needs_retraining(self.now, self.policy)

    def _day(self, local: datetime) -> str:
        this_year = self.policy.today(self.now).year
        year = "" if local.year == this_year else f", {local.year}"
        return f"{local:%a}, {local:%b} {local.day}{year}"


def length(span: timedelta) -> str:
    """`less than a minute`, `12 minutes`, `5 hours`, `3 days`."""
    if span < _MINUTE:
        return say("durations.moment")
    for unit, one, most in (("minute", _MINUTE, timedelta(hours=1)), ("hour", timedelta(hours=1), _DAY)):
        if span < most:
            return _count(unit, span // one)
    return _count("day", span // _DAY)


def _count(unit: str, n: int) -> str:
    return say(f"durations.{unit}") if n == 1 else say(f"durations.{unit}s", n=n)


def _time(local: datetime) -> str:
    return f"{local.hour % 12 or 12}:{local:%M} {local:%p}"
