"""Accounts in SQL. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.accounts.account import Account
from backend.accounts.state import Timestamps
from backend.cta import repository as cta
from backend.cta.record import Training
from backend.store.keys import key_of
from backend.store.tables import account_emails, accounts


class UserNameTaken(Exception):
    """Another account has this user name (compared without case)."""


def load(connection: Connection, account_id: str, *, for_update: bool = False) -> Account | None:
    """One account; `for_update` holds its row until the transaction ends (PostgreSQL)."""
    query = select(accounts).where(accounts.c.id == account_id)
    if for_update:
        query = query.with_for_update()
    row = connection.execute(query).mappings().first()
    return _to_accounts(connection, [row])[0] if row else None


def find_by_address(connection: Connection, address: str, *, for_update: bool = False) -> Account | None:
    """The account whose user name or one of whose e-mail addresses this is; the oldest if several."""
    having = select(account_emails.c.account_id).where(account_emails.c.address_key == key_of(address))
    query = (
        select(accounts.c.id)
        .where((accounts.c.user_name_key == key_of(address)) | accounts.c.id.in_(having))
        .order_by((accounts.c.user_name_key == key_of(address)).desc(), accounts.c.created_at)
    )
    account_id = connection.execute(query).scalar()
    return load(connection, account_id, for_update=for_update) if account_id else None


def select_where(connection: Connection, *conditions: ColumnElement[bool]) -> list[Account]:
    """All accounts that fulfil the conditions, in the order of creation."""
    query = select(accounts).where(*conditions).order_by(accounts.c.created_at, accounts.c.id)
    return _to_accounts(connection, connection.execute(query).mappings().all())


def select_of_cta(connection: Connection, *cta_ids: str) -> list[Account]:
    """The HMIS accounts of these people, oldest first: a person has one for each employer."""
    return select_where(connection, accounts.c.cta_id.in_(cta_ids))


def add(connection: Connection, account: Account) -> None:
    """The trainings come with its academy account. Raises UserNameTaken."""
    try:
        connection.execute(insert(accounts).values(id=account.id, **_to_row(account)))
    except IntegrityError as error:
        raise UserNameTaken from error
    _write_emails(connection, account)


def save(connection: Connection, account: Account) -> None:
    """Write profile and timestamps back (trainings are the academy's). Raises UserNameTaken."""
    try:
        connection.execute(update(accounts).where(accounts.c.id == account.id).values(**_to_row(account)))
    except IntegrityError as error:
        raise UserNameTaken from error
    connection.execute(delete(account_emails).where(account_emails.c.account_id == account.id))
    _write_emails(connection, account)


def remove(connection: Connection, account_id: str) -> bool:
    """False when there was no such account."""
    return connection.execute(delete(accounts).where(accounts.c.id == account_id)).rowcount > 0


def belong_to(connection: Connection, account_id: str, cta_id: str) -> None:
    """From now on the account is that of this person at the academy."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(cta_id=cta_id))


def _write_emails(connection: Connection, account: Account) -> None:
    keys = {key_of(address) for address in account.emails}
    if keys:
        connection.execute(
            insert(account_emails), [{"account_id": account.id, "address_key": key} for key in sorted(keys)]
        )


def _to_row(account: Account) -> dict[str, Any]:
    times = account.times
    return {
        "user_name_key": key_of(account.user_name),
        "external_id": account.profile.get("externalId"),
        "profile": account.profile,
        "created_at": times.created_at,
        "modified_at": account.modified_at,
        "last_login": times.last_login,
        "reactivated_on": times.reactivated_on,
        "disabled_on": times.disabled_on,
        "queued_on": times.queued_on,
        "processed_on": times.processed_on,
        "locked_until": times.locked_until,
        "wrong_passwords": account.wrong_passwords,
        "password_set_on": account.password_set_on,
        "temporary_password_on": account.temporary_password_on,
        "cta_id": account.cta_id,
    }


def _to_accounts(connection: Connection, rows: Sequence[RowMapping]) -> list[Account]:
    completed = cta.completed_by(connection, [row["cta_id"] for row in rows if row["cta_id"]])
    return [_to_account(row, completed.get(row["cta_id"], ())) for row in rows]


def _to_account(row: RowMapping, completed: tuple[Training, ...]) -> Account:
    return Account(
        id=row["id"],
        profile=row["profile"],
        times=Timestamps(
            created_at=row["created_at"],
            last_login=row["last_login"],
            reactivated_on=row["reactivated_on"],
            disabled_on=row["disabled_on"],
            queued_on=row["queued_on"],
            processed_on=row["processed_on"],
            locked_until=row["locked_until"],
        ),
        modified_at=row["modified_at"],
        wrong_passwords=row["wrong_passwords"],
        password_set_on=row["password_set_on"],
        temporary_password_on=row["temporary_password_on"],
        cta_id=row["cta_id"],
        trainings=completed,
    )
