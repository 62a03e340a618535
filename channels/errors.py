"""What the chat API answers when it does not do what was asked: a status, a code, and plain words."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse


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
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = {"error": {"code": error.code, "message": messages[error.code]}}
    return JSONResponse(body, error.status, headers)


async def read_body(request: Request, most: int) -> bytes:
    """The body, but never more of it than allowed."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise ApiError(413, "too_large")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise ApiError(413, "too_large")
    return bytes(body)


async def read_json_body(request: Request, most: int) -> bytes:
    """As read_body, and only with a JSON content type: another site's form cannot send that unasked."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ApiError(415, "not_json")
    return await read_body(request, most)
