"""What the rooms inside the gateway hand to each other: turns, replies, messages."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from channels.identity import Identity

ASSISTANT = "assistant"
PERSON = "person"

PENDING = "pending"
DONE = "done"
REFUSED = "refused"

Said = dict[str, Any]
"""Exactly one of `{"text": str}`, `{"button": {"id": str}}`, `{"start": {"flow": str, "title": str}}`,
`{"event": {"kind": str, "data": {…}}}`."""


@dataclass(frozen=True)
class Picture:
    """`src` is a path of our own origin; `alt` says what it shows; its size is in CSS pixels."""

    src: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Reply:
    """One message of the assistant's answer; `buttons` are `{"id", "title"}`."""

    id: str
    text: str
    buttons: tuple[dict[str, str], ...] = ()
    image: Picture | None = None


@dataclass(frozen=True)
class Turn:
    """One exchange with the assistant. `at` is ISO-8601 and the same at every try.

    `channel` is the conversation's; the store knows it.
    """

    turn_id: str
    conversation_id: str
    said: Said
    identity: Identity
    at: str
    state: str = PENDING
    failures: int = 0
    channel: str = ""


@dataclass(frozen=True)
class Message:
    """A message as shown. `seq` counts from 1 within a conversation, without holes."""

    seq: int
    id: str
    sender: str
    text: str
    at: str
    buttons: tuple[dict[str, str], ...] = ()
    image: Picture | None = None
    client_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The public shape of door 4; `client_id` lets a tab recognise what it sent itself."""
        shape: dict[str, Any] = {
            "seq": self.seq,
            "id": self.id,
            "from": self.sender,
            "text": self.text,
            "buttons": list(self.buttons),
            "at": self.at,
        }
        if self.image:
            shape["image"] = asdict(self.image)
        if self.client_id:
            shape["client_id"] = self.client_id
        return shape


@dataclass(frozen=True)
class Kept:
    """A turn that is stored. `shown` is the person's message when it was stored just now.

    `first`: no other turn of the conversation waited, so this one may run at once.
    """

    turn: Turn
    shown: Message | None = None
    first: bool = False


@dataclass(frozen=True)
class Finished:
    """What finishing a turn stored (None: finished before, or gone), and the turn that waits next."""

    messages: tuple[Message, ...] | None
    following: Turn | None


def message_turn_id(conversation_id: str, client_id: str) -> str:
    """The turn of what a client sent: the same client id in the same conversation is the same turn."""
    return "said-" + _digest(f"{conversation_id}\n{client_id}")


def event_turn_id(event_id: str) -> str:
    """The turn of an event: the same event id is the same turn, whatever the conversation."""
    return "event-" + _digest(event_id)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]
