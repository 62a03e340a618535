"""The port to ticket desks. Whatever goes wrong, one key is one ticket (`actions.desks.filing`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from actions.tickets import TicketDraft


@dataclass(frozen=True)
class Ticket:
    """A ticket on a desk. `answers`: ids of Support's answers, oldest first; never their text."""

    id: str
    status: str
    requester: str
    row: str | None = None
    answers: tuple[str, ...] = ()


class TicketDesk(Protocol):
    """Raises the exceptions of `actions.http`."""

    def create(self, key: str, draft: TicketDraft) -> Ticket:
        """File a ticket. After an Uncertain, ask `find` before calling again."""

    def find(self, key: str) -> Ticket | None:
        """The ticket that was filed with this key."""

    def search(self, requester: str) -> list[Ticket]:
        """The tickets of an e-mail address, newest first."""

    def status(self, ticket_id: str) -> Ticket:
        """A ticket as it is now. Raises NotFound."""

    def reply(self, ticket_id: str, key: str, text: str) -> None:
        """Add the requester's answer; the same key is one answer, however often sent. Raises NotFound."""

    def close(self) -> None: ...
