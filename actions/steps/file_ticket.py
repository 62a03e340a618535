"""action_file_ticket: one ticket for one yes, and reactivation where the rules allow it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from actions.identity import is_address
from actions.jobs import promises
from actions.steps.base import OutcomeAction
from actions.steps.lifting import lift
from actions.steps.request import to_request
from actions.steps.turn import Turn

_TRY_SECONDS = 4.5
_ALL_SECONDS = 6.0


class FileTicket(OutcomeAction):
    """ok: ticket_id, reactivation_state, log_in_by; retry: kept, the worker files it; refused; human."""

    stem = "file_ticket"

    def answer(self, turn: Turn) -> Mapping[str, Any]:
        until = time.monotonic() + _ALL_SECONDS
        key, email = turn.text("ticket_key"), turn.text("requester_email")
        if not is_address(email):
            return self.outcome("refused")
        if not key:
            return self.outcome("human")
        office = self.office
        draft = office.writer.draft(to_request(turn, office))
        may_lift = office.may_lift(turn.identity, email)
        job = promises.file_ticket(
            key,
            turn.conversation_id,
            draft,
            may_lift=may_lift,
            now=office.tools.clock.now(),
            refs=turn.refs(),
        )
        leased = office.store.keep(job)
        turn.kept = True
        filed = office.try_now(job.key, _TRY_SECONDS, leased)
        if filed is None or filed.state == "waiting":
            return self.unfinished(turn)
        if filed.state == "failed":
            turn.says(filed)
            return self.outcome("refused" if filed.result.get("why") == "refused" else "human")
        state, day, lifted = lift(office, key, until)
        if state is None and draft.row == "reactivate_account":
            state = "requested"
        turn.says(filed, lifted)
        ticket_id = filed.result["ticket_id"]
        asked_here = {"reactivation_ticket_id": ticket_id} if draft.row == "reactivate_account" else {}
        return self.outcome("ok", ticket_id=ticket_id, reactivation_state=state, log_in_by=day, **asked_here)

    def unfinished(self, turn: Turn) -> Mapping[str, Any]:
        """A kept ticket has no number yet; an older ticket's must not stand in for it."""
        if not turn.kept:
            return self.outcome("human")
        return self.outcome("retry", ticket_id=None, reactivation_state=None, log_in_by=None)
