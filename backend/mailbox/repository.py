"""Stored mails. Nothing but the console reads them: they may hold temporary passwords."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, or_, select

from backend.store.tables import mails


@dataclass(frozen=True)
class Mail:
    """One mail as it would go out; `text` is plain text. `sender` is empty for HMIS Support's own letters."""

    to: str
    subject: str
    text: str
    at: datetime
    id: int = 0
    sender: str = ""


def add(connection: Connection, mail: Mail, key: str | None = None) -> bool:
    """Store a mail; False when one with this key is there already."""
    if key is not None and connection.execute(select(mails.c.id).where(mails.c.key == key)).first():
        return False
    values = {"to": mail.to, "subject": mail.subject, "text": mail.text, "at": mail.at, "sender": mail.sender}
    connection.execute(insert(mails).values(key=key, **values))
    return True


def newest(
    connection: Connection, *, to: str = "", limit: int = 50, offset: int = 0
) -> tuple[list[Mail], int]:
    """A page of mails, newest first, and how many there are; `to`: a part of address or subject."""
    part = to.strip().lower()
    condition = or_(
        *(func.lower(each).contains(part, autoescape=True) for each in (mails.c.to, mails.c.subject))
    )
    query = select(mails).where(condition).order_by(mails.c.id.desc()).limit(limit).offset(offset)
    found = [
        Mail(row["to"], row["subject"], row["text"], row["at"], row["id"], row["sender"] or "")
        for row in connection.execute(query).mappings()
    ]
    total = connection.execute(select(func.count()).select_from(mails).where(condition)).scalar_one()
    return found, total
