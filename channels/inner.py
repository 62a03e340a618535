"""The inner door: what happens outside the chat comes in here. Its own listener, on loopback only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from channels.api import PRIVATE, gateway_of
from channels.edge import handlers
from channels.errors import ApiError, read_json_body
from channels.gateway import Gateway
from channels.model import PENDING, Message
from channels.store import OtherContent, OtherConversation, UnknownConversation
from common.bearer import bearer_matches

# JSON has no NaN and no infinity, but Python's readers take them: 1e999 is one. Nobody can store it again.
Scalar = str | int | Annotated[float, Field(allow_inf_nan=False)] | bool | None


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid")
    event_id: str = Field(min_length=1, max_length=200)
    conversation_id: str = Field(min_length=1, max_length=64)
    kind: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    data: dict[str, Scalar] = Field(default_factory=dict, max_length=32)


def build(gateway: Gateway) -> Starlette:
    app = Starlette(
        routes=[Route("/internal/events", take, methods=["POST"])],
        exception_handlers=handlers(gateway.words.errors),
    )
    app.state.gateway = gateway
    return app


async def take(request: Request) -> JSONResponse:
    """Stored first, then a turn. 503 when the answer takes longer: kept, and the queue goes on with it."""
    gateway = gateway_of(request)
    if not bearer_matches(request.headers.get("authorization"), gateway.settings.inner_secret):
        raise ApiError(401, "unauthorized")
    body = await read_json_body(request, gateway.options.max_body_bytes)
    try:
        event = _Event.model_validate_json(body)
    except ValidationError:
        raise ApiError(400, "bad_request") from None
    try:
        kept = await gateway.keep_event(event.conversation_id, event.event_id, event.kind, dict(event.data))
    except UnknownConversation:
        raise ApiError(404, "gone") from None
    except OtherConversation:
        raise ApiError(409, "event_conflict") from None
    except OtherContent:
        raise ApiError(409, "event_id_taken") from None
    except SQLAlchemyError:
        raise ApiError(503, "later", 5) from None
    if kept.turn.state == PENDING:
        answer = await gateway.turns.answered(kept, gateway.options.event_answer_within)
        if answer is not None:
            return _told(answer)
    state, messages = await gateway.threads.run(gateway.store.answer, kept.turn.turn_id)
    if state is None:
        raise ApiError(404, "gone")
    if state == PENDING:
        raise ApiError(503, "later", 5)
    return _told(messages)


def _told(messages: Sequence[Message]) -> JSONResponse:
    return JSONResponse({"messages": [message.to_json() for message in messages]}, 200, PRIVATE)
