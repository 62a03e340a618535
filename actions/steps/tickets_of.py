"""Whether this person may use a ticket, and the ticket itself."""

from __future__ import annotations

from actions.desks import Ticket
from actions.http import NotFound, RetryLater
from actions.identity import may_use_ticket
from actions.office import Office
from actions.steps.turn import Turn


def usable_ticket(office: Office, turn: Turn, ticket_id: str) -> Ticket | None:
    """The ticket, or None when it is not there or not this person's: both look the same from outside.

    A ticket that was written here for somebody else's account is the owner's, whatever address is named. One
    of the writer's own that began in this conversation is usable even while the desk is down (RetryLater is
    raised for others). Raises CallHuman.
    """
    of_another = office.store.filed_here(turn.conversation_id, ticket_id, for_someone_else=True)
    filed_here = office.store.filed_here(turn.conversation_id, ticket_id)
    try:
        ticket = office.tools.desk.status(ticket_id)
    except NotFound:
        return None
    except RetryLater:
        if filed_here:
            return Ticket(ticket_id, "unknown", turn.text("requester_email"))
        raise
    email = turn.text("requester_email")
    if of_another and not turn.identity.proves(ticket.requester):
        return None
    allowed = may_use_ticket(turn.identity, email, ticket.requester, filed_here, office.settings)
    return ticket if allowed else None
