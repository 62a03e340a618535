"""action_file_ticket: one ticket for one yes, and reactivation where the rules allow it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from actions.identity import can_be_asked_for
from actions.jobs import promises
from actions.steps.base import OutcomeAction
from actions.steps.lifting import lift
from actions.steps.request import to_request
from actions.steps.turn import Turn

_TRY_SECONDS = 4.5
_ALL_SECONDS = 6.0
_REACTIVATION = "reactivate_account"
_PASSED: dict[str, Any] = {"ticket_number": None, "is_in": None}


class FileTicket(OutcomeAction):
    """ok: ticket_id, and for reactivations reactivation_state and log_in_by; retry: kept, the worker files
    it; refused; human. The ticket of this conversation takes the place of a number that was given before,
    and nobody counts as in after it.

    For somebody else's account ok brings owner_ticket_id and nothing more: no account is looked at, and the
    writer's own tickets stay as they are.
    """

    stem = "file_ticket"

    def answer(self, turn: Turn) -> Mapping[str, Any]:
        until = time.monotonic() + _ALL_SECONDS
        key, people = turn.text("ticket_key"), turn.people
        if not can_be_asked_for(people):
            return self.outcome("refused")
        if not key:
            return self.outcome("human")
        office = self.office
        draft = office.writer.draft(to_request(turn, office))
        may_lift = people.writer is None and office.may_lift(turn.identity, people.owner.email)
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
        if people.writer is not None:
            turn.says(filed)
            return self.outcome("ok", owner_ticket_id=filed.result["ticket_id"])
        ticket_id = filed.result["ticket_id"]
        if draft.row != _REACTIVATION:  # what an earlier reactivation came to stays true
            turn.says(filed)
            return self.outcome("ok", ticket_id=ticket_id, **_PASSED)
        state, day, lifted = lift(office, key, until)
        turn.says(filed, lifted)
        return self.outcome(
            "ok",
            ticket_id=ticket_id,
            reactivation_ticket_id=ticket_id,
            reactivation_state=state or "requested",
            log_in_by=day,
            **_PASSED,
        )

    def unfinished(self, turn: Turn) -> Mapping[str, Any]:
        """A kept ticket has no number yet; an older ticket's must not stand in for it."""
        if not turn.kept:
            return self.outcome("human")
        if turn.people.writer is not None:
            return self.outcome("retry", owner_ticket_id=None)
        if turn.text("row") != _REACTIVATION:
            return self.outcome("retry", ticket_id=None, **_PASSED)
        return self.outcome("retry", ticket_id=None, reactivation_state=None, log_in_by=None, **_PASSED)
