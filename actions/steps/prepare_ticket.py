"""action_prepare_ticket: the summary that a person says yes to, and the key that makes one yes one ticket."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from actions.identity import can_be_asked_for
from actions.steps.base import OutcomeAction
from actions.steps.request import to_request
from actions.steps.turn import Turn


class PrepareTicket(OutcomeAction):
    """ok: ticket_key and ticket_summary are set; refused: no usable e-mail address. Nothing is sent."""

    stem = "prepare_ticket"

    def answer(self, turn: Turn) -> Mapping[str, Any]:
        if not can_be_asked_for(turn.people):
            return self.outcome("refused")
        summary = self.office.writer.summary(to_request(turn, self.office))
        return self.outcome("ok", ticket_key=uuid.uuid4().hex, ticket_summary=summary)
