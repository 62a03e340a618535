"""Request bodies: a size limit before anything is parsed, and JSON objects."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 512 * 1024


class BodyTooLarge(Exception):
    """More than LARGEST_BODY bytes."""


class BodyNotJson(Exception):
    """Not a JSON object in UTF-8."""


class BodyLimit:
    """ASGI middleware: counts what arrives, since Content-Length may be missing or wrong."""

    def __init__(self, app: ASGIApp, limit: int = LARGEST_BODY) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.limit:
                raise BodyTooLarge
            return message

        await self.app(scope, counted, send)


async def json_object(request: Request) -> dict[str, Any]:
    """FastAPI dependency: the body as a dict, whatever its content type says. Raises BodyNotJson."""
    try:
        content = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise BodyNotJson from error
    if not isinstance(content, dict):
        raise BodyNotJson
    return content
