"""The made-up HMIS as an app of its own, mounted at /hmis behind the console's guard."""

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
from backend.console.guard import ConsoleGuard
from backend.console.session import stored_secret
from backend.console.words import say
from backend.hmis.login_pages import login_routes
from backend.hmis.pages import FormRefused, Pages, pages_of, visit_of
from backend.hmis.reset_pages import reset_routes
from backend.hmis.visits import Visits
from backend.http_body import BodyTooLarge
from backend.world import World

log = logging.getLogger(__name__)

_PROBLEMS: dict[type[Exception], tuple[int, str]] = {
    AccountUnknown: (409, "form"),
    RequestValidationError: (404, "not_found"),
    FormRefused: (403, "form"),
    BodyTooLarge: (413, "form"),
}


def create_hmis(world: World) -> FastAPI:
    """All pages below /hmis, for anybody on this machine."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=[Middleware(ConsoleGuard)])
    app.state.pages = Pages(world, Visits(stored_secret(world.database)))
    _handle_problems(app)
    for routes in (login_routes, reset_routes):
        app.include_router(routes())
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    return app


def _handle_problems(app: FastAPI) -> None:
    async def known(request: Request, error: Exception) -> Response:
        status, problem = next(what for kind, what in _PROBLEMS.items() if isinstance(error, kind))
        return _page(request, status, problem)

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return _page(request, status, "not_found" if status in (404, 405) else "failed")

    async def unexpected(_request: Request, error: Exception) -> Response:
        log.error("page failed: %s", type(error).__name__, exc_info=error)
        return PlainTextResponse(say("refused.failed"), status_code=500)  # a page would need the database

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)
    for kind in _PROBLEMS:
        app.add_exception_handler(kind, known)


def _page(request: Request, status: int, what: str) -> Response:
    return pages_of(request).render("problem.html", visit_of(request), status=status, what=what)
