"""The desk over HTTP, for whoever carries the bearer token."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from pydantic import TypeAdapter, ValidationError
from starlette.responses import JSONResponse

from backend.errors import ApiError
from backend.http_body import json_object
from backend.tickets import repository, service
from backend.tickets.ticket import Key, ReplyDraft, TicketDraft
from backend.world import World

Document = Annotated[dict[str, Any], Depends(json_object)]
_KEY = TypeAdapter(Key)


def ticket_routes(world: World) -> APIRouter:
    router = APIRouter(prefix="/tickets")

    @router.post("")
    def file(document: Document, idempotency_key: Annotated[str | None, Header()] = None) -> JSONResponse:
        try:
            key = _KEY.validate_python(idempotency_key)
        except ValidationError as error:
            raise ApiError(400, "key_missing") from error
        kept = service.file(world, key, TicketDraft.model_validate(document))
        return JSONResponse({"ticket": kept.ticket.to_json()}, status_code=201 if kept.created else 200)

    @router.get("")
    def search(
        requester: Annotated[str | None, Query()] = None, key: Annotated[str | None, Query()] = None
    ) -> JSONResponse:
        with world.database.read() as connection:
            if key is not None:
                ticket = repository.load_by_key(connection, key)
                found = [ticket] if ticket else []
            elif requester is not None:
                found = repository.of_requester(connection, requester)
            else:
                raise ApiError(400, "address_missing")
        return JSONResponse({"tickets": [each.to_json() for each in found]})

    @router.get("/{number}")
    def show(number: str) -> JSONResponse:
        with world.database.read() as connection:
            ticket = repository.load(connection, _number(number))
        if ticket is None:
            raise service.TicketUnknown(number)
        return JSONResponse({"ticket": ticket.to_json()})

    @router.post("/{number}/replies")
    def reply(number: str, document: Document) -> JSONResponse:
        kept = service.reply(world, _number(number), ReplyDraft.model_validate(document))
        return JSONResponse({"ticket": kept.ticket.to_json()}, status_code=201 if kept.created else 200)

    return router


def _number(text: str) -> int:
    """A ticket number from the address; anything else is an unknown ticket. Raises TicketUnknown."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise service.TicketUnknown(text)
    return int(text)
