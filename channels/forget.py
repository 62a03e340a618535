"""Asking the action server to forget a conversation: its jobs hold tickets that were still to be filed."""

from __future__ import annotations

import httpx


class NotForgotten(Exception):
    """The copy is still there; ask again."""


class ActionsCopy:
    """`DELETE /conversations/{id}` with the action server's own secret."""

    def __init__(self, client: httpx.AsyncClient, url: str, secret: str) -> None:
        self._client = client
        self._url = url
        self._headers = {"Authorization": f"Bearer {secret}"}

    async def delete(self, conversation_id: str) -> None:
        """Deleting it twice is fine. Raises NotForgotten."""
        try:
            response = await self._client.delete(
                f"{self._url}/conversations/{conversation_id}", headers=self._headers, timeout=10.0
            )
        except httpx.HTTPError as error:
            raise NotForgotten(type(error).__name__) from None
        if response.status_code not in (200, 204, 404):
            raise NotForgotten(f"status {response.status_code}")
