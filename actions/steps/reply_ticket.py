"""action_reply_ticket: ask for reactivation again on the same ticket (How-To row 2, the midnight rule)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from actions.http import time_limit
from actions.identity import is_address
from actions.jobs import promises
from actions.steps.base import OutcomeAction
from actions.steps.lifting import lift
from actions.steps.tickets_of import usable_ticket
from actions.steps.turn import Turn
from actions.tickets.draft import Request
from actions.tickets.transcript import Transcript

_LOOK_SECONDS = 2.0
_ALL_SECONDS = 6.0


class ReplyTicket(OutcomeAction):
    """ok: the answer is on the ticket; retry: kept, the worker sends and tells; refused; human."""

    stem = "reply_ticket"

    def answer(self, turn: Turn) -> Mapping[str, Any]:
        until = time.monotonic() + _ALL_SECONDS
        office, key, ticket_id = self.office, turn.text("reply_key"), turn.reply_ticket_id()
        if ticket_id is None:
            return self.outcome("refused")
        if not key:
            return self.outcome("human")
        leased = None
        if office.store.get(promises.reply_ticket_key(key)) is None:
            with time_limit(_LOOK_SECONDS):
                ticket = usable_ticket(office, turn, ticket_id)
            if ticket is None:
                return self.outcome("refused")
            email = turn.text("requester_email") or ticket.requester
            may_lift = is_address(email) and office.may_lift(turn.identity, email)
            job = promises.reply_ticket(
                key,
                turn.conversation_id,
                text=office.writer.reply_again(
                    Request(turn.slots, turn.identity, Transcript((), False), turn.at)
                ),
                email=email if may_lift else None,
                answers=ticket.answers,
                may_lift=may_lift,
                now=office.tools.clock.now(),
                refs={**turn.refs(), "row": "reactivate_account", "ticket_id": ticket_id},
            )
            leased = office.store.keep(job)
        turn.kept = True
        replied = office.try_now(promises.reply_ticket_key(key), until - time.monotonic() - 1.0, leased)
        if replied is None or replied.state == "waiting":
            return self.unfinished(turn)
        if replied.state == "failed":
            turn.says(replied)
            return self.outcome("refused" if replied.result.get("why") == "refused" else "human")
        state, day, lifted = lift(office, key, until)
        turn.says(replied, lifted)
        return self.outcome("ok", reactivation_state=state or "requested", log_in_by=day, is_in=None)

    def unfinished(self, turn: Turn) -> Mapping[str, Any]:
        if not turn.kept:
            return self.outcome("human")
        return self.outcome("retry", reactivation_state=None, log_in_by=None)
