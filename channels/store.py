"""Everything the gateway keeps, in short transactions. Blocking; `channels.threads` brings it to the loop."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from channels import statements
from channels.database import Database
from channels.model import ASSISTANT, DONE, PENDING, PERSON, Finished, Kept, Message, Picture, Reply, Turn
from channels.tables import conversations, erasures, messages, turns


class UnknownConversation(Exception):
    """Never existed, was deleted, or has expired."""


class TooManyWaiting(Exception):
    """So many turns of this conversation wait that another is not taken."""


class OtherConversation(Exception):
    """This event id already belongs to another conversation."""


class OtherContent(Exception):
    """This client id or event id already stands for something else in this conversation."""


class UnknownButton(Exception):
    """This conversation never showed such a button."""


class Store:
    """One method is one transaction: after it returns, what it says has happened stays so."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def create_conversation(
        self, conversation_id: str, *, channel: str, created_at: int, expires_at: int, greeting: Turn
    ) -> Kept:
        """The conversation and the turn that makes its greeting."""
        with self._db.write() as tx:
            tx.execute(
                insert(conversations),
                {
                    "id": conversation_id,
                    "channel": channel,
                    "created_at": created_at,
                    "expires_at": expires_at,
                    "next_seq": 1,
                    "next_place": 2,
                },
            )
            _insert_turn(tx, greeting, 1)
        return Kept(dataclasses.replace(greeting, channel=channel), first=True)

    def channel(self, conversation_id: str) -> str:
        with self._db.read() as tx:
            found = tx.scalar(select(conversations.c.channel).where(conversations.c.id == conversation_id))
        if found is None:
            raise UnknownConversation
        return str(found)

    def add_turn(self, turn: Turn) -> Kept:
        """Keep an event's turn; a known turn id comes back as it stands."""
        return self._add(turn, None, None, None)

    def add_said(self, turn: Turn, *, shown: str, client_id: str, most_waiting: int) -> Kept:
        """Keep a person's turn together with the message that the conversation shows for it."""
        return self._add(turn, shown, client_id, most_waiting)

    def add_chosen(self, turn: Turn, *, button_id: str, client_id: str, most_waiting: int) -> Kept:
        """As add_said, for a button of this conversation; its title is shown."""
        title = self.button_title(turn.conversation_id, button_id)
        if title is None:
            raise UnknownButton
        return self._add(turn, title, client_id, most_waiting)

    def _add(self, turn: Turn, shown: str | None, client_id: str | None, most_waiting: int | None) -> Kept:
        try:
            return self._add_new(turn, shown, client_id, most_waiting)
        except (IntegrityError, TooManyWaiting, UnknownConversation):
            known = self._known_turn(turn.turn_id)
            if known is None:
                raise
            if known.conversation_id != turn.conversation_id:
                raise OtherConversation from None
            if known.said != turn.said:
                raise OtherContent from None
            return Kept(known)

    def _add_new(
        self, turn: Turn, shown: str | None, client_id: str | None, most_waiting: int | None
    ) -> Kept:
        said = None
        with self._db.write() as tx:
            taken = _take_numbers(tx, turn.conversation_id, places=1, seqs=0 if shown is None else 1)
            waiting = tx.scalar(statements.COUNT_WAITING, {"conversation": turn.conversation_id}) or 0
            if most_waiting is not None and waiting >= most_waiting:
                raise TooManyWaiting
            _insert_turn(tx, turn, taken.next_place - 1)
            if shown is not None:
                said = Message(
                    seq=taken.next_seq - 1,
                    id=turn.turn_id,
                    sender=PERSON,
                    text=shown,
                    at=turn.at,
                    client_id=client_id,
                )
                _insert_messages(tx, turn, [said])
        return Kept(dataclasses.replace(turn, channel=taken.channel), said, first=waiting == 0)

    def _known_turn(self, turn_id: str) -> Turn | None:
        with self._db.read() as tx:
            found = tx.execute(statements.KNOWN_TURN, {"turn": turn_id}).first()
        return None if found is None else _to_turn(found)

    def next_pending(self, conversation_id: str) -> Turn | None:
        """The oldest turn that waits: a conversation's turns happen in the order in which they came."""
        with self._db.read() as tx:
            return _next_turn(tx, conversation_id)

    def finish_turn(self, turn: Turn, replies: Sequence[Reply], at: str, state: str = DONE) -> Finished:
        """Store the answer once; not when the turn was finished before or its conversation is gone.

        Without it the turn waits still, and asking the assistant again gives the same answer.
        """
        said: tuple[Message, ...] | None = None
        with self._db.write(recoverable=True) as tx:
            finished = tx.execute(statements.FINISH_TURN, {"turn": turn.turn_id, "ends_as": state})
            if finished.rowcount == 1:
                said = ()
                if replies:
                    taken = _take_numbers(tx, turn.conversation_id, places=0, seqs=len(replies))
                    said = _to_messages(replies, taken.next_seq - len(replies), at)
                    _insert_messages(tx, turn, said)
            following = _next_turn(tx, turn.conversation_id)
        return Finished(said, following)

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
        wanted = {"conversation": conversation_id, "after": after, "most": limit + 1}
        with self._db.read() as tx:
            # What waits is read first: a turn that ends in between is said to wait, with its answer there.
            found = tx.execute(statements.CONVERSATION_WAITING, {"conversation": conversation_id}).first()
            if found is None:
                raise UnknownConversation
            rows = tx.execute(statements.MESSAGES_AFTER, wanted).all()
        return [_to_message(row) for row in rows[:limit]], len(rows) > limit, found.waiting > 0

    def button_title(self, conversation_id: str, button_id: str) -> str | None:
        """What a button of this conversation says; None for one that was never shown in it."""
        wanted = {"conversation": conversation_id, "message": button_id.rpartition(".")[0]}
        with self._db.read() as tx:
            found = tx.execute(statements.BUTTONS_OF, wanted).first()
        if found is None:
            raise UnknownConversation
        titles = {button["id"]: button["title"] for button in found.buttons or ()}
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

    def scrub(self) -> bool:
        """Take what was deleted out of the database's files too. False: they are in use, try again."""
        return self._db.scrub()

    def ping(self) -> None:
        """Raises what the database raises when it cannot be written."""
        with self._db.write() as tx:
            tx.execute(delete(erasures).where(erasures.c.conversation_id == ""))


