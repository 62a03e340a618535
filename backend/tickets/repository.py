"""Tickets in SQL. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
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

from backend.accounts.repository import key_of
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


def queue(
    connection: Connection, *, status: Status | None, words: str = "", limit: int = 50, offset: int = 0
) -> tuple[list[Ticket], int]:
    """A page of the desk's queue, longest wait first, and how many tickets there are in all."""
    conditions: list[ColumnElement[bool]] = [_contains(word) for word in words.split()]
    if status is not None:
        conditions.append(tickets.c.status == status)
    query = select(tickets).where(*conditions)
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    page = query.order_by(tickets.c.waiting_since, tickets.c.id).limit(limit).offset(offset)
    return _all(connection, page), total


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
    draft = func.lower(sql_cast(type_coerce(tickets.c.draft["subject"].as_string(), String), String))
    conditions = [
        tickets.c.requester_key.contains(key_of(word), autoescape=True),
        draft.contains(word.lower(), autoescape=True),
    ]
    if word.lstrip("#").isdecimal() and len(word) <= 9:
        conditions.append(tickets.c.id == int(word.lstrip("#")) - _OFFSET)
    return or_(*conditions)


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
