"""The console as an app of its own, mounted at /console: its errors are pages."""

from __future__ import annotations

import logging
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.staticfiles import StaticFiles

from backend.accounts.service import AccountUnknown
from backend.console.account_pages import account_routes
from backend.console.clock_pages import ClockFixed, clock_routes
from backend.console.cta_pages import cta_routes
from backend.console.forms import FormRefused, NotSignedIn, pages_of, session_of
from backend.console.guard import ConsoleGuard
from backend.console.mail_pages import mail_routes
from backend.console.pages import ROOT, Pages, see_other
from backend.console.session import Sessions, stored_secret
from backend.console.sign_in import sign_in_routes
from backend.console.ticket_pages import ticket_routes
from backend.console.words import say
from backend.cta.service import CtaUnknown
from backend.http_body import BodyTooLarge
from backend.tickets.service import TicketUnknown
from backend.world import World

log = logging.getLogger(__name__)

_PROBLEMS: dict[type[Exception], tuple[int, str]] = {
    TicketUnknown: (404, "not_found"),
    AccountUnknown: (404, "not_found"),
    CtaUnknown: (404, "not_found"),
    RequestValidationError: (404, "not_found"),
    KeyError: (400, "form"),
    FormRefused: (403, "form"),
    ClockFixed: (403, "clock"),
    BodyTooLarge: (413, "form"),
}


def create_console(world: World, password: str) -> FastAPI:
    """All pages below /console, for whoever knows the password."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=[Middleware(ConsoleGuard)])
    app.state.pages = Pages(world, Sessions(stored_secret(world.database), password))
    _handle_problems(app)

    @app.get("/")
    def start() -> Response:
        return see_other("/tickets")

    for routes in (sign_in_routes, ticket_routes, account_routes, cta_routes, mail_routes, clock_routes):
        app.include_router(routes())
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    return app


def _handle_problems(app: FastAPI) -> None:
    async def sign_in_first(_request: Request, error: Exception) -> Response:
        wanted = error.wanted if isinstance(error, NotSignedIn) else ""
        return see_other(f"/sign-in?next={wanted}" if wanted not in ("", f"{ROOT}/") else "/sign-in")

    async def known(request: Request, error: Exception) -> Response:
        status, problem = next(what for kind, what in _PROBLEMS.items() if isinstance(error, kind))
        return _problem_page(request, status, problem)

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return _problem_page(request, status, "not_found" if status in (404, 405) else "failed")

    async def unexpected(_request: Request, error: Exception) -> Response:
        log.error("page failed: %s", type(error).__name__, exc_info=error)
        return PlainTextResponse(say("refused.failed"), status_code=500)  # a page would need the database

    app.add_exception_handler(NotSignedIn, sign_in_first)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)
    for kind in _PROBLEMS:
        app.add_exception_handler(kind, known)


def _problem_page(request: Request, status: int, problem: str) -> Response:
    pages = pages_of(request)
    session = session_of(request) or pages.sessions.start(signed_in=False)
    return pages.render("problem.html", session, status=status, problem=problem, code=status)
