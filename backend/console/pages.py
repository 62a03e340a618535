"""Rendering: one Jinja environment, and what every page of the console knows."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse

from backend.console.session import Session, Sessions
from backend.console.view import View, span
from backend.console.words import all_words, label, say
from backend.tickets import repository as tickets
from backend.world import World
from common.clock import SystemClock

ROOT = "/console"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(root=ROOT, label=label, say=say, new_key=lambda: uuid4().hex)
    return environment


class Pages:
    """Renders pages for a session."""

    def __init__(self, world: World, sessions: Sessions) -> None:
        self.world = world
        self.sessions = sessions

    def view(self) -> View:
        return View(self.world.clock.now(), self.world.policy)

    def render(
        self, template: str, session: Session, *, notice: str = "", status: int = 200, **values: Any
    ) -> HTMLResponse:
        """`notice`: a name from `notices` in words.yml; an unknown one (anyone can type it) shows nothing."""
        view = values.pop("view", None) or self.view()
        with self.world.database.read() as connection:
            counts = tickets.count_by_status(connection)
        html = (
            _environment()
            .get_template(template)
            .render(
                view=view,
                policy=self.world.policy,
                signed_in=session.signed_in,
                form_token=self.sessions.form_token(session),
                counts=counts,
                clock_ahead=self.clock_ahead(),
                notice=all_words()["notices"].get(notice, ""),
                **values,
            )
        )
        return HTMLResponse(html, status_code=status)

    def clock_ahead(self) -> str:
        """How far the clock was moved, in words; empty on real time."""
        offset = SystemClock(self.world.clock_file).offset() if self.world.clock_file else timedelta()
        return span(offset) if offset else ""


def see_other(path: str, notice: str = "") -> RedirectResponse:
    """After a form: to a page below the console's root, with a notice."""
    separator = "&" if "?" in path else "?"
    return RedirectResponse(f"{ROOT}{path}{separator}done={notice}" if notice else f"{ROOT}{path}", 303)
