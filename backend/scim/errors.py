"""SCIM error bodies (RFC 7644, section 3.12) for everything that can go wrong below /scim/v2."""

from __future__ import annotations

import logging

from fastapi import FastAPI
from pydantic import ValidationError
from scim2_models import Error, NotFoundException, SCIMException, UniquenessException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from backend.accounts.repository import UserNameTaken
from backend.accounts.service import AccountUnknown
from backend.http_body import LARGEST_BODY, BodyNotJson, BodyTooLarge
from backend.words import say

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/scim+json"


class ScimResponse(JSONResponse):
    media_type = MEDIA_TYPE


def error_response(error: Error) -> ScimResponse:
    return ScimResponse(error.model_dump(), status_code=error.status or 500)


def install(app: FastAPI) -> None:
    """Every exception becomes an error body; none names what a person typed."""
    app.add_exception_handler(Exception, _unexpected)
    for kind in (
        SCIMException,
        ValidationError,
        AccountUnknown,
        UserNameTaken,
        BodyNotJson,
        BodyTooLarge,
        DBAPIError,
        PoolTimeout,
        HTTPException,
    ):
        app.add_exception_handler(kind, _handle)


async def _handle(_request: Request, error: Exception) -> ScimResponse:
    return error_response(to_error(error))


async def _unexpected(_request: Request, error: Exception) -> ScimResponse:
    log.error("request failed: %s", type(error).__name__, exc_info=error)
    return error_response(Error(status=500, detail=say("failed")))


def to_error(error: Exception) -> Error:
    """The error body that an exception stands for."""
    match error:
        case SCIMException():
            return error.to_error()
        case ValidationError():
            return Error.from_validation_errors(error)[0]
        case AccountUnknown():
            return NotFoundException(detail=say("account_unknown")).to_error()
        case UserNameTaken():
            return UniquenessException(detail=say("user_name_taken")).to_error()
        case BodyNotJson():
            return Error(status=400, scim_type="invalidSyntax", detail=say("body_not_json"))
        case BodyTooLarge():
            return Error(status=413, detail=say("body_too_large", limit=LARGEST_BODY // 1024))
        case HTTPException(status_code=405):
            return Error(status=405, detail=say("method_not_allowed"))
        case HTTPException(status_code=404):
            return Error(status=404, detail=say("not_found"))
        case HTTPException():
            return Error(status=error.status_code, detail=str(error.detail))
        case _:
            log.error("database trouble: %s", type(error).__name__)
            return Error(status=503, detail=say("database_down"))
