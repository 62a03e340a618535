"""The chat API, version 1: conversations, messages, history, deletion. Streaming is in stream.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from channels import tokens
from channels.errors import ApiError, read_body, read_json_body
from channels.gateway import Gateway, UnknownRow
from channels.model import ASSISTANT, PENDING, PERSON, Kept, Message
from channels.source import source_of
from channels.store import OtherContent, TooManyWaiting, UnknownButton, UnknownConversation

PRIVATE = {"Cache-Control": "no-store"}


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    client_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    text: str | None = None
    button: str | None = Field(default=None, min_length=1, max_length=250)
    start: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,59}$")


def gateway_of(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


def source(request: Request) -> str:
    """The address that rate limits count."""
    peer = request.client.host if request.client else None
    return source_of(
        peer, request.headers.get("x-forwarded-for"), gateway_of(request).options.trusted_proxies
    )


def opened(request: Request) -> str:
    """The conversation that this request may touch. Raises ApiError."""
    gateway = gateway_of(request)
    if wait := gateway.limits.requests.take(source(request)):
        raise ApiError(429, "too_many", wait)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ApiError(401, "token_missing")
    try:
        conversation_id = tokens.read(token.strip(), gateway.settings.gateway_secret, gateway.wall())
    except tokens.TokenExpired:
        raise ApiError(401, "token_expired") from None
    except tokens.TokenError:
        raise ApiError(401, "token_forged") from None
    if conversation_id != request.path_params["conversation_id"]:
        raise ApiError(403, "other_conversation")
    return conversation_id


def after_of(request: Request) -> int:
    """`?after=N`, or the Last-Event-ID of a stream that goes on."""
    value = request.query_params.get("after") or request.headers.get("last-event-id") or "0"
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise ApiError(400, "bad_request")
    return int(value)


async def create(request: Request) -> JSONResponse:
    gateway = gateway_of(request)
    address = source(request)
    if wait := gateway.limits.conversations.take(address):
        raise ApiError(429, "too_many", wait)
    await read_json_body(request, gateway.options.max_body_bytes)
    conversation_id, expires_at = await gateway.open_conversation("web", address)
    body = {
        "conversation_id": conversation_id,
        "token": tokens.issue(conversation_id, expires_at, gateway.settings.gateway_secret),
        "expires_at": datetime.fromtimestamp(expires_at, UTC).isoformat(),
    }
    return JSONResponse(body, 201, PRIVATE)


async def say(request: Request) -> JSONResponse:
    """200 with the answer of this turn, or 202 when it is kept and the answer follows by the stream."""
    gateway = gateway_of(request)
    conversation_id = opened(request)
    body = await read_json_body(request, gateway.options.max_body_bytes)
    try:
        said = _Said.model_validate_json(body)
    except ValidationError:
        raise ApiError(400, "bad_request") from None
    if wait := gateway.limits.messages.take(conversation_id):
        raise ApiError(429, "too_many", wait)
    kept = await _keep(gateway, conversation_id, said)
    if kept.turn.state == PENDING:
        replies = await gateway.turns.answered(kept, gateway.options.answer_within, source(request))
        if kept.shown is not None and replies is not None:
            return JSONResponse(_answer([kept.shown, *replies]), 200, PRIVATE)
    state, messages = await gateway.threads.run(gateway.store.answer, kept.turn.turn_id)
    if state is None:
        raise ApiError(404, "gone")
    if state == PENDING:
        return JSONResponse({**_answer(messages), "pending": True}, 202, PRIVATE)
    return JSONResponse(_answer(messages), 200, PRIVATE)


def _answer(messages: Sequence[Message]) -> dict[str, Any]:
    return {
        "messages": [message.to_json() for message in messages if message.sender == ASSISTANT],
        "said": next((message.to_json() for message in messages if message.sender == PERSON), None),
    }


async def history(request: Request) -> JSONResponse:
    gateway = gateway_of(request)
    conversation_id = opened(request)
    try:
        messages, more, pending = await gateway.threads.run(
            gateway.store.history, conversation_id, after_of(request), gateway.options.history_page
        )
    except UnknownConversation:
        raise ApiError(404, "gone") from None
    body = {"messages": [message.to_json() for message in messages], "more": more, "pending": pending}
    return JSONResponse(body, 200, PRIVATE)


async def delete(request: Request) -> Response:
    gateway = gateway_of(request)
    conversation_id = opened(request)
    await read_body(request, gateway.options.max_body_bytes)
    await gateway.retention.erase(conversation_id)
    return Response(None, 204, PRIVATE)


async def _keep(gateway: Gateway, conversation_id: str, said: _Said) -> Kept:
    if sum(one is not None for one in (said.text, said.button, said.start)) != 1:
        raise ApiError(400, "bad_request")
    try:
        if said.text is not None:
            text = said.text.strip()
            if not text or "\x00" in text:
                raise ApiError(400, "bad_request")
            if len(text) > gateway.options.max_text:
                raise ApiError(413, "too_long")
            return await gateway.keep_text(conversation_id, said.client_id, text)
        if said.button is not None:
            return await gateway.keep_button(conversation_id, said.client_id, said.button)
        if said.start is not None:
            return await gateway.keep_start(conversation_id, said.client_id, said.start)
    except UnknownConversation:
        raise ApiError(404, "gone") from None
    except UnknownButton:
        raise ApiError(400, "unknown_button") from None
    except UnknownRow:
        raise ApiError(400, "unknown_row") from None
    except OtherContent:
        raise ApiError(409, "client_id_taken") from None
    except TooManyWaiting:
        raise ApiError(429, "too_many", 5) from None
    raise ApiError(400, "bad_request")
