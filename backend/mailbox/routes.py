"""Mail that other processes hand in (sign-in codes, …) instead of sending it. Nothing reads mails here."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import JSONResponse

from backend.http_body import json_object
from backend.mailbox import repository
from backend.mailbox.repository import Mail
from backend.tickets.ticket import Address, Key
from backend.world import World


class MailDraft(BaseModel):
    """`key` makes handing in the same mail again harmless."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    key: Key
    to: Address
    subject: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=50_000)]


def mail_routes(world: World) -> APIRouter:
    router = APIRouter(prefix="/mail")

    @router.post("")
    def hand_in(document: Annotated[dict[str, Any], Depends(json_object)]) -> JSONResponse:
        draft = MailDraft.model_validate(document)
        mail = Mail(draft.to, " ".join(draft.subject.split()), draft.text, world.clock.now())
        with world.database.write() as connection:
            kept = repository.add(connection, mail, draft.key)
        return JSONResponse({"status": "kept"}, status_code=201 if kept else 200)

    return router
