"""May an account be reactivated without Support? A pure decision from the case, the record and the policy.

How-To row 2: within the last 90 days reactivation only; longer ago the RETAKE comes first. An account that an
administrator disabled, one that is locked, pending or was never used is Support's, whatever the person says.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from actions.accounts import Account
from common.policy import Policy

AGAIN = "again"
_LAPSED = ("noLogin", "midnight")


def may_lift(case: str | None, account: Account, at: datetime, policy: Policy) -> bool:
    """`case`: "1", "2", or AGAIN for an answer on a ticket whose reactivation lapsed at midnight.

    The record must agree with the case. A record without the needed facts agrees with nothing.
    """
    if is_waiting_for_login(account, at):
        return True
    if account.state != "inactive" or account.disabled_reason not in _LAPSED:
        return False
    if case == AGAIN and account.disabled_reason == "midnight":
        return True  # a second reactivation never asks for the RETAKE again
    if case in ("1", AGAIN):
        return within_cutoff(account, at, policy)
    if case == "2":
        return has_retake_since_login(account)
    return False


def is_waiting_for_login(account: Account, at: datetime) -> bool:
    """True when an earlier reactivation still holds; repeating it is harmless and gives its end."""
    return (
        account.state == "active"
        and account.log_in_by is not None
        and account.log_in_by > at
        and not has_logged_in_since(account, account.reactivated_on)
    )


def within_cutoff(account: Account, at: datetime, policy: Policy) -> bool:
    return account.last_login is not None and policy.today(account.last_login) >= policy.cutoff(at)


def has_retake_since_login(account: Account) -> bool:
    if account.last_login is None:
        return False
    return any(t.course == "retake" and t.completed_at > account.last_login for t in account.trainings)


def has_logged_in_since(account: Account, moment: datetime | None) -> bool:
    return moment is not None and account.last_login is not None and account.last_login >= moment


def contradicting_login(case: str | None, account: Account, at: datetime, policy: Policy) -> date | None:
    """The recorded last login, where it lies on the other side of the cutoff than the person said."""
    if account.last_login is None or case not in ("1", "2"):
        return None
    return policy.today(account.last_login) if within_cutoff(account, at, policy) != (case == "1") else None


def last_day(account: Account, at: datetime, policy: Policy) -> date:
    """The local day until whose end the person must log in; `at`: when the account was reactivated."""
    if account.log_in_by is not None:
        return policy.today(account.log_in_by - timedelta(seconds=1))
    return policy.today(account.reactivated_on or at)


def reminder_at(day: date, now: datetime, policy: Policy) -> datetime:
    """When to remind: some hours before that day's midnight; later in the day halfway to midnight."""
    midnight = end_of(day, policy)
    planned = midnight - timedelta(hours=policy.reminder_hours_before_midnight)
    return planned if planned > now else now + max(midnight - now, timedelta()) / 2


def end_of(day: date, policy: Policy) -> datetime:
    """The midnight that ends a local day, in UTC."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=policy.time_zone)
    return policy.next_midnight(noon)
