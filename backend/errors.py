"""Errors of the JSON API outside SCIM: `{"error": {"code", "message"}}`, the message in plain words."""

from __future__ import annotations

import logging

from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from backend.accounts.service import AccountUnknown
from backend.http_body import LARGEST_BODY, BodyNotJson, BodyTooLarge
from backend.tickets.service import TicketUnknown
from backend.words import say

log = logging.getLogger(__name__)


class ApiError(Exception):
    """A refusal with a status and a sentence from `words.yml`."""

    def __init__(self, status: int, code: str, **values: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.values = values


def install(app: FastAPI) -> None:
    app.add_exception_handler(Exception, _unexpected)
    for kind in (
        ApiError,
        ValidationError,
        TicketUnknown,
        AccountUnknown,
        BodyNotJson,
        BodyTooLarge,
        DBAPIError,
        PoolTimeout,
        HTTPException,
    ):
        app.add_exception_handler(kind, _handle)


async def _handle(_request: Request, error: Exception) -> JSONResponse:
    refusal = to_refusal(error)
    message = say(refusal.code, **refusal.values)
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else None
    body = {"error": {"code": refusal.code, "message": message}}
    return JSONResponse(body, status_code=refusal.status, headers=headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request failed: %s", type(error).__name__, exc_info=error)
    return await _handle(request, ApiError(500, "failed"))


def to_refusal(error: Exception) -> ApiError:
    """What an exception tells the caller; never a value that somebody typed."""
    match error:
        case ApiError():
            return error
        case ValidationError():
            first = error.errors(include_input=False, include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"]) or "body"
            return ApiError(422, "invalid", field=field, problem=first["msg"])
        case TicketUnknown():
            return ApiError(404, "ticket_unknown")
        case AccountUnknown():
            return ApiError(404, "account_unknown")
        case BodyNotJson():
            return ApiError(400, "body_not_json")
        case BodyTooLarge():
            return ApiError(413, "body_too_large", limit=LARGEST_BODY // 1024)
        case HTTPException(status_code=405):
            return ApiError(405, "method_not_allowed")
        case HTTPException(status_code=404):
            return ApiError(404, "not_found")
        case HTTPException():
            return ApiError(error.status_code, "failed")
        case _:
            log.error("database trouble: %s", type(error).__name__)
            return ApiError(503, "database_down")
