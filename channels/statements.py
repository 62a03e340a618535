"""The statements of a message's way, made once: building one anew costs as much as running it.

Parameters are named after what they hold (`conversation`, `turn`), never after a column.
"""

from __future__ import annotations

from sqlalchemy import Select, and_, bindparam, func, insert, select, update

from channels.model import PENDING
from channels.tables import conversations, messages, turns

_OF_CONVERSATION = turns.c.conversation_id == bindparam("conversation")

TAKE_NUMBERS = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(
        next_place=conversations.c.next_place + bindparam("places"),
        next_seq=conversations.c.next_seq + bindparam("seqs"),
    )
    .returning(conversations.c.next_place, conversations.c.next_seq, conversations.c.channel)
)
"""The numbers after the taken ones. The row's lock puts writers of one conversation in a line."""

COUNT_WAITING = select(func.count()).select_from(turns).where(_OF_CONVERSATION, turns.c.state == PENDING)

ADD_TURN = insert(turns)
ADD_MESSAGES = insert(messages)


def _whole_turns() -> Select[tuple[object, ...]]:
    return select(turns, conversations.c.channel).join(
        conversations, conversations.c.id == turns.c.conversation_id
    )


KNOWN_TURN = _whole_turns().where(turns.c.turn_id == bindparam("turn"))
NEXT_TURN = _whole_turns().where(_OF_CONVERSATION, turns.c.state == PENDING).order_by(turns.c.place).limit(1)

FINISH_TURN = (
    update(turns)
    .where(turns.c.turn_id == bindparam("turn"), turns.c.state == PENDING)
    .values(state=bindparam("ends_as"))
)

CONVERSATION_WAITING = select(
    conversations.c.id,
    select(func.count())
    .select_from(turns)
    .where(turns.c.conversation_id == conversations.c.id, turns.c.state == PENDING)
    .scalar_subquery()
    .label("waiting"),
).where(conversations.c.id == bindparam("conversation"))

MESSAGES_AFTER = (
    select(messages)
    .where(messages.c.conversation_id == bindparam("conversation"), messages.c.seq > bindparam("after"))
    .order_by(messages.c.seq)
    .limit(bindparam("most"))
)

BUTTONS_OF = (
    select(conversations.c.id, messages.c.buttons)
    .outerjoin(
        messages,
        and_(
            messages.c.conversation_id == conversations.c.id,
            messages.c.message_id == bindparam("message"),
        ),
    )
    .where(conversations.c.id == bindparam("conversation"))
)
