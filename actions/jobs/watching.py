"""The job that looks for Support's answer, and for a reactivation that Support made."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from actions.http import ClientError, NotFound
from actions.jobs import Job, NewJob, Outcome, promises
from actions.jobs.account import until_login
from actions.jobs.tools import Done, NotYet, Step, Tools, outcome_of
from actions.reactivation import last_day, reminder_at

log = logging.getLogger(__name__)

_LONGEST = timedelta(days=30)
_SLOWEST = 300.0
_ROW = "reactivate_account"


def watch_ticket(job: Job, tools: Tools) -> Step:
    """Tell of new answers, never their text; over when the ticket is closed or after thirty days."""
    ticket_id = job.refs["ticket_id"]
    try:
        ticket = tools.desk.status(ticket_id)
    except NotFound:
        log.warning("job %s: the ticket is not on the desk any more", job.id)
        return Done()
    now = tools.clock.now()
    news = [answer for answer in ticket.answers if answer not in job.refs["answers"]]
    told: list[NewJob] = []
    if news:
        told.append(promises.tell_answered(job, ticket_id, news[-1], now))
    day, reactivated = _reactivated_by_support(job, tools, now)
    told += reactivated
    if news and not reactivated:
        told += _reminder_without_record(job, tools, now)
    outcomes = _answers(job, len(news), tools.policy.today(now))
    since = datetime.fromisoformat(job.refs["since"])
    if ticket.status == "closed" or now - since > _LONGEST:
        return Done({}, tuple(told), outcomes)
    answered = job.refs.get("answered", False) or bool(news)
    refs = {**job.refs, "answers": list(ticket.answers), "answered": answered, "told_day": day}
    return NotYet(_rest(now - since, tools), refs, tuple(told), outcomes)


def _answers(job: Job, news: int, today: date) -> tuple[Outcome, ...]:
    """Support's first answer to what was asked is the answer; each further one came back to it once more."""
    if not news:
        return ()
    first = 0 if job.refs.get("answered", False) else 1
    further = outcome_of(job.refs, "answered_again", today) * (news - first)
    return outcome_of(job.refs, "ticket_answered", today) * first + further


def _reactivated_by_support(job: Job, tools: Tools, now: datetime) -> tuple[str | None, list[NewJob]]:
    """The last day that was told so far, and news of a reactivation that was not told yet."""
    told_day: str | None = job.refs.get("told_day")
    email = (job.draft or {}).get("email")
    if not email or not tools.accounts.keeps_records or job.refs.get("row") != _ROW:
        return told_day, []
    try:
        account = tools.accounts.find(email)
    except ClientError as error:
        log.warning("job %s: the account could not be looked at: %s", job.id, error)
        return told_day, []
    since = datetime.fromisoformat(job.refs["since"])
    if account is None or account.state != "active":
        return told_day, []
    if account.reactivated_on is None or account.reactivated_on < since:
        return told_day, []
    day = last_day(account, account.reactivated_on, tools.policy)
    if day.isoformat() == told_day:
        return told_day, []
    told = promises.tell_reactivated(job, job.refs["ticket_id"], day, now)
    return day.isoformat(), [told, *until_login(job, account, email, day, now, tools)]


def _reminder_without_record(job: Job, tools: Tools, now: datetime) -> list[NewJob]:
    """Nobody can look: Support's answer starts the day, so the reminder says "if you are not in yet"."""
    looks = bool((job.draft or {}).get("email")) and tools.accounts.keeps_records
    if looks or job.refs.get("row") != _ROW:
        return []
    day = tools.policy.today(now)
    refs = {
        **{name: job.refs.get(name) for name in ("row", "case", "channel", "ticket_id")},
        "log_in_by": day.isoformat(),
        "since": now.isoformat(),
    }
    return [promises.remind_login(job, None, refs, reminder_at(day, now, tools.policy))]


def _rest(age: timedelta, tools: Tools) -> float:
    """Often in the first hour, then more and more seldom: a question is answered while people wait for it."""
    return tools.poll_seconds if age < timedelta(hours=1) else min(_SLOWEST, tools.poll_seconds * 4)
