"""Tickets in SQL. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    String,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy import cast as sql_cast

from backend.store.keys import key_of
from backend.store.tables import replies, tickets
from backend.tickets.ticket import FIRST_NUMBER, Author, Reply, Status, Ticket, TicketDraft

_OFFSET = FIRST_NUMBER - 1


def add(connection: Connection, key: str, draft: TicketDraft, now: datetime) -> int:
    """The new ticket's number; a key that exists is an IntegrityError."""
    values = {
        "key": key,
        "status": "open",
        "requester_key": key_of(draft.requester.email),
        "draft": draft.to_json(),
        "created_at": now,
        "waiting_since": now,
    }
    row_id = connection.execute(insert(tickets).values(values).returning(tickets.c.id)).scalar_one()
    return int(row_id) + _OFFSET


def load(connection: Connection, number: int, *, for_update: bool = False) -> Ticket | None:
    query = select(tickets).where(tickets.c.id == number - _OFFSET)
    return _first(connection, query.with_for_update() if for_update else query)


def load_by_key(connection: Connection, key: str) -> Ticket | None:
    return _first(connection, select(tickets).where(tickets.c.key == key))


def of_requester(connection: Connection, address: str) -> list[Ticket]:
    """All tickets of one address, oldest first."""
    query = select(tickets).where(tickets.c.requester_key == key_of(address)).order_by(tickets.c.id)
    return _all(connection, query)


@dataclass(frozen=True)
class Wanted:
    """Which tickets of the queue; None and empty: any."""

    status: Status | None = None
    words: str = ""
    row: str | None = None
    verified: bool | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found = [_contains(word) for word in self.words.split()]
        if self.status is not None:
            found.append(tickets.c.status == self.status)
        if self.row is not None:
            found.append(_drafts("row") == self.row)
        if self.verified is not None:
            said = _drafts("verified")
            found.append(said.is_not(None) if self.verified else said.is_(None))
        return found


def queue(
    connection: Connection, wanted: Wanted, *, limit: int = 50, offset: int = 0
) -> tuple[list[Ticket], int]:
    """A page of the desk's queue, and how many there are in all.

    Open tickets come by age, the longest wait first; answered and closed ones the newest first.
    """
    query = select(tickets).where(*wanted.conditions())
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    by_age = wanted.status in ("open", None)
    order = (tickets.c.waiting_since, tickets.c.id) if by_age else (tickets.c.id.desc(),)
    return _all(connection, query.order_by(*order).limit(limit).offset(offset)), total


def next_open(connection: Connection, after: int) -> Ticket | None:
    """Of the open tickets, this one left out, the one that waits longest."""
    others = (tickets.c.status == "open", tickets.c.id != after - _OFFSET)
    return _first(
        connection, select(tickets).where(*others).order_by(tickets.c.waiting_since, tickets.c.id).limit(1)
    )


def count_by_row(connection: Connection, status: Status | None) -> dict[str, int]:
    """How many tickets of each row of the How-To, most first."""
    chosen = [tickets.c.status == status] if status is not None else []
    rows = select(_drafts("row").label("row")).where(*chosen).subquery()
    query = select(rows.c.row, func.count()).group_by(rows.c.row).order_by(func.count().desc(), rows.c.row)
    return {str(name): int(count) for name, count in connection.execute(query)}


def count_by_status(connection: Connection) -> dict[Status, int]:
    query = select(tickets.c.status, func.count()).group_by(tickets.c.status)
    found = {cast(Status, status): count for status, count in connection.execute(query)}
    return {status: found.get(status, 0) for status in ("open", "answered", "closed")}


def add_reply(
    connection: Connection, number: int, key: str, author: Author, text: str, now: datetime
) -> bool:
    """False when a reply with this key is there already. The caller holds the ticket's row."""
    row_id = number - _OFFSET
    if has_reply(connection, number, key):
        return False
    values = {"ticket_id": row_id, "key": key, "author": author, "text": text, "at": now}
    connection.execute(insert(replies).values(values))
    return True


def has_reply(connection: Connection, number: int, key: str) -> bool:
    known = select(replies.c.id).where(replies.c.ticket_id == number - _OFFSET, replies.c.key == key)
    return connection.execute(known).first() is not None


def set_status(
    connection: Connection, number: int, status: Status, waiting_since: datetime | None = None
) -> None:
    values: dict[str, Any] = {"status": status}
    if waiting_since is not None:
        values["waiting_since"] = waiting_since
    connection.execute(update(tickets).where(tickets.c.id == number - _OFFSET).values(values))


def _contains(word: str) -> ColumnElement[bool]:
    """The word as a number, or anywhere in requester and subject."""
    conditions = [tickets.c.requester_key.contains(key_of(word), autoescape=True)]
    for path in ("subject", ("requester", "name")):
        said = func.lower(sql_cast(_drafts(path), String))
        conditions.append(said.contains(word.lower(), autoescape=True))
    if word.lstrip("#").isdecimal() and len(word) <= 9:
        conditions.append(tickets.c.id == int(word.lstrip("#")) - _OFFSET)
    return or_(*conditions)


def _drafts(path: str | tuple[str, str]) -> ColumnElement[str]:
    """A value of the draft as text."""
    return type_coerce(tickets.c.draft[path].as_string(), String)


def _first(connection: Connection, query: Select[Any]) -> Ticket | None:
    found = _all(connection, query)
    return found[0] if found else None


def _all(connection: Connection, query: Select[Any]) -> list[Ticket]:
    rows = connection.execute(query).mappings().all()
    written = _replies_of(connection, [row["id"] for row in rows])
    return [_to_ticket(row, written.get(row["id"], ())) for row in rows]


def _replies_of(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Reply, ...]]:
    found: dict[int, tuple[Reply, ...]] = {}
    for start in range(0, len(ids), 500):
        query = (
            select(replies).where(replies.c.ticket_id.in_(ids[start : start + 500])).order_by(replies.c.id)
        )
        for row in connection.execute(query).mappings():
            reply = Reply(row["id"], cast(Author, row["author"]), row["text"], row["at"])
            found[row["ticket_id"]] = (*found.get(row["ticket_id"], ()), reply)
    return found


def _to_ticket(row: RowMapping, written: tuple[Reply, ...]) -> Ticket:
    return Ticket(
        number=row["id"] + _OFFSET,
        key=row["key"],
        status=cast(Status, row["status"]),
        draft=TicketDraft.model_validate(row["draft"]),
        created_at=row["created_at"],
        waiting_since=row["waiting_since"],
        replies=written,
    )
