"""The Reset Password screen: a link by e-mail, then a new password (How-To row 4).

It says the same whether or not an account has the address.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from backend.hmis import links
from backend.hmis.login_pages import chosen_password
from backend.hmis.pages import ROOT, Form, PagesOf, VisitOf, see_other
from common.clock import SystemClock

_LONGEST_ADDRESS = 320


def reset_routes() -> APIRouter:
    router = APIRouter(prefix="/reset-password")
    real = SystemClock()

    @router.get("")
    def ask(pages: PagesOf, visit: VisitOf, done: str = "") -> Response:
        return pages.render("reset.html", visit, notice=done, address="")

    @router.post("")
    def send(request: Request, pages: PagesOf, visit: VisitOf, fields: Form) -> Response:
        address = fields.get("address", "").strip()
        if "@" not in address or len(address) > _LONGEST_ADDRESS:
            answer = pages.render("reset.html", visit, problem="address", status=422, address=address[:100])
            return answer
        # Where this server listens, not what the Host header says: a link must lead nowhere else.
        host, port = request.scope["server"]
        page = f"http://{host}:{port}{ROOT}/reset-password"
        links.send(pages.world, address, page, real.now())
        return see_other("/reset-password", "link_sent")

    @router.get("/{token}")
    def form(pages: PagesOf, visit: VisitOf, token: str) -> Response:
        with pages.world.database.read() as connection:
            good = links.is_good(connection, token, real.now())
        return pages.render("choose.html", visit, link_token=token) if good else _gone(pages, visit)

    @router.post("/{token}")
    def choose(pages: PagesOf, visit: VisitOf, token: str, fields: Form) -> Response:
        new, problem = chosen_password(fields)
        if problem:
            return pages.render("choose.html", visit, problem=problem, status=422, link_token=token)
        if not links.choose(pages.world, token, new, real.now()):
            return _gone(pages, visit)
        return see_other("/login", "password_changed")

    return router


def _gone(pages: PagesOf, visit: VisitOf) -> Response:
    return pages.render(
        "reset.html", visit, problem="link", status=410, address="", link_minutes=links.LINK_MINUTES
    )
