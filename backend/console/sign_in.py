"""Signing in and out."""

from __future__ import annotations

import time
from collections import deque

from fastapi import APIRouter, Request, Response

from backend.console.forms import Form, PagesOf, session_of
from backend.console.pages import ROOT, see_other
from backend.console.session import COOKIE, HOURS, Session

_TRIES, _MINUTES = 10, 5


class WrongPasswords:
    """Counts wrong passwords of everybody: one console, one password, one brake against guessing."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_TRIES)

    def add(self) -> None:
        self._times.append(time.monotonic())

    def are_too_many(self) -> bool:
        return len(self._times) == _TRIES and time.monotonic() - self._times[0] < _MINUTES * 60


def sign_in_routes() -> APIRouter:
    router = APIRouter()
    wrong = WrongPasswords()

    @router.get("/sign-in")
    def form(request: Request, pages: PagesOf, next: str = "") -> Response:
        session = session_of(request)
        if session is not None and session.signed_in:
            return see_other("/tickets")
        session = session or pages.sessions.start(signed_in=False)
        answer = pages.render("sign_in.html", session, next=safe_page(next), problem="")
        return _remember(answer, pages, session)

    @router.post("/sign-in")
    def sign_in(request: Request, pages: PagesOf, fields: Form) -> Response:
        wanted = safe_page(fields.get("next", ""))
        old = session_of(request) or pages.sessions.start(signed_in=False)
        if wrong.are_too_many():
            return pages.render("sign_in.html", old, status=429, next=wanted, problem="wait")
        if not pages.sessions.accepts_password(fields.get("password", "")):
            wrong.add()
            return pages.render("sign_in.html", old, status=403, next=wanted, problem="wrong")
        return _remember(see_other(wanted or "/tickets"), pages, pages.sessions.start(signed_in=True))

    @router.post("/sign-out")
    def sign_out(fields: Form) -> Response:
        answer = see_other("/sign-in")
        answer.delete_cookie(COOKIE, path=ROOT, httponly=True, samesite="strict")
        return answer

    return router


def safe_page(wanted: str) -> str:
    """A path below the console, without the console's root; anything else is dropped."""
    path = wanted.removeprefix(ROOT)
    plain = all(character.isalnum() or character in "/-" for character in path)
    return path if plain and path.startswith("/") and not path.startswith("//") else ""


def _remember(answer: Response, pages: PagesOf, session: Session) -> Response:
    answer.set_cookie(
        COOKIE,
        pages.sessions.to_cookie(session),
        max_age=HOURS * 3600,
        path=ROOT,
        httponly=True,
        samesite="strict",
    )
    return answer
