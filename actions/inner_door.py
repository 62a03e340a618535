"""The way to people: events for the gateway's inner door, which tells them in their conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.http import HttpClient, NotFound


class ConversationGone(Exception):
    """The conversation is unknown or was deleted: nothing may be told, nothing kept."""


class InnerDoor:
    """Sends events; the same event id is one event, so sending again is harmless."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def tell(self, event_id: str, conversation_id: str, kind: str, data: Mapping[str, Any]) -> None:
        """Raises ConversationGone, and the exceptions of `actions.http`."""
        body = {"event_id": event_id, "conversation_id": conversation_id, "kind": kind, "data": dict(data)}
        try:
            self._client.call("POST", "/internal/events", body=body)
        except NotFound:
            raise ConversationGone from None

    def close(self) -> None:
        self._client.close()
