"""How each promise is written down: key, facts, personal part. Keys make a promise happen once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from actions.jobs import Job, NewJob
from actions.tickets import TicketDraft

# Events that repeat what an action says in its own turn wait this long; the action settles them.
TURN_SECONDS = 20.0


def file_ticket_key(ticket_key: str) -> str:
    return f"file_ticket:{ticket_key}"


def reply_ticket_key(reply_key: str) -> str:
    return f"reply_ticket:{reply_key}"


def reactivate_key(key: str) -> str:
    """`key`: the ticket's or the reply's."""
    return f"reactivate:{key}"


def file_ticket(
    ticket_key: str,
    conversation_id: str,
    draft: TicketDraft,
    *,
    may_lift: bool,
    now: datetime,
    refs: Mapping[str, Any],
) -> NewJob:
    """`may_lift`: the identity allows to look at and reactivate the account."""
    return NewJob(
        file_ticket_key(ticket_key),
        "file_ticket",
        conversation_id,
        now,
        refs={**refs, "key": ticket_key, "may_lift": may_lift},
        draft={"ticket": draft.to_json()},
        reopen=("failed",),
    )


def reply_ticket(
    reply_key: str,
    conversation_id: str,
    *,
    text: str,
    email: str | None,
    answers: tuple[str, ...],
    may_lift: bool,
    now: datetime,
    refs: Mapping[str, Any],
) -> NewJob:
    """`answers`: those that Support gave before; only later ones are news."""
    return NewJob(
        reply_ticket_key(reply_key),
        "reply_ticket",
        conversation_id,
        now,
        refs={**refs, "key": reply_key, "may_lift": may_lift, "answers": list(answers)},
        draft={"text": text, "email": email},
        reopen=("failed",),
    )


def reactivate(key: str, job: Job, email: str, refs: Mapping[str, Any], now: datetime) -> NewJob:
    return NewJob(
        reactivate_key(key),
        "reactivate",
        job.conversation_id,
        now,
        refs=refs,
        draft={"email": email},
        hold=TURN_SECONDS,
    )


def watch_ticket(job: Job, email: str | None, refs: Mapping[str, Any], now: datetime) -> NewJob:
    """One watch for a ticket in a conversation; an answer on the ticket begins it anew."""
    return NewJob(
        f"watch_ticket:{job.conversation_id}:{refs['ticket_id']}",
        "watch_ticket",
        job.conversation_id,
        now,
        refs={**refs, "since": now.isoformat()},
        draft={"email": email} if email else None,
        reopen=("done", "failed"),
    )


def remind_login(job: Job, email: str | None, refs: Mapping[str, Any], due_at: datetime) -> NewJob:
    return NewJob(
        _day_key("remind_login", job, refs),
        "remind_login",
        job.conversation_id,
        due_at,
        refs=refs,
        draft={"email": email} if email else None,
    )


def watch_login(job: Job, email: str, refs: Mapping[str, Any], now: datetime) -> NewJob:
    return NewJob(
        _day_key("watch_login", job, refs),
        "watch_login",
        job.conversation_id,
        now,
        refs=refs,
        draft={"email": email},
    )


def tell_filed(job: Job, ticket_id: str, now: datetime) -> NewJob:
    data = {"ticket_id": ticket_id}
    if job.refs.get("row") == "reactivate_account":
        data["reactivation_ticket_id"] = ticket_id
    return _event(f"told:{job.key}", job, "ticket_filed", data, now, hold=TURN_SECONDS)


def tell_owner_filed(job: Job, ticket_id: str, now: datetime) -> NewJob:
    """Of a ticket for somebody else's account: its number, and never as the writer's own ticket."""
    data = {"owner_ticket_id": ticket_id}
    return _event(f"told:{job.key}", job, "owner_ticket_filed", data, now, hold=TURN_SECONDS)


def tell_replied(job: Job, ticket_id: str, now: datetime) -> NewJob:
    return _event(f"told:{job.key}", job, "reply_sent", {"ticket_id": ticket_id}, now, hold=TURN_SECONDS)


def reactivated_key(conversation_id: str, ticket_id: str, log_in_by: str) -> str:
    """The same for Support's reactivation and for ours, so that it is told once."""
    return f"account_reactivated:{conversation_id}:{ticket_id}:{log_in_by}"


def tell_reactivated(
    job: Job, ticket_id: str, log_in_by: date, now: datetime, *, hold: float = 0.0
) -> NewJob:
    key = reactivated_key(job.conversation_id, ticket_id, log_in_by.isoformat())
    data = {"ticket_id": ticket_id, "log_in_by": log_in_by.isoformat()}
    return _event(key, job, "account_reactivated", data, now, hold=hold)


def tell_answered(job: Job, ticket_id: str, answer: str, now: datetime) -> NewJob:
    key = f"ticket_answered:{job.conversation_id}:{ticket_id}:{answer}"
    return _event(key, job, "ticket_answered", {"ticket_id": ticket_id}, now)


def tell_reminder(job: Job, now: datetime) -> NewJob:
    data = {"ticket_id": job.refs["ticket_id"]}
    return _event(_day_key("reminder_due", job, job.refs), job, "reminder_due", data, now)


def tell_logged_in(job: Job, now: datetime) -> NewJob:
    return _event(_day_key("logged_in", job, job.refs), job, "logged_in", {}, now)


def tell_needs_human(job: Job, now: datetime, in_turn: bool) -> NewJob:
    ticket_id = job.refs.get("ticket_id")
    data = {"ticket_id": ticket_id} if ticket_id else {}
    key = f"needs_human:{job.key}:{job.attempts}"
    return _event(key, job, "needs_human", data, now, hold=TURN_SECONDS if in_turn else 0.0)


def _event(
    key: str, job: Job, kind: str, data: Mapping[str, Any], now: datetime, *, hold: float = 0.0
) -> NewJob:
    refs = {"event": kind, "data": dict(data)}
    return NewJob(key, "notify", job.conversation_id, now, refs=refs, hold=hold)


def _day_key(kind: str, job: Job, refs: Mapping[str, Any]) -> str:
    return f"{kind}:{job.conversation_id}:{refs['ticket_id']}:{refs['log_in_by']}"
