"""How moments and spans read on a page: the region's wall clock, short words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.accounts.account import Account
from backend.accounts.state import Status
from backend.console.words import say
from common.policy import Policy


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
        """`12 min`, `5 h`, `3 days`."""
        return span(self.now - moment)

    def ago(self, moment: datetime) -> str:
        words = self.age(moment)
        return words if words == say("durations.now") else say("durations.ago", span=words)

    def status(self, account: Account) -> Status:
        return account.status(self.now, self.policy)

    def needs_retraining(self, account: Account) -> bool:
        return account.needs_retraining(self.now, self.policy)

    def _day(self, local: datetime) -> str:
        this_year = self.policy.today(self.now).year
        year = "" if local.year == this_year else f", {local.year}"
        return f"{local:%a}, {local:%b} {local.day}{year}"


def span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return say("durations.now")
    if minutes < 60:
        return say("durations.minutes", n=minutes)
    if minutes < 24 * 60:
        return say("durations.hours", n=minutes // 60)
    days = minutes // (24 * 60)
    return say("durations.day") if days == 1 else say("durations.days", n=days)


def _time(local: datetime) -> str:
    return f"{local.hour % 12 or 12}:{local:%M} {local:%p}"
