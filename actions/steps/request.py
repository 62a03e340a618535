"""From a turn to what a ticket is written from."""

from __future__ import annotations

from actions.office import Office
from actions.reactivation import contradicting_login
from actions.steps.turn import Turn
from actions.tickets.draft import Request
from actions.tickets.transcript import Transcript, to_transcript


def to_request(turn: Turn, office: Office) -> Request:
    """Looks at the account's record only for a proven address: then a contradiction is worth a line.

    Never for somebody else's: the summary would tell the writer what the record says.
    """
    people = turn.people
    email = people.owner.email
    recorded = None
    proven = people.writer is None and turn.identity.proves(email)
    if turn.text("row") == "reactivate_account" and proven:
        account = office.look(email)
        if account is not None:
            case = turn.text("ticket_case")
            recorded = contradicting_login(case, account, turn.at, office.tools.policy)
    return Request(
        slots=turn.slots,
        identity=turn.identity,
        transcript=_conversation(turn, office),
        at=turn.at,
        record_last_login=recorded,
    )


def _conversation(turn: Turn, office: Office) -> Transcript:
    """What was said, unless the person wants it left out (slot share_conversation is false)."""
    if turn.slots.get("share_conversation") is False:
        return Transcript((), False)
    return to_transcript(turn.events, office.tools.policy)
