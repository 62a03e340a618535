"""The gateway's client of the assistant's door. Errors are sorted by what the queue should do:

AssistantError
├── AssistantAway      not reached: send the same turn again
│   └── AssistantUnkept    it says that the turn is not kept: the same
├── AssistantBroken    it answered what it should not: again, but not for ever
└── AssistantRefused   it will never take this turn
"""

from __future__ import annotations

import logging
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from channels.model import Reply, Turn

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


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str
    text: str | None = None
    buttons: list[_Button] | None = None
    image: str | None = None


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")
    messages: list[_Message]


class Assistant:
    """`POST turn`, `DELETE conversation`. Takes the HTTP client, so that tests choose the transport."""

    def __init__(self, client: httpx.AsyncClient, url: str, secret: str, timeout: float) -> None:
        self._client = client
        self._door = f"{url}/webhooks/door"
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._timeout = httpx.Timeout(timeout, connect=min(timeout, 2.0))

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
        response = await self._ask("POST", "/turn", json=body)
        if response.status_code != 200:
            raise _error_for(response.status_code)
        try:
            answer = _Answer.model_validate_json(response.content)
        except ValidationError as error:
            raise AssistantBroken(f"an answer of another shape ({error.error_count()} errors)") from None
        return [
            Reply(
                id=message.id,
                text=message.text or "",
                buttons=tuple({"id": b.id, "title": b.title} for b in message.buttons or ()),
                image=message.image,
            )
            for message in answer.messages
            if message.text or message.buttons or message.image
        ]

    async def delete(self, conversation_id: str) -> None:
        """Delete the assistant's copy; deleting it twice is fine. Raises AssistantError."""
        response = await self._ask("DELETE", f"/conversations/{conversation_id}")
        if response.status_code not in (200, 204, 404):
            raise _error_for(response.status_code)

    async def healthy(self) -> bool:
        """Whether it says that it can answer a turn and keep it."""
        try:
            response = await self._client.get(f"{self._door}/healthz", timeout=2.0)
        except httpx.HTTPError:
            return False
        return response.status_code == 200

    async def _ask(self, method: str, path: str, json: object = None) -> httpx.Response:
        try:
            return await self._client.request(
                method, self._door + path, json=json, headers=self._headers, timeout=self._timeout
            )
        except httpx.HTTPError as error:
            raise AssistantAway(type(error).__name__) from None


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
