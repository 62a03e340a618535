"""The mailbox: every mail that would have gone out, newest first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from backend.console.forms import PagesOf, SignedIn
from backend.mailbox import repository

PAGE_SIZE = 50


def mail_routes() -> APIRouter:
    router = APIRouter(prefix="/mail")

    @router.get("")
    def mailbox(
        pages: PagesOf, session: SignedIn, to: str = "", page: Annotated[int, Query(ge=1, le=10_000)] = 1
    ) -> Response:
        with pages.world.database.read() as connection:
            found, total = repository.newest(
                connection, to=to[:320], limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
            )
        return pages.render(
            "mail.html",
            session,
            mails=found,
            total=total,
            to=to[:320],
            page=page,
            last_page=max(1, -(-total // PAGE_SIZE)),
        )

    return router
