"""The training academy's pages: who is enrolled, which courses are complete, what Support does about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from fastapi import APIRouter, Response
from pydantic import TypeAdapter, ValidationError

from backend.accounts import repository as accounts
from backend.accounts.account import Account
from backend.console.forms import DeskForm, PagesOf, SignedIn
from backend.console.pages import see_other
from backend.cta import repository, service
from backend.cta.record import Course
from backend.cta.repository import AddressTaken
from backend.tickets.ticket import Address
from backend.world import World

_ADDRESS: TypeAdapter[str] = TypeAdapter(Address)
_LONGEST_NAME, _LONGEST_EMPLOYER = 100, 200
Action = Callable[[World, str, dict[str, str]], str]


class _Unfit(Exception):
    """A field that cannot be used; the message is the notice to show."""


def _complete(world: World, cta_id: str, fields: dict[str, str]) -> str:
    course = fields["course"]
    if course not in ("basic", "retake"):
        raise KeyError(course)
    done = service.complete(world, cta_id, cast(Course, course))
    return "basic_queued" if done.queued else f"{course}_completed"


def _change(world: World, cta_id: str, fields: dict[str, str]) -> str:
    service.change(
        world, cta_id, address=_address(fields), employer=_words(fields, "employer", _LONGEST_EMPLOYER)
    )
    return "cta_changed"


def _queue(world: World, cta_id: str, fields: dict[str, str]) -> str:
    return "account_queued" if service.queue_account(world, cta_id) else "account_not_queued"


ACTIONS: dict[str, Action] = {"complete": _complete, "change": _change, "queue-account": _queue}


def cta_routes() -> APIRouter:
    router = APIRouter(prefix="/cta")

    @router.get("")
    def listing(pages: PagesOf, session: SignedIn, q: str = "", done: str = "") -> Response:
        words = q.strip()[:100]
        with pages.world.database.read() as connection:
            found = repository.search(connection, words)
            shown = found[:500]
            owned: dict[str, list[Account]] = {each.id: [] for each in shown}
            for account in accounts.select_of_cta(connection, *owned):
                owned[account.cta_id or ""].append(account)
        return pages.render(
            "cta_list.html", session, notice=done, people=shown, total=len(found), owned=owned, q=words
        )

    @router.post("/enroll")
    def enroll(pages: PagesOf, fields: DeskForm) -> Response:
        try:
            cta = service.enroll(
                pages.world,
                given=_words(fields, "given", _LONGEST_NAME),
                family=_words(fields, "family", _LONGEST_NAME),
                address=_address(fields),
                employer=_words(fields, "employer", _LONGEST_EMPLOYER),
            )
        except AddressTaken:
            return see_other("/cta", "cta_address_taken")
        except _Unfit as problem:
            return see_other("/cta", str(problem))
        return see_other(f"/cta/{cta.id}", "enrolled")

    @router.get("/{cta_id}")
    def show(pages: PagesOf, session: SignedIn, cta_id: str, done: str = "") -> Response:
        with pages.world.database.read() as connection:
            cta = repository.load(connection, cta_id)
            if cta is None:
                raise service.CtaUnknown(cta_id)
            owned = accounts.select_of_cta(connection, cta_id)
            may_queue = service.may_queue(connection, cta)
        return pages.render("cta.html", session, notice=done, cta=cta, owned=owned, may_queue=may_queue)

    @router.post("/{cta_id}/{action}")
    def act(pages: PagesOf, cta_id: str, action: str, fields: DeskForm) -> Response:
        if action not in ACTIONS:
            raise service.CtaUnknown(cta_id)
        try:
            notice = ACTIONS[action](pages.world, cta_id, fields)
        except AddressTaken:
            notice = "cta_address_taken"
        except _Unfit as problem:
            notice = str(problem)
        return see_other(f"/cta/{cta_id}", notice)

    return router


def _words(fields: dict[str, str], name: str, longest: int) -> str:
    words = " ".join(fields[name].split())[:longest]
    if not words:
        raise _Unfit("cta_words_missing")
    return words


def _address(fields: dict[str, str]) -> str:
    try:
        return _ADDRESS.validate_python(fields["address"])
    except ValidationError:
        raise _Unfit("cta_address_unfit") from None
