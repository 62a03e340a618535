"""Single values that are made once and then stay, however many processes start at the same moment."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from backend.store.database import Database
from backend.store.tables import facts


def read(database: Database, name: str) -> str | None:
    with database.read() as connection:
        return connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def keep_first(
    database: Database, name: str, value: str, also: Callable[[Connection], None] | None = None
) -> bool:
    """Keep the value unless there is one; `also` runs in the same transaction. False when there was one.

    The row goes in first: a second process waits for it, and then sees that the work is done.
    """
    if read(database, name) is not None:
        return False
    try:
        with database.write() as connection:
            connection.execute(insert(facts).values(name=name, value=value))
            if also is not None:
                also(connection)
    except IntegrityError:
        if read(database, name) is None:
            raise
        return False
    return True
