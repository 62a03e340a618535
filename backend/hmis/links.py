"""Links to choose a new password (How-To row 4): mailed to the account's own address, good once, for a while.

Only a hash of a link's token is kept. Its end is on real time, not on the clock that the console moves.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from backend.accounts import repository
from backend.accounts import service as accounts
from backend.accounts.account import Account
from backend.accounts.state import State
from backend.mailbox import repository as mailbox
from backend.mailbox.letters import letter
from backend.store.keys import key_of
from backend.store.tables import account_emails, password_links
from backend.world import World

LINK_MINUTES = 30
MOST_LINKS = 5  # at a time for one account: nobody fills another's mailbox


def send(world: World, address: str, page: str, real_now: datetime) -> bool:
    """Mail a link if an account is registered with this e-mail address. `page`: the link without its token.

    The caller says the same whatever this returns.
    """
    with world.database.write() as connection:
        account = _registered(connection, address)
        if account is None or account.address is None:
            return False
        if account.status(world.clock.now(), world.policy).state is State.PENDING:
            return False
        since = real_now - timedelta(minutes=LINK_MINUTES)
        connection.execute(delete(password_links).where(password_links.c.made_at <= since))
        of_account = password_links.c.account_id == account.id
        count = select(func.count()).select_from(password_links).where(of_account)
        if connection.execute(count).scalar_one() >= MOST_LINKS:
            return False
        token = secrets.token_urlsafe(32)
        row = {"token_hash": _hash(token), "account_id": account.id, "made_at": real_now}
        connection.execute(insert(password_links).values(row))
        words = world.policy.words() | {"name": account.display_name, "link": f"{page}/{token}"}
        now = world.clock.now()
        mailbox.add(connection, letter("password_link", account.address, now, minutes=LINK_MINUTES, **words))
        return True


def is_good(connection: Connection, token: str, real_now: datetime) -> bool:
    return _account_of(connection, token, real_now) is not None


def choose(world: World, token: str, password: str, real_now: datetime) -> bool:
    """Set the password, once; all links of the account end with it. False for a link that is not good."""
    with world.database.write() as connection:
        account_id = _account_of(connection, token, real_now)
        if account_id is None:
            return False
        accounts.choose_password(
            connection, accounts.held(connection, account_id), password, world.clock.now()
        )
        of_account = password_links.c.account_id == account_id
        connection.execute(delete(password_links).where(of_account))
        return True


def _account_of(connection: Connection, token: str, real_now: datetime) -> str | None:
    query = select(password_links.c.account_id).where(
        password_links.c.token_hash == _hash(token),
        password_links.c.made_at > real_now - timedelta(minutes=LINK_MINUTES),
    )
    return connection.execute(query).scalar()


def _registered(connection: Connection, address: str) -> Account | None:
    """By e-mail address alone: the How-To asks for the one that the account is registered with."""
    query = select(account_emails.c.account_id).where(account_emails.c.address_key == key_of(address))
    account_id = connection.execute(query.limit(1)).scalar()
    return repository.load(connection, account_id, for_update=True) if account_id else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
