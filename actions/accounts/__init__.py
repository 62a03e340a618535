"""The port to account systems: what the assistant needs to know of an account, and reactivation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Training:
    """A completed course: `basic` or `retake`."""

    course: str
    completed_at: datetime


@dataclass(frozen=True)
class Account:
    """An account as its system reports it; what a system does not tell is None or empty. Times are aware.

    `state`: active, inactive, locked or pending. `disabled_reason`: noLogin, administrator, midnight or
    neverUsed. `log_in_by`: until when an unused reactivation holds.
    """

    id: str
    user_name: str
    emails: tuple[str, ...]
    state: str
    last_login: datetime | None = None
    disabled_reason: str | None = None
    reactivated_on: datetime | None = None
    log_in_by: datetime | None = None
    trainings: tuple[Training, ...] = ()


class AccountBackend(Protocol):
    """Raises the exceptions of `actions.http`."""

    @property
    def keeps_records(self) -> bool:
        """False where there is no account system: nothing may then depend on a record."""

    def find(self, email: str) -> Account | None:
        """The one account that belongs to an e-mail address."""

    def reactivate(self, account_id: str) -> Account:
        """Make an account active; harmless to repeat. Raises NotFound."""

    def close(self) -> None: ...
