"""The gateway's client of the assistant's door. Errors are sorted by what the queue should do:

AssistantError
├── AssistantAway      not reached: send the same turn again
│   └── AssistantUnkept    it says that the turn is not kept: the same
├── AssistantBroken    it answered what it should not: again, but not for ever
└── AssistantRefused   it will never take this turn
"""

from __future__ import annotations

import json
import logging
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from channels.model import Picture, Reply, Turn
from channels.pictures import drawing
from channels.wire import Answer, Wire, WireError

log = logging.getLogger(__name__)


class AssistantError(Exception):
    """A turn without an answer; the message says what was seen, never what the person wrote."""


class AssistantAway(AssistantError):
    pass


class AssistantUnkept(AssistantAway):
    pass


class AssistantBroken(AssistantError):
    pass


class AssistantRefused(AssistantError):
    pass


class _Button(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str
    title: str


class _Picture(BaseModel):
    model_config = ConfigDict(extra="ignore")
    file: str
    alt: str


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str
    text: str | None = None
    buttons: list[_Button] | None = None
    image: _Picture | None = None


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")
    messages: list[_Message]


class Assistant:
    """`POST turn`, `DELETE conversation`. Times are seconds."""

    def __init__(self, url: str, secret: str, timeout: float) -> None:
        self._wire = Wire(f"{url}/webhooks/door", [("authorization", f"Bearer {secret}")])
        self._timeout = timeout

    async def turn(self, turn: Turn) -> list[Reply]:
        """The answer to a turn; the same turn id gives the same answer. Raises AssistantError."""
        body: dict[str, Any] = {
            "turn_id": turn.turn_id,
            "at": turn.at,
            "conversation_id": turn.conversation_id,
            "channel": turn.channel,
            "identity": turn.identity,
            **turn.said,
        }
        answered = await self._ask("POST", "/turn", json.dumps(body).encode())
        if answered.status != 200:
            raise _error_for(answered.status)
        try:
            answer = _Answer.model_validate_json(answered.body)
        except ValidationError as error:
            raise AssistantBroken(f"an answer of another shape ({error.error_count()} errors)") from None
        replies = [_to_reply(message) for message in answer.messages]
        return [reply for reply in replies if reply.text or reply.buttons or reply.image]

    async def delete(self, conversation_id: str) -> None:
        """Delete the assistant's copy; deleting it twice is fine. Raises AssistantError."""
        answered = await self._ask("DELETE", f"/conversations/{conversation_id}")
        if answered.status not in (200, 204, 404):
            raise _error_for(answered.status)

    async def healthy(self) -> bool:
        """Whether it says that it can answer a turn and keep it."""
        try:
            answered = await self._wire.ask("GET", "/healthz", timeout=2.0)
        except WireError:
            return False
        return answered.status == 200

    def close(self) -> None:
        self._wire.close()

    async def _ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        try:
            return await self._wire.ask(method, path, body, timeout=self._timeout)
        except WireError as error:
            raise AssistantAway(str(error)) from None


def _to_reply(message: _Message) -> Reply:
    return Reply(
        id=message.id,
        text=message.text or "",
        buttons=tuple({"id": button.id, "title": button.title} for button in message.buttons or ()),
        image=_to_picture(message.image),
    )


def _to_picture(said: _Picture | None) -> Picture | None:
    """With the place where it is served; one that is not ours is left out."""
    if said is None or (found := drawing(said.file)) is None:
        return None
    return Picture(found.path, said.alt, found.width, found.height)


def _error_for(status: int) -> AssistantError:
    if status in (401, 403):
        log.error("the assistant does not accept DOOR_SECRET (%s); is it the same on both sides?", status)
        return AssistantAway(f"status {status}")
    if status == 503:
        return AssistantUnkept(f"status {status}")
    if status in (408, 429, 502, 504):
        return AssistantAway(f"status {status}")
    if status in (400, 413, 422):
        return AssistantRefused(f"status {status}")
    return AssistantBroken(f"status {status}")
