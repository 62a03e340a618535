"""The accounts page and one account's page: what Support does, and what the person would do."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Response

from backend.accounts import passwords, repository, service, verbs
from backend.accounts.state import State
from backend.console.forms import DeskForm, PagesOf, SignedIn
from backend.console.pages import see_other
from backend.console.view import View
from backend.cta import repository as cta_repository
from backend.cta import service as cta
from backend.cta.record import Course
from backend.world import World

Action = Callable[[World, str], str]


def _by_service(act: Callable[[World, str], service.Outcome], done: str, not_done: str) -> Action:
    return lambda world, account_id: done if act(world, account_id).changed else not_done


def _by_verb(verb: verbs.Verb, done: str, not_done: str) -> Action:
    return _by_service(lambda world, account_id: service.apply(world, account_id, verb), done, not_done)


def _log_in(world: World, account_id: str) -> str:
    """Play the person with the right password; otherwise the notice is what the login screen says."""
    outcome = service.apply(world, account_id, verbs.log_in)
    return "logged_in" if outcome.changed else _refusal(outcome, world)


def _wrong_password(world: World, account_id: str) -> str:
    """Play the person without it. Only the right password is told that the account is inactive."""
    outcome = service.apply(world, account_id, verbs.enter_wrong_password)
    locked = outcome.account.status(world.clock.now(), world.policy).state is State.LOCKED
    if not outcome.changed:
        return "login_locked" if locked else "wrong_password"
    return "wrong_password_locked" if locked else "wrong_password"


def _completing(course: Course) -> Action:
    def act(world: World, account_id: str) -> str:
        cta.complete_for_account(world, account_id, course)
        return f"{course}_completed"

    return act


def _refusal(outcome: service.Outcome, world: World) -> str:
    return f"login_{outcome.account.status(world.clock.now(), world.policy).state.value}"


ACTIONS: dict[str, Action] = {
    "reactivate": _by_service(service.reactivate, "reactivated", "already_active"),
    "unlock": _by_verb(verbs.unlock, "unlocked", "not_locked"),
    "reset-password": _by_service(service.reset_password, "password_reset", "no_address"),
    "disable": _by_verb(verbs.disable, "disabled", "not_disabled"),
    "process": _by_service(service.process_pending, "processed", "not_pending"),
    "log-in": _log_in,
    "wrong-password": _wrong_password,
    "complete-basic": _completing("basic"),
    "complete-retake": _completing("retake"),
}


def account_routes() -> APIRouter:
    router = APIRouter(prefix="/accounts")

    @router.get("")
    def listing(pages: PagesOf, session: SignedIn, q: str = "", done: str = "") -> Response:
        words = q.strip()[:100].casefold().split()
        with pages.world.database.read() as connection:
            found = repository.select_where(connection)
        chosen = [account for account in found if _matches(account.display_name, account.user_name, words)]
        chosen.sort(key=lambda account: (account.display_name.casefold(), account.user_name))
        return pages.render(
            "accounts.html", session, notice=done, accounts=chosen[:500], total=len(chosen), q=q
        )

    @router.get("/{account_id}")
    def show(pages: PagesOf, session: SignedIn, account_id: str, done: str = "") -> Response:
        view: View = pages.view()
        with pages.world.database.read() as connection:
            account = repository.load(connection, account_id)
            if account is None:
                raise service.AccountUnknown(account_id)
            password = passwords.load(connection, account_id)
            academy = cta_repository.load(connection, account.cta_id) if account.cta_id else None
        return pages.render(
            "account.html",
            session,
            notice=done,
            view=view,
            account=account,
            academy=academy,
            password_kind=password.kind if password else "none",
            demo_password=passwords.demo_password(),
            tries=verbs.WRONG_PASSWORDS_THAT_LOCK,
        )

    @router.post("/{account_id}/{action}")
    def act(pages: PagesOf, account_id: str, action: str, fields: DeskForm) -> Response:
        if action not in ACTIONS:
            raise service.AccountUnknown(account_id)
        notice = ACTIONS[action](pages.world, account_id)
        return see_other(_back(fields.get("back", ""), account_id), notice)

    return router


def _matches(name: str, user_name: str, words: list[str]) -> bool:
    text = f"{name} {user_name}".casefold()
    return all(word in text for word in words)


def _back(wanted: str, account_id: str) -> str:
    """To the ticket that the button stood on, else to the account."""
    number = wanted.removeprefix("ticket-")
    if wanted.startswith("ticket-") and number.isascii() and number.isdigit():
        return f"/tickets/{number}"
    return "/accounts" if wanted == "accounts" else f"/accounts/{account_id}"
