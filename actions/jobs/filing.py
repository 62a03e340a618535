"""Jobs at the ticket desk: file a ticket, answer one, and what follows from either."""

from __future__ import annotations

from actions.desks.filing import file_once
from actions.jobs import Job, promises
from actions.jobs.tools import Done, Step, Tools, outcome_of
from actions.reactivation import AGAIN
from actions.tickets import TicketDraft

_ROW = "reactivate_account"


def file_ticket(job: Job, tools: Tools) -> Step:
    """One ticket for the job's key; then its watch, its news, and reactivation where the case allows it.

    A ticket for somebody else's account is filed, and that is all: its news are the owner's, who reads them
    in the mail, and Support reactivates. The writer hears of no answer, no reactivation and no midnight.
    """
    draft = TicketDraft.from_json((job.draft or {})["ticket"])
    ticket = file_once(tools.desk, job.refs["key"], draft, tried_before=job.attempts > 1)
    now = tools.clock.now()
    if job.refs.get("for_someone_else"):
        told = promises.tell_owner_filed(job, ticket.id, now)
        result = {"ticket_id": ticket.id, "told": told.key}
        return Done(result, (told,), outcome_of(job.refs, "ticket_filed", tools.policy.today(now)))
    refs = {**_common(job), "ticket_id": ticket.id, "answers": []}
    told = promises.tell_filed(job, ticket.id, now)
    follow_ups = [told]
    lifts = job.refs["may_lift"] and tools.accounts.keeps_records
    if lifts and draft.row == _ROW and draft.case in ("1", "2"):
        follow_ups.append(promises.reactivate(job.refs["key"], job, draft.email, refs, now))
    follow_ups.append(promises.watch_ticket(job, draft.email if lifts else None, refs, now))
    result = {"ticket_id": ticket.id, "told": told.key}
    return Done(result, tuple(follow_ups), outcome_of(job.refs, "ticket_filed", tools.policy.today(now)))


def reply_ticket(job: Job, tools: Tools) -> Step:
    """The answer that asks for reactivation again, on the same ticket, and reactivation once more."""
    draft = job.draft or {}
    ticket_id = job.refs["ticket_id"]
    tools.desk.reply(ticket_id, job.refs["key"], draft["text"])
    now = tools.clock.now()
    refs = {**_common(job), "ticket_id": ticket_id, "answers": job.refs["answers"], "case": AGAIN}
    told = promises.tell_replied(job, ticket_id, now)
    follow_ups = [told]
    email = draft.get("email") if job.refs["may_lift"] and tools.accounts.keeps_records else None
    if email:
        follow_ups.append(promises.reactivate(job.refs["key"], job, email, refs, now))
    follow_ups.append(promises.watch_ticket(job, email, refs, now))
    result = {"ticket_id": ticket_id, "told": told.key}
    return Done(result, tuple(follow_ups), outcome_of(job.refs, "reply_sent", tools.policy.today(now)))


def _common(job: Job) -> dict[str, object]:
    return {name: job.refs.get(name) for name in ("row", "case", "channel", "at")}
