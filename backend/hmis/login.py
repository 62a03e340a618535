"""Logging in: what the login screen says, and what a try does to the account (How-To rows 2 to 4)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from backend.accounts import passwords, repository, verbs
from backend.accounts import service as accounts
from backend.accounts.account import Account
from backend.accounts.passwords import Password
from backend.accounts.state import Rules, State
from backend.store.keys import key_of
from backend.world import World

MOST_STRANGERS = 10_000


class Answer(StrEnum):
    """What the login screen says."""

    IN = "in"
    WRONG = "wrong"
    INACTIVE = "inactive"
    LOCKED = "locked"


@dataclass(frozen=True)
class Try:
    """What came of one try; the account only with the right password."""

    answer: Answer
    account: Account | None = None


@dataclass
class _Count:
    wrong: int = 0
    locked_until: datetime | None = None


class Strangers:
    """Wrong tries for names whose record cannot lock: nobody's, inactive and pending ones.

    They see the same lock as everybody: the screen does not tell which names exist, and nobody guesses an
    inactive account's password at leisure. Kept in memory; the oldest names give way.
    """

    def __init__(self) -> None:
        self._counts: OrderedDict[str, _Count] = OrderedDict()
        self._held = threading.Lock()

    def is_locked(self, name: str, now: datetime) -> bool:
        with self._held:
            count = self._counts.get(key_of(name))
            return count is not None and count.locked_until is not None and now < count.locked_until

    def add_wrong(self, name: str, now: datetime, rules: Rules) -> bool:
        """True when this try locked the name."""
        with self._held:
            count = self._counts.setdefault(key_of(name), _Count())
            self._counts.move_to_end(key_of(name))
            while len(self._counts) > MOST_STRANGERS:
                self._counts.popitem(last=False)
            count.wrong += 1
            if count.wrong < verbs.WRONG_PASSWORDS_THAT_LOCK:
                return False
            count.wrong, count.locked_until = 0, now + timedelta(minutes=rules.locked_minutes)
            return True

    def forget(self, name: str) -> None:
        with self._held:
            self._counts.pop(key_of(name), None)


def log_in(world: World, strangers: Strangers, name: str, password: str) -> Try:
    """One try with user name or e-mail address. The password is compared before the account's row is held."""
    with world.database.read() as connection:
        account = repository.find_by_address(connection, name)
        kept = passwords.load(connection, account.id) if account else None
    right = passwords.matches(password, kept)
    if account is None:
        return _stranger(world, strangers, name)
    with world.database.write() as connection:
        return _try(connection, world, strangers, name, accounts.held(connection, account.id), kept, right)


def _try(
    connection: Connection,
    world: World,
    strangers: Strangers,
    name: str,
    account: Account,
    kept: Password | None,
    right: bool,
) -> Try:
    now = world.clock.now()
    state = account.status(now, world.policy).state
    right = right and passwords.load(connection, account.id) == kept
    if state is State.LOCKED:
        return Try(Answer.LOCKED)
    if state is State.ACTIVE and right:
        strangers.forget(name)
        return Try(Answer.IN, accounts.apply_in(connection, world, account, verbs.log_in).account)
    if state is State.ACTIVE:
        account = accounts.apply_in(connection, world, account, verbs.enter_wrong_password).account
        locked = account.status(now, world.policy).state is State.LOCKED
        return Try(Answer.LOCKED if locked else Answer.WRONG)
    if state is State.INACTIVE and right and not strangers.is_locked(name, now):
        return Try(Answer.INACTIVE, account)
    return _stranger(world, strangers, name)


def _stranger(world: World, strangers: Strangers, name: str) -> Try:
    now = world.clock.now()
    if strangers.is_locked(name, now) or strangers.add_wrong(name, now, world.policy):
        return Try(Answer.LOCKED)
    return Try(Answer.WRONG)
