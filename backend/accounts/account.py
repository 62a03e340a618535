"""One account: its SCIM profile as clients wrote it, and its timestamps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from backend.accounts.state import Rules, Status, Timestamps, needs_retraining, status_of
from backend.cta.record import Course, Training

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True)
class Account:
    """`profile` is the SCIM document without what this server computes (active, password, extension).

    `cta_id` is the person's academy account, to which the `trainings` belong.
    """

    id: str
    profile: dict[str, Any]
    times: Timestamps
    modified_at: datetime
    wrong_passwords: int = 0
    password_set_on: datetime | None = None
    temporary_password_on: datetime | None = None
    cta_id: str | None = None
    trainings: tuple[Training, ...] = field(default=())

    @property
    def user_name(self) -> str:
        return str(self.profile["userName"])

    @property
    def emails(self) -> list[str]:
        """Addresses in the order given, the primary one first."""
        entries = [entry for entry in self.profile.get("emails") or [] if entry.get("value")]
        entries.sort(key=lambda entry: not entry.get("primary"))
        return [str(entry["value"]) for entry in entries]

    @property
    def address(self) -> str | None:
        """Where the account's mail goes: the primary address, else a user name that is an address."""
        if self.emails:
            return self.emails[0]
        return self.user_name if "@" in self.user_name else None

    @property
    def display_name(self) -> str:
        name = self.profile.get("name") or {}
        parts = [name.get("givenName"), name.get("familyName")]
        full = " ".join(part for part in parts if part)
        return str(full or self.profile.get("displayName") or name.get("formatted") or self.user_name)

    @property
    def organization(self) -> str | None:
        enterprise = self.profile.get(ENTERPRISE) or {}
        return enterprise.get("organization")

    def status(self, now: datetime, rules: Rules) -> Status:
        return status_of(self.times, now, rules)

    def needs_retraining(self, now: datetime, rules: Rules) -> bool:
        return needs_retraining(self.times, now, rules)

    def has_completed(self, course: Course) -> bool:
        return any(training.course == course for training in self.trainings)

    def has_retake_since_login(self) -> bool:
        """A RETAKE from before the last login says nothing about this absence (How-To row 2, Case 2)."""
        since = self.times.last_login
        retakes = [each.completed_at for each in self.trainings if each.course == "retake"]
        return bool(retakes) and (since is None or retakes[-1] > since)

    def awaits_temporary_password(self) -> bool:
        """No temporary password was mailed since the last reactivation."""
        sent, reactivated = self.temporary_password_on, self.times.reactivated_on
        return sent is None or (reactivated is not None and sent < reactivated)

    def at(self, **changes: Any) -> Account:
        """The same account with other timestamps."""
        return replace(self, times=replace(self.times, **changes))
