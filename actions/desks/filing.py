"""The rule for every desk: after an uncertain failure ask for the key before filing again."""

from __future__ import annotations

from actions.desks import Ticket, TicketDesk
from actions.http import ClientError, Uncertain
from actions.tickets import TicketDraft


def file_once(desk: TicketDesk, key: str, draft: TicketDraft, *, tried_before: bool) -> Ticket:
    """One ticket for one key.

    `tried_before`: an earlier try may have reached the desk, perhaps in a process that is gone. Raises what
    the desk raises; after RetryLater the caller comes back with `tried_before=True`. It never files twice in
    one go: a desk that lost the connection may still be busy with the first.
    """
    if tried_before and (ticket := desk.find(key)):
        return ticket
    try:
        return desk.create(key, draft)
    except Uncertain as uncertain:
        try:
            ticket = desk.find(key)
        except ClientError:
            raise uncertain from None
        if ticket:
            return ticket
        raise
