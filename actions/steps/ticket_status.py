"""action_ticket_status: how far Support is with a ticket; never what they wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.http import RetryLater, time_limit
from actions.steps.base import OutcomeAction
from actions.steps.tickets_of import usable_ticket
from actions.steps.turn import Turn

_STATES = ("open", "answered", "closed")


class TicketStatus(OutcomeAction):
    """ok: ticket_status_state and ticket_status_number.

    States: open, answered, closed; filed, for a ticket that was written here for somebody else, whose news
    are the owner's; unknown, for one that is not theirs.
    """

    stem = "ticket_status"

    def answer(self, turn: Turn) -> Mapping[str, Any]:
        ticket_id = turn.ticket_id()
        if ticket_id is None:
            return self.outcome("ok", ticket_status_state="unknown")
        filed = self.office.store.filed_here(turn.conversation_id, ticket_id, for_someone_else=True)
        try:
            with time_limit(5.0):
                ticket = usable_ticket(self.office, turn, ticket_id)
        except RetryLater:
            if not filed:
                return self.outcome("retry")
            ticket = None
        if ticket is None and filed:
            return self.outcome("ok", ticket_status_state="filed", ticket_status_number=ticket_id)
        if ticket is None:
            return self.outcome("ok", ticket_status_state="unknown")
        if ticket.status not in _STATES:
            return self.outcome("retry")
        return self.outcome("ok", ticket_status_state=ticket.status, ticket_status_number=ticket_id)
