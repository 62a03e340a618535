"""What the chat API answers when it does not do what was asked: a status, a code, and plain words."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

BODY_WITHIN = 15.0


class ApiError(Exception):
    """`code` is a key of words.yml `errors`; `retry_after` in seconds."""

    def __init__(self, status: int, code: str, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after


def to_response(error: ApiError, messages: dict[str, str]) -> JSONResponse:
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status in (408, 413):
        # The rest of the body may still come; nobody reads it.
        headers["Connection"] = "close"
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = {"error": {"code": error.code, "message": messages[error.code]}}
    return JSONResponse(body, error.status, headers)


async def read_body(request: Request, most: int) -> bytes:
    """The body, but never more of it than allowed, and not for longer than BODY_WITHIN seconds."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise ApiError(413, "too_large")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise ApiError(413, "too_large")
    except TimeoutError:
        raise ApiError(408, "too_slow") from None
    except ClientDisconnect:
        raise ApiError(400, "bad_request") from None
    return bytes(body)


async def read_json_body(request: Request, most: int) -> bytes:
    """As read_body, and only with a JSON content type: another site's form cannot send that unasked."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ApiError(415, "not_json")
    return await read_body(request, most)