def _take_numbers(tx: Connection, conversation_id: str, *, places: int, seqs: int) -> Row[Any]:
    """The conversation's `next_place` and `next_seq` behind the taken ones, and its `channel`."""
    wanted = {"conversation": conversation_id, "places": places, "seqs": seqs}
    taken = tx.execute(statements.TAKE_NUMBERS, wanted).first()
    if taken is None:
        raise UnknownConversation
    return taken


def _insert_turn(tx: Connection, turn: Turn, place: int) -> None:
    tx.execute(
        statements.ADD_TURN,
        {
            "turn_id": turn.turn_id,
            "conversation_id": turn.conversation_id,
            "place": place,
            "said": turn.said,
            "identity": dict(turn.identity),
            "at": turn.at,
            "state": PENDING,
            "failures": 0,
        },
    )


def _insert_messages(tx: Connection, turn: Turn, said: Sequence[Message]) -> None:
    tx.execute(
        statements.ADD_MESSAGES,
        [
            {
                "conversation_id": turn.conversation_id,
                "seq": message.seq,
                "message_id": message.id,
                "turn_id": turn.turn_id,
                "client_id": message.client_id,
                "sender": message.sender,
                "text": message.text,
                "buttons": list(message.buttons),
                "image": json.dumps(dataclasses.asdict(message.image)) if message.image else None,
                "at": message.at,
            }
            for message in said
        ],
    )


def _next_turn(tx: Connection, conversation_id: str) -> Turn | None:
    found = tx.execute(statements.NEXT_TURN, {"conversation": conversation_id}).first()
    return None if found is None else _to_turn(found)


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
        channel=row.channel,
    )


def _to_messages(replies: Sequence[Reply], first: int, at: str) -> tuple[Message, ...]:
    return tuple(
        Message(
            seq=first + place,
            id=reply.id,
            sender=ASSISTANT,
            text=reply.text,
            at=at,
            buttons=reply.buttons,
            image=reply.image,
        )
        for place, reply in enumerate(replies)
    )


def _to_message(row: Row[Any]) -> Message:
    return Message(
        seq=row.seq,
        id=row.message_id,
        sender=row.sender,
        text=row.text,
        at=row.at,
        buttons=tuple(row.buttons),
        image=Picture(**json.loads(row.image)) if row.image else None,
        client_id=row.client_id,
    )
