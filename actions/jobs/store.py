"""The jobs table: writing promises down, leasing them to one process at a time, and ending them."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, delete, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from actions.database import Database
from actions.jobs import Job, NewJob, Outcome
from actions.jobs.tables import drafts, heartbeats, queue
from actions.jobs.tables import outcomes as counted

LEASE_SECONDS = 45.0
_WAITING = "waiting"


class JobStore:
    """A lease is a row with an owner and `held_until` in the future; it ends when its process dies."""

    def __init__(self, database: Database, seconds: Callable[[], float] = time.time) -> None:
        """`seconds`: real time, a parameter so that tests can let leases end."""
        self._database = database
        self._seconds = seconds

    # -- writing down ------------------------------------------------------------------------------

    def put(self, jobs: Iterable[NewJob]) -> None:
        """Write promises down; a key that is known already is the same promise."""
        with self._database.write() as connection:
            for job in jobs:
                self._insert(connection, job)

    def keep(self, job: NewJob) -> Job | None:
        """Write a promise down and lease it at once; None when somebody has it already, or did it."""
        with self._database.write() as connection:
            self._insert(connection, job)
            return self._lease(connection, self._free(job.key))

    def _insert(self, connection: Connection, job: NewJob) -> None:
        row = {
            "key": job.key,
            "kind": job.kind,
            "state": _WAITING,
            "conversation_id": job.conversation_id,
            "due_at": job.due_at,
            "held_until": self._seconds() + job.hold if job.hold else 0.0,
            "owner": None,
            "attempts": 0,
            "first_tried": 0.0,
            "refs": dict(job.refs),
            "result": {},
            "draft_id": None,
            "error": None,
        }
        statement = _insert_into(connection, queue).values(row).on_conflict_do_nothing(index_elements=["key"])
        made = connection.execute(statement.returning(queue.c.id)).first()
        if made is not None or (job.reopen and self._reopen(connection, job, row)):
            self._insert_draft(connection, job)

    def _insert_draft(self, connection: Connection, job: NewJob) -> None:
        """Only now, when the job is there: what would be deleted at once is not even written."""
        if job.draft is None:
            return
        values = {
            "conversation_id": job.conversation_id,
            "made_at": self._seconds(),
            "content": dict(job.draft),
        }
        made = connection.execute(insert(drafts).values(values).returning(drafts.c.id)).first()
        if made is not None:
            connection.execute(update(queue).where(queue.c.key == job.key).values(draft_id=made.id))

    @staticmethod
    def _reopen(connection: Connection, job: NewJob, row: Mapping[str, Any]) -> bool:
        """A job that is over starts anew, but remembers that it was tried: what it did may exist already."""
        over = and_(queue.c.key == job.key, queue.c.state.in_(job.reopen))
        old = connection.execute(select(queue.c.draft_id).where(over).with_for_update()).first()
        if old is None:
            return False
        kept = {name: value for name, value in row.items() if name not in ("key", "attempts")}
        connection.execute(update(queue).where(over).values(kept))
        connection.execute(delete(drafts).where(drafts.c.id == old.draft_id))
        return True

    # -- leasing -----------------------------------------------------------------------------------

    def claim(self, key: str) -> Job | None:
        """Lease one job now, even one that waits for a later try; None when it is over or somebody has it."""
        with self._database.write() as connection:
            return self._lease(connection, self._free(key))

    def _free(self, key: str) -> Any:
        return and_(queue.c.key == key, queue.c.owner.is_(None) | (queue.c.held_until <= self._seconds()))

    def claim_due(self, now: datetime, most: int) -> list[Job]:
        """Lease jobs whose time has come. `now`: the clock's time. Events keep their order."""
        earlier = queue.alias()
        must_wait = and_(
            queue.c.kind == "notify",
            exists().where(
                earlier.c.kind == "notify",
                earlier.c.state == _WAITING,
                earlier.c.conversation_id == queue.c.conversation_id,
                earlier.c.id < queue.c.id,
            ),
        )
        with self._database.read() as connection:
            due = and_(
                queue.c.state == _WAITING,
                queue.c.due_at <= now,
                queue.c.held_until <= self._seconds(),
                ~must_wait,
            )
            ids = (
                connection.execute(select(queue.c.id).where(due).order_by(queue.c.id).limit(most))
                .scalars()
                .all()
            )
        claimed = []
        for job_id in ids:
            with self._database.write() as connection:
                free = and_(queue.c.id == job_id, queue.c.held_until <= self._seconds())
                job = self._lease(connection, free)
            if job is not None:
                claimed.append(job)
        return claimed

    def _lease(self, connection: Connection, which: Any) -> Job | None:
        real = self._seconds()
        owner = uuid.uuid4().hex
        taken = connection.execute(
            update(queue)
            .where(which, queue.c.state == _WAITING)
            .values(owner=owner, held_until=real + LEASE_SECONDS, attempts=queue.c.attempts + 1)
            .returning(queue.c.id, queue.c.first_tried)
        ).first()
        if taken is None:
            return None
        if not taken.first_tried:
            connection.execute(update(queue).where(queue.c.id == taken.id).values(first_tried=real))
        return self._read(connection, queue.c.id == taken.id)

    # -- ending ------------------------------------------------------------------------------------

    def finish(
        self,
        job: Job,
        state: str,
        *,
        result: Mapping[str, Any] | None = None,
        follow_ups: Iterable[NewJob] = (),
        outcomes: Iterable[Outcome] = (),
        error: str | None = None,
        keep_draft: bool = False,
    ) -> bool:
        """End a leased job and write down what follows from it, in one transaction.

        False when the lease went to somebody else, or the conversation was deleted meanwhile: then nothing is
        written.
        """
        with self._database.write() as connection:
            held = self._held(connection, job)
            if held is None:
                return False
            values: dict[str, Any] = {
                "state": state,
                "owner": None,
                "result": dict(result or {}),
                "error": error,
            }
            if not keep_draft:
                values["draft_id"] = None
                connection.execute(delete(drafts).where(drafts.c.id == held.draft_id))
            self._change(connection, job, values, follow_ups, outcomes)
        if held.draft_id is not None and not keep_draft:
            self.scrub()
        return True

    def release(
        self,
        job: Job,
        hold: float,
        *,
        refs: Mapping[str, Any] | None = None,
        follow_ups: Iterable[NewJob] = (),
        outcomes: Iterable[Outcome] = (),
        error: str | None = None,
    ) -> bool:
        """Give a leased job back, to be done again after `hold` real seconds; False as in `finish`."""
        values: dict[str, Any] = {"owner": None, "held_until": self._seconds() + hold, "error": error}
        if refs is not None:
            values["refs"] = dict(refs)
        if error is None:  # it went well: what counts as "tried for too long" starts anew
            values["first_tried"] = 0.0
        with self._database.write() as connection:
            if self._held(connection, job) is None:
                return False
            self._change(connection, job, values, follow_ups, outcomes)
            return True

    @staticmethod
    def _held(connection: Connection, job: Job) -> Row[Any] | None:
        """The job's row, locked, if this lease still holds it."""
        mine = and_(queue.c.id == job.id, queue.c.owner == job.owner, queue.c.state == _WAITING)
        return connection.execute(select(queue.c.draft_id).where(mine).with_for_update()).first()

    def _change(
        self,
        connection: Connection,
        job: Job,
        values: Mapping[str, Any],
        follow_ups: Iterable[NewJob],
        outcomes: Iterable[Outcome],
    ) -> None:
        connection.execute(update(queue).where(queue.c.id == job.id).values(dict(values)))
        for follow_up in follow_ups:
            self._insert(connection, follow_up)
        _count(connection, outcomes)

    def settle(self, keys: Sequence[str]) -> None:
        """Events that were told already, in the turn itself, are not sent any more."""
        unsent = and_(queue.c.key.in_(keys), queue.c.state == _WAITING, queue.c.owner.is_(None))
        with self._database.write(relaxed=True) as connection:
            connection.execute(update(queue).where(unsent).values(state="done"))

    def forget(self, conversation_id: str) -> None:
        """Delete everything that belongs to a deleted conversation; what is running ends without a trace."""
        with self._database.write() as connection:
            for table in (queue, drafts):
                connection.execute(delete(table).where(table.c.conversation_id == conversation_id))
        self.scrub()

    def forget_failed_drafts(self, older_than: float) -> int:
        """Drafts of jobs that were given up are kept this many real seconds for another try, then deleted."""
        with self._database.write() as connection:
            open_drafts = select(queue.c.draft_id).where(
                queue.c.state == _WAITING, queue.c.draft_id.is_not(None)
            )
            old = and_(drafts.c.made_at < self._seconds() - older_than, drafts.c.id.not_in(open_drafts))
            deleted = connection.execute(delete(drafts).where(old)).rowcount
        if deleted:
            self.scrub()
        return deleted

    def scrub(self) -> None:
        """Deleted drafts leave the database's own log as well."""
        self._database.scrub()

    # -- looking -----------------------------------------------------------------------------------

    def get(self, key: str) -> Job | None:
        with self._database.read() as connection:
            return self._read(connection, queue.c.key == key)

    def filed_here(self, conversation_id: str, ticket_id: str, *, for_someone_else: bool = False) -> bool:
        """True when this ticket began in this conversation, for the writer or for somebody else."""
        mine = and_(queue.c.conversation_id == conversation_id, queue.c.kind == "file_ticket")
        with self._database.read() as connection:
            rows = connection.execute(select(queue.c.result, queue.c.refs).where(mine)).all()
        return any(
            row.result.get("ticket_id") == ticket_id
            and bool(row.refs.get("for_someone_else")) is for_someone_else
            for row in rows
        )

    def beat(self, name: str) -> None:
        """A process says that it is alive."""
        with self._database.write(relaxed=True) as connection:
            beat = _insert_into(connection, heartbeats).values(name=name, seen=self._seconds())
            connection.execute(
                beat.on_conflict_do_update(index_elements=["name"], set_={"seen": beat.excluded.seen})
            )

    def seconds_since_beat(self, name: str) -> float | None:
        with self._database.read() as connection:
            seen = connection.execute(select(heartbeats.c.seen).where(heartbeats.c.name == name)).scalar()
        return None if seen is None else self._seconds() - seen

    @staticmethod
    def _read(connection: Connection, which: Any) -> Job | None:
        joined = queue.outerjoin(drafts, drafts.c.id == queue.c.draft_id)
        row = connection.execute(select(queue, drafts.c.content).select_from(joined).where(which)).first()
        return None if row is None else _to_job(row)


def _count(connection: Connection, outcomes: Iterable[Outcome]) -> None:
    """One more of each, in a fixed order: transactions that meet at some rows cannot block each other."""
    for outcome, n in sorted(Counter(outcomes).items()):
        more = _insert_into(connection, counted).values(**outcome._asdict(), n=n)
        keys = [column.name for column in counted.primary_key]
        connection.execute(
            more.on_conflict_do_update(index_elements=keys, set_={"n": counted.c.n + more.excluded.n})
        )


def _insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, which both databases have, each in its own dialect."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def _to_job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        key=row.key,
        kind=row.kind,
        state=row.state,
        conversation_id=row.conversation_id,
        due_at=row.due_at,
        attempts=row.attempts,
        first_tried=row.first_tried,
        refs=row.refs,
        result=row.result,
        draft=row.content,
        owner=row.owner,
    )
