"""Academy accounts in SQL. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, RowMapping, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.cta.record import Course, CtaAccount, Training
from backend.store.keys import key_of
from backend.store.tables import cta_accounts, trainings


class AddressTaken(Exception):
    """Another academy account has this e-mail address (compared without case)."""


def load(connection: Connection, cta_id: str, *, for_update: bool = False) -> CtaAccount | None:
    query = select(cta_accounts).where(cta_accounts.c.id == cta_id)
    row = connection.execute(query.with_for_update() if for_update else query).mappings().first()
    return _to_accounts(connection, [row])[0] if row else None


def find(connection: Connection, address: str) -> CtaAccount | None:
    """The one with this e-mail address."""
    query = select(cta_accounts).where(cta_accounts.c.address_key == key_of(address))
    row = connection.execute(query).mappings().first()
    return _to_accounts(connection, [row])[0] if row else None


def search(connection: Connection, words: str = "") -> list[CtaAccount]:
    """Everybody whose name, address or employer holds all the words, by name."""
    columns = [cta_accounts.c[name] for name in ("given", "family", "address", "employer")]
    text = func.lower(columns[0] + " " + columns[1] + " " + columns[2] + " " + columns[3])
    conditions = [text.contains(word.lower(), autoescape=True) for word in words.split()]
    query = select(cta_accounts).where(*conditions).order_by(cta_accounts.c.given, cta_accounts.c.family)
    return _to_accounts(connection, connection.execute(query).mappings().all())


def add(connection: Connection, account: CtaAccount) -> None:
    """Raises AddressTaken."""
    values = {
        "id": account.id,
        "address": account.address,
        "address_key": key_of(account.address),
        "given": account.given,
        "family": account.family,
        "employer": account.employer,
        "created_at": account.created_at,
    }
    try:
        connection.execute(insert(cta_accounts).values(values))
    except IntegrityError as error:
        raise AddressTaken from error
    for training in account.completed:
        complete(connection, account.id, training.course, training.completed_at)


def change(connection: Connection, cta_id: str, *, address: str, employer: str) -> None:
    """The person moves on: another address, another employer. Raises AddressTaken."""
    values = {"address": address, "address_key": key_of(address), "employer": employer}
    try:
        connection.execute(update(cta_accounts).where(cta_accounts.c.id == cta_id).values(values))
    except IntegrityError as error:
        raise AddressTaken from error


def complete(connection: Connection, cta_id: str, course: Course, at: datetime) -> None:
    connection.execute(insert(trainings).values(cta_id=cta_id, course=course, completed_at=at))


def completed_by(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[Training, ...]]:
    """Completed courses by academy account, oldest first; whoever has none is not in it."""
    wanted, found = sorted(set(ids)), dict[str, tuple[Training, ...]]()
    for start in range(0, len(wanted), 500):
        query = (
            select(trainings)
            .where(trainings.c.cta_id.in_(wanted[start : start + 500]))
            .order_by(trainings.c.completed_at, trainings.c.id)
        )
        for row in connection.execute(query).mappings():
            training = Training(cast(Course, row["course"]), row["completed_at"])
            found[row["cta_id"]] = (*found.get(row["cta_id"], ()), training)
    return found


def _to_accounts(connection: Connection, rows: Sequence[RowMapping]) -> list[CtaAccount]:
    completed = completed_by(connection, [row["id"] for row in rows])
    return [
        CtaAccount(
            id=row["id"],
            address=row["address"],
            given=row["given"],
            family=row["family"],
            employer=row["employer"],
            created_at=row["created_at"],
            completed=completed.get(row["id"], ()),
        )
        for row in rows
    ]
