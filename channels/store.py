"""Everything the gateway keeps, in short transactions. Blocking; `channels.threads` brings it to the loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from channels.database import Database
from channels.model import ASSISTANT, DONE, PENDING, PERSON, Message, Reply, Turn
from channels.tables import conversations, erasures, messages, turns


class UnknownConversation(Exception):
    """Never existed, was deleted, or has expired."""


class TooManyWaiting(Exception):
    """So many turns of this conversation wait that another is not taken."""


class OtherConversation(Exception):
    """This event id already belongs to another conversation."""


class Store:
    """One method is one transaction: after it returns, what it says has happened stays so."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def create_conversation(
        self, conversation_id: str, *, channel: str, created_at: int, expires_at: int, greeting: Turn
    ) -> None:
        """The conversation and the turn that makes its greeting."""
        with self._db.write() as tx:
            tx.execute(
                insert(conversations).values(
                    id=conversation_id,
                    channel=channel,
                    created_at=created_at,
                    expires_at=expires_at,
                    next_seq=1,
                    next_place=1,
                )
            )
            _insert_turn(tx, greeting)

    def channel(self, conversation_id: str) -> str:
        with self._db.read() as tx:
            found = tx.scalar(select(conversations.c.channel).where(conversations.c.id == conversation_id))
        if found is None:
            raise UnknownConversation
        return str(found)

    def add_turn(self, turn: Turn) -> Turn:
        """Keep an event's turn; a known turn id comes back as it stands."""
        return self._once(turn, None, None, None)

    def add_said(self, turn: Turn, *, shown: str, client_id: str, most_waiting: int) -> Turn:
        """Keep a person's turn together with the message that the conversation shows for it."""
        return self._once(turn, shown, client_id, most_waiting)

    def _once(self, turn: Turn, shown: str | None, client_id: str | None, most_waiting: int | None) -> Turn:
        try:
            return self._add(turn, shown, client_id, most_waiting)
        except IntegrityError:
            # The same id came in twice at the same moment: the other one is stored now.
            return self._add(turn, shown, client_id, most_waiting)

    def _add(self, turn: Turn, shown: str | None, client_id: str | None, most_waiting: int | None) -> Turn:
        with self._db.write() as tx:
            known = tx.execute(select(turns).where(turns.c.turn_id == turn.turn_id)).one_or_none()
            if known is not None:
                if known.conversation_id != turn.conversation_id:
                    raise OtherConversation
                return _to_turn(known)
            if most_waiting is not None and _waiting(tx, turn.conversation_id) >= most_waiting:
                raise TooManyWaiting
            _insert_turn(tx, turn)
            if shown is not None:
                seq = _take_seq(tx, turn.conversation_id, 1)
                tx.execute(
                    insert(messages).values(
                        conversation_id=turn.conversation_id,
                        seq=seq,
                        message_id=turn.turn_id,
                        turn_id=turn.turn_id,
                        client_id=client_id,
                        sender=PERSON,
                        text=shown,
                        buttons=[],
                        at=turn.at,
                    )
                )
        return turn

    def next_pending(self, conversation_id: str) -> Turn | None:
        """The oldest turn that waits: a conversation's turns happen in the order in which they came."""
        query = (
            select(turns)
            .where(turns.c.conversation_id == conversation_id, turns.c.state == PENDING)
            .order_by(turns.c.place)
            .limit(1)
        )
        with self._db.read() as tx:
            found = tx.execute(query).one_or_none()
        return None if found is None else _to_turn(found)

    def finish_turn(self, turn: Turn, replies: Sequence[Reply], at: str, state: str = DONE) -> bool:
        """Store the answer once. False when the turn was finished before or its conversation is gone."""
        with self._db.write() as tx:
            finished = tx.execute(
                update(turns)
                .where(turns.c.turn_id == turn.turn_id, turns.c.state == PENDING)
                .values(state=state)
            )
            if finished.rowcount != 1:
                return False
            if not replies:
                return True
            first = _take_seq(tx, turn.conversation_id, len(replies))
            tx.execute(
                insert(messages),
                [
                    {
                        "conversation_id": turn.conversation_id,
                        "seq": first + place,
                        "message_id": reply.id,
                        "turn_id": turn.turn_id,
                        "client_id": None,
                        "sender": ASSISTANT,
                        "text": reply.text,
                        "buttons": list(reply.buttons),
                        "image": reply.image,
                        "at": at,
                    }
                    for place, reply in enumerate(replies)
                ],
            )
        return True

    def count_failure(self, turn: Turn) -> int:
        """How often the assistant broke on this turn, this time included."""
        with self._db.write() as tx:
            tx.execute(
                update(turns).where(turns.c.turn_id == turn.turn_id).values(failures=turns.c.failures + 1)
            )
            count = tx.scalar(select(turns.c.failures).where(turns.c.turn_id == turn.turn_id))
        return int(count or 0)

    def answer(self, turn_id: str) -> tuple[str | None, list[Message]]:
        """The turn's state (None: its conversation is gone) and all its messages, the person's first."""
        with self._db.read() as tx:
            state = tx.scalar(select(turns.c.state).where(turns.c.turn_id == turn_id))
            rows = tx.execute(
                select(messages).where(messages.c.turn_id == turn_id).order_by(messages.c.seq)
            ).all()
        return state, [_to_message(row) for row in rows]

    def history(self, conversation_id: str, after: int, limit: int) -> tuple[list[Message], bool, bool]:
        """Messages after a seq, whether more follow them, and whether an answer is still on its way."""
        with self._db.read() as tx:
            _known(tx, conversation_id)
            rows = tx.execute(
                select(messages)
                .where(messages.c.conversation_id == conversation_id, messages.c.seq > after)
                .order_by(messages.c.seq)
                .limit(limit + 1)
            ).all()
            waiting = _waiting(tx, conversation_id)
        return [_to_message(row) for row in rows[:limit]], len(rows) > limit, waiting > 0

    def button_title(self, conversation_id: str, button_id: str) -> str | None:
        """What a button of this conversation says; None for one that was never shown in it."""
        message_id = button_id.rpartition(".")[0]
        with self._db.read() as tx:
            _known(tx, conversation_id)
            found = tx.scalar(
                select(messages.c.buttons).where(
                    messages.c.conversation_id == conversation_id, messages.c.message_id == message_id
                )
            )
        titles = {button["id"]: button["title"] for button in found or ()}
        return titles.get(button_id)

    def pending_conversations(self) -> list[str]:
        query = select(turns.c.conversation_id).where(turns.c.state == PENDING).distinct()
        with self._db.read() as tx:
            return [str(found) for found in tx.scalars(query)]

    def erase(self, conversation_id: str, now: int) -> bool:
        """Delete a conversation here, and note that the assistant's copy must go. False: not there."""
        with self._db.write() as tx:
            if _erased(tx, conversation_id):
                tx.execute(insert(erasures).values(conversation_id=conversation_id, asked_at=now))
                return True
        return False

    def expired(self, now: int) -> list[str]:
        query = select(conversations.c.id).where(conversations.c.expires_at <= now).limit(500)
        with self._db.read() as tx:
            return [str(found) for found in tx.scalars(query)]

    def erasures_due(self) -> list[str]:
        query = select(erasures.c.conversation_id).order_by(erasures.c.asked_at).limit(500)
        with self._db.read() as tx:
            return [str(found) for found in tx.scalars(query)]

    def erasure_done(self, conversation_id: str) -> None:
        with self._db.write() as tx:
            tx.execute(delete(erasures).where(erasures.c.conversation_id == conversation_id))

    def ping(self) -> None:
        """Raises what the database raises when it cannot be written."""
        with self._db.write() as tx:
            tx.execute(delete(erasures).where(erasures.c.conversation_id == ""))


