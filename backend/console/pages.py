"""Rendering: one Jinja environment, and what every page of the console knows."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from jinja2 import Environment
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse

from backend.console.session import Session, Sessions
from backend.console.view import View, length
from backend.console.words import all_words, label, say
from backend.pages import page_environment
from backend.tickets import repository as tickets
from backend.world import World
from common.clock import SystemClock

ROOT = "/console"


@cache
def _environment() -> Environment:
    names = {"root": ROOT, "label": label, "say": say, "new_key": lambda: uuid4().hex}
    environment = page_environment(Path(__file__).parent / "templates", **names)
    environment.filters["own_links"] = own_links
    return environment


def own_links(text: str) -> Markup:
    """Plain text in which the addresses of the sandbox's own HMIS pages are links, and no others."""
    found = re.split(r"(http://(?:127\.0\.0\.1|localhost)(?::\d+)?/hmis/[\w/-]*)", text)
    links = (Markup('<a href="{}">{}</a>').format(urlsplit(part).path, part) for part in found[1::2])
    words = map(escape, found[::2])
    return Markup("").join(chain.from_iterable(zip_longest(words, links, fillvalue=Markup(""))))


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
                clock_moved=self.clock_moved(),
                notice=all_words()["notices"].get(notice, ""),
                **values,
            )
        )
        return HTMLResponse(html, status_code=status)

    def clock_moved(self) -> str:
        """How far the clock was moved, as `1 day ahead`; empty on real time."""
        offset = SystemClock(self.world.clock_file).offset() if self.world.clock_file else timedelta()
        if not offset:
            return ""
        return say("clock.ahead" if offset > timedelta() else "clock.behind", span=length(abs(offset)))


def see_other(path: str, notice: str = "") -> RedirectResponse:
    """After a form: to a page below the console's root, with a notice."""
    separator = "&" if "?" in path else "?"
    return RedirectResponse(f"{ROOT}{path}{separator}done={notice}" if notice else f"{ROOT}{path}", 303)
