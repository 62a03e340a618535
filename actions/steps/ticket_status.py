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
    """ok: ticket_status_state (open, answered, closed, unknown: not theirs) and ticket_status_number."""

    stem = "ticket_status"

    def answer(self, turn: Turn) -> Mapping[str, Any]:
        ticket_id = turn.ticket_id()
        if ticket_id is None:
            return self.outcome("ok", ticket_status_state="unknown")
        try:
            with time_limit(5.0):
                ticket = usable_ticket(self.office, turn, ticket_id)
        except RetryLater:
            return self.outcome("retry")
        if ticket is None:
            return self.outcome("ok", ticket_status_state="unknown")
        if ticket.status not in _STATES:
            return self.outcome("retry")
        return self.outcome("ok", ticket_status_state=ticket.status, ticket_status_number=ticket_id)
