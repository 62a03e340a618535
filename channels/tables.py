"""The gateway's tables. A change here needs a step in migrations/versions (a test compares the two)."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()
_CONVERSATION = "gateway_conversations.id"


# Expiry is real time, in seconds since 1970. `next_seq` and `next_place` hand out numbers without holes.
conversations = Table(
    "gateway_conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("next_seq", Integer, nullable=False),
    Column("next_place", Integer, nullable=False),
)

# One turn with the assistant. `turn_id` follows from the client's or the event's id: asking again finds it.
# `at` is the text that the assistant gets, at every try the same.
turns = Table(
    "gateway_turns",
    metadata,
    Column("turn_id", String(120), primary_key=True),
    Column("conversation_id", String(64), ForeignKey(_CONVERSATION, ondelete="CASCADE"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("said", JSON, nullable=False),
    Column("identity", JSON, nullable=False),
    Column("at", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("failures", Integer, nullable=False),
    UniqueConstraint("conversation_id", "place", name="gateway_turns_place"),
    Index("gateway_turns_state", "state", "conversation_id"),
)

messages = Table(
    "gateway_messages",
    metadata,
    Column("conversation_id", String(64), ForeignKey(_CONVERSATION, ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("message_id", String(200), nullable=False),
    Column("turn_id", String(120), nullable=False, index=True),
    Column("client_id", String(80)),
    Column("sender", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("buttons", JSON, nullable=False),
    # a model.Picture as JSON text
    Column("image", Text),
    Column("at", String(40), nullable=False),
    UniqueConstraint("conversation_id", "message_id", name="gateway_messages_id"),
)

# Conversations whose copy at the assistant (and in its jobs) must still be deleted.
erasures = Table(
    "gateway_erasures",
    metadata,
    Column("conversation_id", String(64), primary_key=True),
    Column("asked_at", BigInteger, nullable=False),
)
