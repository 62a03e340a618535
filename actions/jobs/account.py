"""Jobs at the account system: reactivate, notice the login, remind before midnight."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Any

from actions.accounts import Account
from actions.http import CallHuman, ClientError, TellPerson
from actions.jobs import Job, NewJob, promises
from actions.jobs.tools import Done, NotYet, Step, Tools, outcome_of
from actions.reactivation import end_of, has_logged_in_since, last_day, may_lift, reminder_at

log = logging.getLogger(__name__)

_AFTER_MIDNIGHT = timedelta(minutes=10)


def reactivate(job: Job, tools: Tools) -> Step:
    """Reactivate where case and record agree; otherwise Support does it, as the ticket asks."""
    requested = Done({"state": "requested"})
    email = (job.draft or {})["email"]
    try:
        account = tools.accounts.find(email)
        asked_at = datetime.fromisoformat(job.refs["at"])
        if account is None or not may_lift(job.refs.get("case"), account, asked_at, tools.policy):
            return requested
        account = tools.accounts.reactivate(account.id)
    except (TellPerson, CallHuman) as error:
        log.error("job %s: reactivation is left to Support: %s", job.id, error)
        return requested
    now = tools.clock.now()
    day = last_day(account, now, tools.policy)
    told = promises.tell_reactivated(job, job.refs["ticket_id"], day, now, hold=promises.TURN_SECONDS)
    result = {"state": "reactivated", "log_in_by": day.isoformat(), "told": told.key}
    follow_ups = (told, *until_login(job, account, email, day, now, tools))
    return Done(result, follow_ups, outcome_of(job.refs, "reactivated", tools.policy.today(now)))


def until_login(
    job: Job, account: Account, email: str, day: date, now: datetime, tools: Tools
) -> tuple[NewJob, ...]:
    """Stay with the person: watch for the login, and remind before the midnight that ends `day`."""
    refs: dict[str, Any] = {
        **{name: job.refs.get(name) for name in ("row", "case", "channel", "ticket_id")},
        "log_in_by": day.isoformat(),
        "since": (account.reactivated_on or now).isoformat(),
    }
    due_at = reminder_at(day, now, tools.policy)
    return (
        promises.remind_login(job, email, refs, due_at),
        promises.watch_login(job, email, refs, now),
    )


def watch_login(job: Job, tools: Tools) -> Step:
    """Notice the login that makes the account active; over some minutes after that day's midnight."""
    now = tools.clock.now()
    account = tools.accounts.find((job.draft or {})["email"])
    if account is not None and _is_in(job, account):
        came = outcome_of(job.refs, "logged_in", tools.policy.today(now))
        return Done({}, (promises.tell_logged_in(job, now),), came)
    if now > _midnight(job, tools) + _AFTER_MIDNIGHT:
        return Done({}, (), outcome_of(job.refs, "not_logged_in", date.fromisoformat(job.refs["log_in_by"])))
    return NotYet(tools.poll_seconds, job.refs)


def remind_login(job: Job, tools: Tools) -> Step:
    """Remind once, unless the record shows the login or the day is over. No record: remind all the same."""
    now = tools.clock.now()
    if now >= _midnight(job, tools):
        return Done()
    email = (job.draft or {}).get("email")
    if email and tools.accounts.keeps_records:
        try:
            account = tools.accounts.find(email)
        except ClientError as error:
            log.warning("job %s: reminding without the record: %s", job.id, error)
            account = None
        if account is not None and _is_in(job, account):
            return Done()
    return Done(
        {}, (promises.tell_reminder(job, now),), outcome_of(job.refs, "reminded", tools.policy.today(now))
    )


def _is_in(job: Job, account: Account) -> bool:
    return has_logged_in_since(account, datetime.fromisoformat(job.refs["since"]))


def _midnight(job: Job, tools: Tools) -> datetime:
    return end_of(date.fromisoformat(job.refs["log_in_by"]), tools.policy)
