"""Accounts with their side effects: one transaction per call, shared by SCIM and the console."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from backend.accounts import passwords, repository, verbs
from backend.accounts.account import Account
from backend.mailbox import repository as mailbox
from backend.mailbox.letters import letter
from backend.world import World


class AccountUnknown(Exception):
    """There is no account with this id."""


@dataclass(frozen=True)
class Outcome:
    """The account afterwards, and whether the verb changed anything."""

    account: Account
    changed: bool


def apply(world: World, account_id: str, verb: verbs.Verb) -> Outcome:
    """Run one of `accounts.verbs` on a stored account. Raises AccountUnknown."""
    with world.database.write() as connection:
        account = held(connection, account_id)
        return apply_in(connection, world, account, verb)


def reactivate(world: World, account_id: str) -> Outcome:
    """Reactivate and, after too long an absence, mail a temporary password (How-To row 2, Case 2)."""
    with world.database.write() as connection:
        return reactivate_in(connection, world, held(connection, account_id))


def reactivate_in(connection: Connection, world: World, account: Account, *, letters: bool = True) -> Outcome:
    """The same inside a transaction. `letters=False` when the caller's own letter carries the news."""
    outcome = apply_in(connection, world, account, verbs.reactivate)
    if not (outcome.changed and letters and outcome.account.address):
        return outcome
    now = world.clock.now()
    retraining = outcome.account.needs_retraining(now, world.policy)
    account, password = (
        set_temporary_password(connection, outcome.account, now)
        if retraining
        else (
            outcome.account,
            None,
        )
    )
    send(connection, world, account, "reactivated", now, temporary_password=password)
    return Outcome(account, True)


def reset_password(world: World, account_id: str) -> Outcome:
    """Support sets a temporary password; only its mail knows it. Nothing happens without an address."""
    with world.database.write() as connection:
        account, now = held(connection, account_id), world.clock.now()
        if account.address is None:
            return Outcome(account, False)
        account, password = set_temporary_password(connection, account, now)
        send(connection, world, account, "temporary_password", now, temporary_password=password)
        return Outcome(account, True)


def process_pending(world: World, account_id: str) -> Outcome:
    """The queued account is made, and the account e-mail goes out (How-To row 1)."""
    with world.database.write() as connection:
        return process_in(connection, world, held(connection, account_id))


def process_in(connection: Connection, world: World, account: Account) -> Outcome:
    """The same inside a transaction."""
    outcome = apply_in(connection, world, account, verbs.process)
    if not outcome.changed or outcome.account.address is None:
        return outcome
    now = world.clock.now()
    account, password = set_temporary_password(connection, outcome.account, now)
    send(connection, world, account, "account_ready", now, temporary_password=password)
    return Outcome(account, True)


def set_temporary_password(connection: Connection, account: Account, now: datetime) -> tuple[Account, str]:
    """A new temporary password: the caller puts it into exactly one letter."""
    password = passwords.new_temporary_password()
    account = replace(account, password_set_on=now, temporary_password_on=now, modified_at=now)
    repository.save(connection, account)
    passwords.keep(connection, account.id, passwords.kept_form(password, "temporary"))
    return account, password


def choose_password(connection: Connection, account: Account, password: str, now: datetime) -> Account:
    """The person's own choice, found acceptable before. Wrong tries count from nothing again."""
    account = replace(account, password_set_on=now, wrong_passwords=0, modified_at=now)
    repository.save(connection, account)
    passwords.keep(connection, account.id, passwords.kept_form(password, "own"))
    return account


def send(
    connection: Connection,
    world: World,
    account: Account,
    template: str,
    now: datetime,
    *,
    temporary_password: str | None,
) -> None:
    """A letter to the address on the account, never to another one."""
    if account.address is None:
        return
    words = world.policy.words()
    mailbox.add(
        connection,
        letter(
            template,
            account.address,
            now,
            name=account.display_name,
            user_name=account.user_name,
            temporary_password=temporary_password,
            **words,
        ),
    )


def held(connection: Connection, account_id: str) -> Account:
    """The account, its row held until the transaction ends. Raises AccountUnknown."""
    account = repository.load(connection, account_id, for_update=True)
    if account is None:
        raise AccountUnknown(account_id)
    return account


def apply_in(connection: Connection, world: World, account: Account, verb: verbs.Verb) -> Outcome:
    """Run a verb on a held account, inside the caller's transaction."""
    now = world.clock.now()
    changed = verb(account, now, world.policy)
    if changed is None:
        return Outcome(account, False)
    changed = replace(changed, modified_at=now)
    repository.save(connection, changed)
    return Outcome(changed, True)
