"""Rasa's tracker store on SQLite or PostgreSQL: a full append-only log, read back compacted.

Rasa's own SQL store reads, replays and sends the whole conversation at every turn. Here `retrieve` gives a
snapshot of the slots plus the last 30 to 40 turns, so message 400 costs what message 40 costs, and of a
conversation under way it reads only what is new (`bot.recent_trackers`).
`retrieve_full_tracker` gives everything. Saving appends the new events in one transaction that fails when
anybody else appended meanwhile. Errors are raised as they are; the door turns them into "send this turn
again".
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from bot import tracker_schema as tables
from bot.outcome_counts import OutcomeCounts
from bot.recent_trackers import RecentTrackers, Restored
from bot.replies import stamp
from bot.stored_tracker import StoredTracker, go_on, is_turn_start, restore, snapshot_of
from common.settings import with_driver

logger = logging.getLogger(__name__)

RECENT_TURNS = 30
SNAPSHOT_EVERY = 10
BUSY_SECONDS = 2.0
SCRUB_SECONDS = 0.5
SLOWEST_SECONDS = 5.0
_THREADS = 4

T = TypeVar("T")

# The statements of every turn, made once: putting one together costs more than running it.
_log, _heads, _snapshots, _param = tables.events.c, tables.conversations.c, tables.snapshots.c, sa.bindparam
_HEAD = sa.select([_heads.events, _heads.turns, _heads.tally]).where(_heads.id == _param("name"))
_ROWS = (
    sa.select([_log.data])
    .where(_log.conversation == _param("name"), _log.seq.between(_param("first"), _param("last")))
    .order_by(_log.seq)
)
_SNAPSHOT = (
    sa.select([_snapshots.turn, _snapshots.seq, _snapshots.data])
    .where(_snapshots.conversation == _param("name"), _snapshots.turn <= _param("last"))
    .order_by(_snapshots.turn.desc())
    .limit(1)
)
_TURN = sa.select([_log.turn, _log.seq]).where(
    _log.conversation == _param("name"), _log.turn_id == _param("id")
)
_APPEND = tables.events.insert()
_ADVANCE = (
    tables.conversations.update()
    .where(_heads.id == _param("name"), _heads.events == _param("read"))
    .values(events=_param("events"), turns=_param("turns"), tally=_param("tally"))
)


class StaleTracker(Exception):
    """Somebody else appended to this conversation since it was read; nothing was written."""


class EventLogTrackerStore(TrackerStore):  # type: ignore[misc]
    """Configured in endpoints.yml as `type: bot.tracker_store.EventLogTrackerStore`, `url: sqlite:///… `."""

    def __init__(
        self,
        domain: Domain | None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        outcomes: OutcomeCounts | None = None,
        **kwargs: Any,
    ) -> None:
        if not host:
            raise ValueError("the tracker store has no url; expected sqlite:///<file> or postgresql://…")
        super().__init__(domain, event_broker, **kwargs)
        self.url = host
        self._engine = make_engine(host)
        self._writing = self._engine.execution_options(writes=True)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="tracker-store")
        self._recent = RecentTrackers()
        self._outcomes = outcomes or OutcomeCounts.load()
        tables.bring_up_to_date(self._engine)
        self._scrub()

    # What Rasa calls

    def init_tracker(self, sender_id: str) -> StoredTracker:
        return StoredTracker(sender_id, self.domain.slots)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation, compacted; None when it is new."""
        return await self._in_thread(lambda: self._load(sender_id, RECENT_TURNS))

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """The conversation with every event of its log."""
        return await self._in_thread(lambda: self._load(conversation_id, None))

    async def exists(self, conversation_id: str) -> bool:
        query = sa.select([tables.conversations.c.id]).where(tables.conversations.c.id == conversation_id)
        return bool(await self._in_thread(lambda: self._rows(query)))

    async def keys(self) -> Iterable[str]:
        rows = await self._in_thread(lambda: self._rows(sa.select([tables.conversations.c.id])))
        return [row.id for row in rows]

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append what is new; raises StaleTracker or SQLAlchemyError, and then nothing was written."""
        if not isinstance(tracker, StoredTracker):
            raise TypeError("this store saves only trackers that it made")
        new = tracker.unsaved_events()
        if not new:
            return
        stamp(new)
        await self._in_thread(lambda: self._append(tracker, new))
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)

    # What the door calls

    async def turn(self, conversation_id: str, turn_id: str) -> list[dict[str, Any]] | None:
        """The logged events of one turn, the person's message first, however old it is;

        None if never logged.
        """
        return await self._in_thread(lambda: self._turn(conversation_id, turn_id))

    async def delete(self, conversation_id: str) -> None:
        """Remove every row of a conversation, in one transaction, and their text from SQLite's files."""
        await self._in_thread(lambda: self._delete(conversation_id))

    async def check(self) -> None:
        """Write one row and read it back; raises SQLAlchemyError."""
        await self._in_thread(self._check)

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        self._engine.dispose()

    # Work in a thread: a database that is locked or far away must not hold up other conversations.

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _rows(self, query: Any) -> list[Any]:
        with self._engine.connect() as connection:
            return list(connection.execute(query).all())

    def _load(self, conversation_id: str, recent_turns: int | None) -> StoredTracker | None:
        """The whole log, or what follows the newest snapshot that leaves `recent_turns`."""
        kept = self._recent.get(conversation_id) if recent_turns is not None else None
        snapshot = None
        with self._engine.begin() as connection:
            head = connection.execute(_HEAD, {"name": conversation_id}).first()
            if head is None:
                self._recent.drop(conversation_id)
                return None

            def rows_from(seq: int) -> list[str]:
                part = {"name": conversation_id, "first": seq, "last": head.events}
                return list(connection.execute(_ROWS, part).scalars())

            if kept is not None and self._is_good(kept, head.turns):
                rows = rows_from(kept.tracker.logged_events)
                if rows and rows[0] == kept.newest:
                    return self._went_on(kept, rows, head)
            if recent_turns is not None and head.turns > recent_turns:
                snapshot = connection.execute(
                    _SNAPSHOT, {"name": conversation_id, "last": head.turns - recent_turns}
                ).first()
            rows = rows_from(snapshot.seq + 1 if snapshot else 1)
        tracker = restore(
            conversation_id,
            self.domain.slots,
            snapshot.data if snapshot else None,
            (json.loads(row) for row in rows),
        )
        tracker.mark_saved(head.events, head.turns, head.tally)
        if recent_turns is not None and rows:
            base = snapshot.turn if snapshot else 0
            self._recent.put(conversation_id, Restored(tracker.copy(), self.domain, base, rows[-1]))
        return tracker

    def _is_good(self, kept: Restored, turns: int) -> bool:
        """Made under this domain, and no newer snapshot would be taken to restore so many turns."""
        return kept.domain is self.domain and turns < kept.base_turn + RECENT_TURNS + SNAPSHOT_EVERY

    def _went_on(self, kept: Restored, rows: list[str], head: Any) -> StoredTracker:
        """The kept tracker and the rows after its newest."""
        tracker = kept.tracker.copy()
        if len(rows) > 1:
            go_on(tracker, (json.loads(row) for row in rows[1:]))
            tracker.mark_saved(head.events, head.turns, head.tally)
            self._recent.put(
                tracker.sender_id, Restored(tracker.copy(), kept.domain, kept.base_turn, rows[-1])
            )
        return tracker

    def _append(self, tracker: StoredTracker, new: list[Event]) -> None:
        rows = []
        seq, turn = tracker.logged_events, tracker.turns
        logged = [event.as_dict() for event in new]
        for event, data in zip(new, logged, strict=True):
            seq += 1
            turn += is_turn_start(event)
            rows.append(
                {
                    "conversation": tracker.sender_id,
                    "seq": seq,
                    "turn": turn,
                    "turn_id": getattr(event, "message_id", None),
                    "type": event.type_name,
                    "data": json.dumps(data, default=_to_plain),
                }
            )
        tally, changes = self._outcomes.after(tracker.tally, logged)
        head = {"events": seq, "turns": turn, "tally": tally}
        with self._writing.begin() as connection:
            self._advance(connection, tracker, head)
            connection.execute(_APPEND, rows)
            if turn // SNAPSHOT_EVERY > tracker.turns // SNAPSHOT_EVERY:
                self._take_snapshot(connection, tracker, seq, turn)
            # last, because all conversations share these rows: nobody waits longer than for the commit
            self._outcomes.add(connection, changes)
        tracker.mark_saved(seq, turn, tally)

    @staticmethod
    def _advance(connection: sa.engine.Connection, tracker: StoredTracker, head: dict[str, Any]) -> None:
        heads = tables.conversations
        if tracker.logged_events == 0:
            try:
                connection.execute(heads.insert().values(id=tracker.sender_id, **head))
            except sa.exc.IntegrityError as error:
                raise StaleTracker("the conversation was begun elsewhere") from error
            return
        read = {"name": tracker.sender_id, "read": tracker.logged_events}
        changed = connection.execute(_ADVANCE, {**read, **head})
        if changed.rowcount != 1:
            raise StaleTracker("the conversation went on elsewhere")

    @staticmethod
    def _take_snapshot(connection: sa.engine.Connection, tracker: StoredTracker, seq: int, turn: int) -> None:
        snapshots = tables.snapshots
        of_this = snapshots.c.conversation == tracker.sender_id
        connection.execute(
            snapshots.insert().values(
                conversation=tracker.sender_id, turn=turn, seq=seq, data=snapshot_of(tracker)
            )
        )
        # Keep the newest one that is old enough to be used, and everything newer.
        used = connection.execute(
            sa.select([sa.func.max(snapshots.c.turn)])
            .where(of_this)
            .where(snapshots.c.turn <= turn - RECENT_TURNS)
        ).scalar()
        if used is not None:
            connection.execute(snapshots.delete().where(of_this).where(snapshots.c.turn < used))

    def _turn(self, conversation_id: str, turn_id: str) -> list[dict[str, Any]] | None:
        log = tables.events
        with self._engine.begin() as connection:
            first = connection.execute(_TURN, {"name": conversation_id, "id": turn_id}).first()
            if first is None:
                return None
            rows = connection.execute(
                sa.select([log.c.data])
                .where(log.c.conversation == conversation_id)
                .where(log.c.turn == first.turn)
                .where(log.c.seq >= first.seq)
                .order_by(log.c.seq)
            ).all()
        return [json.loads(row.data) for row in rows]

    def _delete(self, conversation_id: str) -> None:
        self._recent.drop(conversation_id)
        with self._writing.begin() as connection:
            connection.execute(
                tables.conversations.delete().where(tables.conversations.c.id == conversation_id)
            )
            for table in (tables.events, tables.snapshots):
                connection.execute(table.delete().where(table.c.conversation == conversation_id))
        self._scrub()

    def _scrub(self) -> None:
        """Empty SQLite's write-ahead log, which holds deleted text until then.

        Never raises: the rows are gone. What a reader holds up too long is left to the next `check`.
        """
        self._to_scrub = False
        if self._engine.dialect.name != "sqlite":
            return
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={int(SCRUB_SECONDS * 1000)}")
                try:
                    busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
                finally:
                    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        except sa.exc.SQLAlchemyError as error:
            logger.warning("the write-ahead log was not emptied (%s)", type(error).__name__)
            self._to_scrub = True
            return
        self._to_scrub = bool(busy)

    def _check(self) -> None:
        if self._to_scrub:
            self._scrub()
        health = tables.health
        with self._writing.begin() as connection:
            changed = connection.execute(
                health.update().where(health.c.id == 1).values(checks=health.c.checks + 1)
            )
            if changed.rowcount == 0:
                connection.execute(health.insert().values(id=1, checks=1))
            connection.execute(sa.select([health.c.checks])).scalar()


def _to_plain(value: Any) -> Any:
    """NumPy scalars (confidences, mostly) as Python numbers."""
    return value.item()


def make_engine(url: str) -> sa.engine.Engine:
    """An engine that gives up soon: 2 s for a lock on SQLite, 5 s for anything on PostgreSQL.

    Its errors do not show the values of a statement: they are what people said.
    """
    if not url.startswith("sqlite:"):
        return sa.create_engine(
            with_driver(url, "psycopg2"),
            pool_size=_THREADS,
            pool_pre_ping=True,
            pool_timeout=SLOWEST_SECONDS,
            hide_parameters=True,
            connect_args={
                "connect_timeout": int(SLOWEST_SECONDS),
                "options": f"-c statement_timeout={int(SLOWEST_SECONDS * 1000)}",
            },
        )
    engine = sa.create_engine(
        url,
        poolclass=sa.pool.QueuePool,
        pool_size=_THREADS,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
    )
    sa.event.listen(engine, "connect", _set_up_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    path = engine.url.database
    if path and os.path.dirname(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions start too late (at the first write) to be safe from a lock in between.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
    cursor.close()


def _begin_sqlite(connection: sa.engine.Connection) -> None:
    connection.exec_driver_sql(
        "BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN"
    )
