"""What every answer to the outside has: headers that lock the page down, plain-word errors, one log line."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.errors import ApiError, to_response

log = logging.getLogger("channels.access")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_RAW = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]


class Edge:
    """ASGI middleware: security headers on every answer; a log line without addresses, ids or tokens."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message.setdefault("headers", [])
                names = {name.lower() for name, _ in given}
                message["headers"] = [*given, *(header for header in _RAW if header[0] not in names)]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            took = (time.monotonic() - began) * 1000
            log.info("%s %s %s %.0f ms", scope["method"], _template(scope), status or "-", took)


def _template(scope: Scope) -> str:
    """The route's pattern, not the path: a path names a conversation."""
    route = scope.get("route")
    return getattr(route, "path", None) or scope.get("gateway_route") or "(no route)"


def handlers(words: dict[str, str]) -> Mapping[Any, Any]:
    """Every failure answers JSON in plain words, never a trace."""

    async def api_error(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, ApiError):
            raise error
        return to_response(error, words)

    async def http_error(_: Request, error: Exception) -> JSONResponse:
        status = error.status_code if isinstance(error, HTTPException) else 500
        code = {404: "not_found", 405: "not_allowed"}.get(status, "bad_request")
        return to_response(ApiError(status, code), words)

    async def database_error(_: Request, error: Exception) -> JSONResponse:
        log.error("the database did not answer: %s", type(error).__name__)
        return to_response(ApiError(503, "not_kept", 2), words)

    async def unforeseen(_: Request, error: Exception) -> JSONResponse:
        return to_response(ApiError(500, "not_kept"), words)

    return {
        ApiError: api_error,
        HTTPException: http_error,
        SQLAlchemyError: database_error,
        Exception: unforeseen,
    }
