"""What can happen to an account, as pure functions: account and moment in, account out.

`None` means that nothing changes, so that repeating a verb is harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from backend.accounts.account import Account
from backend.accounts.state import Rules, State

Verb = Callable[[Account, datetime, Rules], Account | None]

WRONG_PASSWORDS_THAT_LOCK = 5


def reactivate(account: Account, now: datetime, rules: Rules) -> Account | None:
    """How-To row 2: an inactive account is active until local midnight, and then stays so if it was used.

    Never unlocks, never lifts a pending account out of the queue; on an active account nothing changes, so
    the day to log in by stays the one of the first reactivation.
    """
    if account.status(now, rules).state is not State.INACTIVE:
        return None
    return account.at(reactivated_on=now)


def disable(account: Account, now: datetime, rules: Rules) -> Account | None:
    """An administrator switches the account off."""
    if account.status(now, rules).state in (State.INACTIVE, State.PENDING):
        return None
    return account.at(disabled_on=now)


def log_in(account: Account, now: datetime, rules: Rules) -> Account | None:
    """A login with the right password; it works only while the account is active."""
    if account.status(now, rules).state is not State.ACTIVE:
        return None
    return replace(account.at(last_login=now, locked_until=None), wrong_passwords=0)


def enter_wrong_password(account: Account, now: datetime, rules: Rules) -> Account | None:
    """Too many in a row lock an active account for `locked_minutes`."""
    if account.status(now, rules).state is not State.ACTIVE:
        return None
    count = account.wrong_passwords + 1
    if count < WRONG_PASSWORDS_THAT_LOCK:
        return replace(account, wrong_passwords=count)
    locked = account.at(locked_until=now + timedelta(minutes=rules.locked_minutes))
    return replace(locked, wrong_passwords=0)


def unlock(account: Account, now: datetime, rules: Rules) -> Account | None:
    """Support opens the lock (How-To row 3)."""
    if account.times.locked_until is None and not account.wrong_passwords:
        return None
    return replace(account.at(locked_until=None), wrong_passwords=0)


def process(account: Account, now: datetime, rules: Rules) -> Account | None:
    """Support works through the queue of new accounts (How-To row 1); the days to inactivity start now."""
    if account.times.queued_on is None:
        return None
    return account.at(queued_on=None, processed_on=now)
