"""ACCOUNTS=none: no account system is connected. Support reactivates; the person's word decides the case."""

from __future__ import annotations

from actions.accounts import Account
from actions.http import NotFound


class NoAccounts:
    """Knows nobody, so that every caller takes the road that goes through Support."""

    keeps_records = False

    def find(self, email: str) -> Account | None:
        return None

    def reactivate(self, account_id: str) -> Account:
        raise NotFound("no account system is connected")

    def close(self) -> None:
        """Nothing to close."""
