"""Rendering of the made-up HMIS, and who is asking: one Jinja environment, FastAPI dependencies."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl

import yaml
from fastapi import Depends, Request, Response
from jinja2 import Environment
from starlette.responses import HTMLResponse, RedirectResponse

from backend.accounts.passwords import SHORTEST
from backend.console.view import View
from backend.hmis.login import Strangers
from backend.hmis.visits import COOKIE, HOURS, Visit, Visits
from backend.pages import page_environment
from backend.world import World

ROOT = "/hmis"


class FormRefused(Exception):
    """A form without the visit's token."""


class Pages:
    """What every page knows, and what the login remembers."""

    def __init__(self, world: World, visits: Visits) -> None:
        self.world = world
        self.visits = visits
        self.strangers = Strangers()

    def render(
        self,
        template: str,
        visit: Visit,
        *,
        notice: str = "",
        problem: str = "",
        status: int = 200,
        **values: Any,
    ) -> HTMLResponse:
        """`notice` and `problem`: names in words.yml; unknown ones (anyone can type them) show nothing."""
        words = {**self.world.policy.words(), "shortest": SHORTEST, **values}
        html = (
            _environment()
            .get_template(template)
            .render(
                view=View(self.world.clock.now(), self.world.policy),
                form_token=self.visits.form_token(visit),
                notice=_words()["notices"].get(notice, "").format(**words),
                problem=_words()["problems"].get(problem, "").format(**words),
                policy=self.world.policy,
                **values,
            )
        )
        answer = HTMLResponse(html, status_code=status)
        remember(answer, self.visits, visit)
        return answer


def remember(answer: Response, visits: Visits, visit: Visit) -> Response:
    answer.set_cookie(
        COOKIE, visits.to_cookie(visit), max_age=HOURS * 3600, path=ROOT, httponly=True, samesite="strict"
    )
    return answer


def see_other(path: str, notice: str = "") -> RedirectResponse:
    """After a form: to a page below the root, with a notice."""
    return RedirectResponse(f"{ROOT}{path}" + (f"?done={notice}" if notice else ""), 303)


def pages_of(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def visit_of(request: Request) -> Visit:
    """This browser's visit; a new one without a valid cookie."""
    visits = pages_of(request).visits
    return visits.read(request.cookies.get(COOKIE)) or visits.begin()


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that this visit was given. Raises FormRefused."""
    fields = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    if not pages_of(request).visits.accepts_form(visit_of(request), fields.get("form_token", "")):
        raise FormRefused
    return fields


PagesOf = Annotated[Pages, Depends(pages_of)]
VisitOf = Annotated[Visit, Depends(visit_of)]
Form = Annotated[dict[str, str], Depends(form_of)]


@cache
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = yaml.safe_load(
        Path(__file__).with_name("words.yml").read_text("utf-8")
    )
    return words


@cache
def _environment() -> Environment:
    return page_environment(Path(__file__).parent / "templates", root=ROOT, shortest=SHORTEST)
