"""The login screen, what one sees when one is in, and leaving."""

from __future__ import annotations

from fastapi import APIRouter, Response

from backend.accounts import passwords
from backend.accounts import service as accounts
from backend.accounts.passwords import is_acceptable
from backend.accounts.state import State
from backend.hmis.login import Answer, log_in
from backend.hmis.pages import ROOT, Form, PagesOf, VisitOf, remember, see_other
from backend.hmis.visits import COOKIE, account_in

_LONGEST_NAME = 320


def login_routes() -> APIRouter:
    router = APIRouter()

    @router.get("/login")
    def form(pages: PagesOf, visit: VisitOf, done: str = "") -> Response:
        return pages.render("login.html", visit, notice=done, user_name="", invalid=False)

    @router.post("/login")
    def enter(pages: PagesOf, visit: VisitOf, fields: Form) -> Response:
        name = fields.get("user_name", "").strip()[:_LONGEST_NAME]
        tried = log_in(pages.world, pages.strangers, name, fields.get("password", ""))
        if tried.answer is not Answer.IN or tried.account is None:
            return pages.render(
                "login.html",
                visit,
                problem=tried.answer.value,
                status=403,
                user_name=name,
                invalid=tried.answer is Answer.WRONG,
            )
        with pages.world.database.read() as connection:
            kept = passwords.load(connection, tried.account.id)
        return remember(see_other("/"), pages.visits, pages.visits.begin(tried.account, kept))

    @router.get("/")
    def home(pages: PagesOf, visit: VisitOf, done: str = "") -> Response:
        """In, as long as the account is active; else the login screen."""
        with pages.world.database.read() as connection:
            account = account_in(connection, visit)
            kept = passwords.load(connection, account.id) if account else None
        if (
            account is None
            or account.status(pages.world.clock.now(), pages.world.policy).state is not State.ACTIVE
        ):
            return see_other("/login")
        return pages.render(
            "home.html",
            visit,
            notice=done,
            account=account,
            temporary=kept is not None and kept.kind == "temporary",
        )

    @router.post("/password")
    def choose(pages: PagesOf, visit: VisitOf, fields: Form) -> Response:
        """Whoever is in chooses another password; the visit goes on under it."""
        new, problem = chosen_password(fields)
        with pages.world.database.write() as connection:
            account = account_in(connection, visit)
            if account is None:
                return see_other("/login")
            if not problem:
                account = accounts.choose_password(
                    connection, accounts.held(connection, account.id), new, pages.world.clock.now()
                )
            kept = passwords.load(connection, account.id)
        if problem:
            return pages.render(
                "home.html", visit, problem=problem, status=422, account=account, temporary=True
            )
        return remember(see_other("/", "chosen"), pages.visits, pages.visits.begin(account, kept))

    @router.post("/log-out")
    def leave(fields: Form) -> Response:
        answer = see_other("/login", "logged_out")
        answer.delete_cookie(COOKIE, path=ROOT, httponly=True, samesite="strict")
        return answer

    return router


def chosen_password(fields: dict[str, str]) -> tuple[str, str]:
    """The password, and the name of what is wrong with it, if anything."""
    new = fields.get("password", "")
    if not is_acceptable(new):
        return new, "short"
    return new, "" if new == fields.get("again", "") else "different"
