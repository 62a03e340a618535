"""The usual answers as they would go out now, and sending one with what it does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined
from sqlalchemy import Connection

from backend.accounts import repository as accounts
from backend.accounts import service, verbs
from backend.accounts.account import Account
from backend.console.fitting import Answer, Matter, fits, needs_retake, usual_answers
from backend.console.view import View
from backend.cta import repository as cta
from backend.cta import service as cta_service
from backend.store.keys import key_of
from backend.tickets import repository
from backend.tickets import service as desk
from backend.tickets.ticket import ReplyDraft, Ticket
from backend.world import World


@dataclass(frozen=True)
class Offer:
    """An answer as it would go out now."""

    answer: Answer
    text: str
    with_password: bool
    lacks_retake: bool = False


def matter_of(connection: Connection, ticket: Ticket, view: View, *, for_update: bool = False) -> Matter:
    """What is on record for the requester's address."""
    address = ticket.draft.requester.email
    account = accounts.find_by_address(connection, address, for_update=for_update)
    return Matter(ticket, account, cta.find(connection, address), view)


def offers(matter: Matter) -> list[Offer]:
    """The answers that fit row, case and the account's state; those that come too early are last."""
    offered = [_offer(answer, matter) for answer in usual_answers() if fits(answer, matter)]
    return sorted(offered, key=lambda offer: offer.lacks_retake)


def send(world: World, number: int, key: str, answer_id: str) -> str:
    """Do what the answer says and send it, in one transaction. Returns the notice to show.

    The key was made with the page, so that a double click sends one mail. Raises TicketUnknown.
    """
    view = View(world.clock.now(), world.policy)
    with world.database.write() as connection:
        ticket = desk.held(connection, number)
        if repository.has_reply(connection, number, key):
            return "answered_before"
        matter = matter_of(connection, ticket, view, for_update=True)
        answer = next((each for each in usual_answers() if each.id == answer_id), None)
        if answer is None or not fits(answer, matter):
            return "answer_not_possible"
        offer = _offer(answer, matter)
        for deed in answer.does:
            _do(connection, world, matter, deed)
        reply = ReplyDraft.model_validate({"key": key, "from": "support", "text": offer.text})
        desk.reply_in(connection, world, ticket, reply, temporary_password=offer.with_password)
        return "answered"


def _do(connection: Connection, world: World, matter: Matter, deed: str) -> None:
    """One of `fitting.DEEDS`; passwords go out with the reply itself."""
    account = matter.account
    if deed == "queue_account" and matter.cta is not None:
        cta_service.queue_in(connection, world, matter.cta)
    elif account is None:
        return
    elif deed == "reactivate":
        service.reactivate_in(connection, world, account, letters=False)
    elif deed == "unlock":
        service.apply_in(connection, world, account, verbs.unlock)
    elif deed == "process":
        service.process_in(connection, world, account)


def _offer(answer: Answer, matter: Matter) -> Offer:
    ticket, account, view = matter.ticket, matter.account, matter.view
    password = _password(answer, matter)
    last_login = account.times.last_login if account else None
    words: dict[str, Any] = {
        **view.policy.words(),
        "name": _name(ticket, account),
        "address": ticket.draft.requester.email,
        "row": ticket.draft.row,
        "today": f"{view.policy.local(view.now):%A, %B} {view.policy.local(view.now).day}",
        "last_login": view.day(last_login) if last_login else "",
        "password": password,
    }
    return Offer(
        answer,
        text=_template(answer.text).render(words).strip(),
        with_password=password in ("here", "apart"),
        lacks_retake="reactivate" in answer.does and needs_retake(matter),
    )


def _password(answer: Answer, matter: Matter) -> str | None:
    """Where the temporary password is: `here` in this mail, `apart`, `earlier`, or there is none."""
    account, view = matter.account, matter.view
    if account is None or account.address is None:
        return None
    same = key_of(account.address) == key_of(matter.ticket.draft.requester.email)
    now = "here" if same else "apart"
    if "password" in answer.does:
        return now
    if "password_after_long_absence" not in answer.does or not view.needs_retraining(account):
        return None
    inactive = not view.status(account).administratively_active
    return now if inactive or account.awaits_temporary_password() else "earlier"


def _name(ticket: Ticket, account: Account | None) -> str:
    return ticket.draft.requester.name or (account.display_name if account else ticket.draft.requester.email)


@cache
def _template(text: str) -> Any:
    environment = Environment(
        autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)
