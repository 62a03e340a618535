"""action_prepare_reply: the key for answering a ticket, made before the yes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from actions.http import RetryLater, time_limit
from actions.steps.base import OutcomeAction
from actions.steps.tickets_of import usable_ticket
from actions.steps.turn import Turn


class PrepareReply(OutcomeAction):
    """ok: reply_key and ticket_id; refused: no such ticket, or not this person's; retry: ask again later."""

    stem = "prepare_reply"

    def answer(self, turn: Turn) -> Mapping[str, Any]:
        ticket_id = turn.reply_ticket_id()
        if ticket_id is None:
            return self.outcome("refused")
        try:
            with time_limit(5.0):
                ticket = usable_ticket(self.office, turn, ticket_id)
        except RetryLater:
            return self.outcome("retry")
        if ticket is None:
            return self.outcome("refused")
        return self.outcome("ok", reply_key=uuid.uuid4().hex, ticket_id=ticket_id)
