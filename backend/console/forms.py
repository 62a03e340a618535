"""Who is asking, and the forms they send: FastAPI dependencies of the console."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from backend.console.pages import Pages
from backend.console.session import COOKIE, Session


class NotSignedIn(Exception):
    """The sign-in form comes first; `wanted` is the page to go to afterwards."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


class FormRefused(Exception):
    """A form without the session's token."""


def pages_of(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def session_of(request: Request) -> Session | None:
    return pages_of(request).sessions.read(request.cookies.get(COOKIE))


def signed_in(request: Request) -> Session:
    """Raises NotSignedIn."""
    session = session_of(request)
    if session is None or not session.signed_in:
        wanted = request.url.path if request.method == "GET" else ""
        raise NotSignedIn(wanted)
    return session


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that this session was given. Raises FormRefused."""
    fields = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    session = session_of(request)
    if session is None or not pages_of(request).sessions.accepts_form(session, fields.get("form_token", "")):
        raise FormRefused
    return fields


def desk_form(_session: SignedIn, fields: Form) -> dict[str, str]:
    """The fields of a form from somebody who is signed in. Sign-in is checked first."""
    return fields


PagesOf = Annotated[Pages, Depends(pages_of)]
SignedIn = Annotated[Session, Depends(signed_in)]
Form = Annotated[dict[str, str], Depends(form_of)]
DeskForm = Annotated[dict[str, str], Depends(desk_form)]
