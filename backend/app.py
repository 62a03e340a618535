"""The sandbox's web application: SCIM, tickets, mail, console, the made-up HMIS, health."""

from __future__ import annotations

import logging
import time
from typing import Annotated

from fastapi import Depends, FastAPI, Header
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend import errors
from backend.console.app import create_console
from backend.console.pages import ROOT as CONSOLE_PATH
from backend.errors import ApiError
from backend.hmis.app import create_hmis
from backend.hmis.pages import ROOT as HMIS_PATH
from backend.http_body import BodyLimit
from backend.mailbox.routes import mail_routes
from backend.scim.app import PATH as SCIM_PATH
from backend.scim.app import create_scim_app
from backend.tickets.routes import ticket_routes
from backend.world import World
from common.bearer import bearer_matches

log = logging.getLogger(__name__)


def create_app(world: World, *, token: str, console_password: str) -> FastAPI:
    """`token` opens /scim and /tickets and /mail; `console_password` opens /console."""
    app = FastAPI(
        openapi_url=None, redirect_slashes=False, middleware=[Middleware(AccessLog), Middleware(BodyLimit)]
    )
    errors.install(app)

    def require_token(authorization: Annotated[str | None, Header()] = None) -> None:
        if not bearer_matches(authorization, token):
            raise ApiError(401, "token_missing")

    app.include_router(ticket_routes(world), dependencies=[Depends(require_token)])
    app.include_router(mail_routes(world), dependencies=[Depends(require_token)])

    @app.get("/healthz")
    def healthz() -> JSONResponse:
        if world.database.answers():
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "down", "down": ["database"]}, status_code=503)

    @app.get("/")
    @app.get(CONSOLE_PATH)
    def start() -> RedirectResponse:
        return RedirectResponse(f"{CONSOLE_PATH}/")

    @app.get(HMIS_PATH)
    @app.get("/login")
    def login() -> RedirectResponse:
        return RedirectResponse(f"{HMIS_PATH}/login")

    @app.get("/reset-password")
    def reset_password() -> RedirectResponse:
        return RedirectResponse(f"{HMIS_PATH}/reset-password")

    app.mount(SCIM_PATH, create_scim_app(world, token))
    app.mount(CONSOLE_PATH, create_console(world, console_password))
    app.mount(HMIS_PATH, create_hmis(world))
    return app


class AccessLog:
    """One line per request without its address: queries and paths hold e-mails and account ids."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.monotonic(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            room = scope["path"].split("/")[1] or "-"
            milliseconds = round((time.monotonic() - started) * 1000)
            log.info("%s %s %d in %d ms", scope["method"], room, status, milliseconds)