def _known(tx: Connection, conversation_id: str) -> None:
    if tx.scalar(select(conversations.c.id).where(conversations.c.id == conversation_id)) is None:
        raise UnknownConversation


def _waiting(tx: Connection, conversation_id: str) -> int:
    query = (
        select(func.count())
        .select_from(turns)
        .where(turns.c.conversation_id == conversation_id, turns.c.state == PENDING)
    )
    return int(tx.scalar(query) or 0)


def _insert_turn(tx: Connection, turn: Turn) -> None:
    taken = tx.execute(
        update(conversations)
        .where(conversations.c.id == turn.conversation_id)
        .values(next_place=conversations.c.next_place + 1)
        .returning(conversations.c.next_place)
    ).one_or_none()
    if taken is None:
        raise UnknownConversation
    tx.execute(
        insert(turns).values(
            turn_id=turn.turn_id,
            conversation_id=turn.conversation_id,
            place=taken.next_place - 1,
            said=turn.said,
            identity=dict(turn.identity),
            at=turn.at,
            state=PENDING,
            failures=0,
        )
    )


def _take_seq(tx: Connection, conversation_id: str, count: int) -> int:
    """The first of `count` new numbers. The row's lock puts writers of one conversation in a line."""
    after = tx.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(next_seq=conversations.c.next_seq + count)
        .returning(conversations.c.next_seq)
    ).one_or_none()
    if after is None:
        raise UnknownConversation
    return int(after.next_seq) - count


def _erased(tx: Connection, conversation_id: str) -> bool:
    for table in (messages, turns):
        tx.execute(delete(table).where(table.c.conversation_id == conversation_id))
    gone = tx.execute(delete(conversations).where(conversations.c.id == conversation_id))
    return gone.rowcount == 1


def _to_turn(row: Row[Any]) -> Turn:
    return Turn(
        turn_id=row.turn_id,
        conversation_id=row.conversation_id,
        said=row.said,
        identity=row.identity,
        at=row.at,
        state=row.state,
        failures=row.failures,
    )


def _to_message(row: Row[Any]) -> Message:
    return Message(
        seq=row.seq,
        id=row.message_id,
        sender=row.sender,
        text=row.text,
        at=row.at,
        buttons=tuple(row.buttons),
        image=row.image,
        client_id=row.client_id,
    )
