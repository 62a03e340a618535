"""Accounts in SQL. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from unicodedata import normalize

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.accounts.account import Account, Course, Training
from backend.accounts.state import Timestamps
from backend.store.tables import account_emails, accounts, trainings


class UserNameTaken(Exception):
    """Another account has this user name (compared without case)."""


def key_of(text: str) -> str:
    """How user names and addresses are compared: without case, without surrounding space."""
    return normalize("NFC", text.strip()).casefold()


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


def add(connection: Connection, account: Account) -> None:
    """Raises UserNameTaken."""
    try:
        connection.execute(insert(accounts).values(id=account.id, **_to_row(account)))
    except IntegrityError as error:
        raise UserNameTaken from error
    _write_emails(connection, account)
    for training in account.trainings:
        add_training(connection, account.id, training.course, training.completed_at)


def save(connection: Connection, account: Account) -> None:
    """Write profile and timestamps back (trainings have their own verb). Raises UserNameTaken."""
    try:
        connection.execute(update(accounts).where(accounts.c.id == account.id).values(**_to_row(account)))
    except IntegrityError as error:
        raise UserNameTaken from error
    connection.execute(delete(account_emails).where(account_emails.c.account_id == account.id))
    _write_emails(connection, account)


def remove(connection: Connection, account_id: str) -> bool:
    """False when there was no such account."""
    return connection.execute(delete(accounts).where(accounts.c.id == account_id)).rowcount > 0


def add_training(connection: Connection, account_id: str, course: Course, at: datetime) -> None:
    connection.execute(insert(trainings).values(account_id=account_id, course=course, completed_at=at))


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
    }


def _to_accounts(connection: Connection, rows: Sequence[RowMapping]) -> list[Account]:
    completed = _trainings_of(connection, [row["id"] for row in rows])
    return [_to_account(row, completed.get(row["id"], ())) for row in rows]


def _trainings_of(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Training, ...]]:
    found: dict[str, tuple[Training, ...]] = {}
    for chunk in _chunks(ids, 500):
        query = (
            select(trainings)
            .where(trainings.c.account_id.in_(chunk))
            .order_by(trainings.c.completed_at, trainings.c.id)
        )
        for row in connection.execute(query).mappings():
            training = Training(cast(Course, row["course"]), row["completed_at"])
            found[row["account_id"]] = (*found.get(row["account_id"], ()), training)
    return found


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
        trainings=completed,
    )


def _chunks(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
