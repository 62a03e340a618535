"""The usual answers: which ones fit a ticket, what they say, and sending one with what it does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined
from sqlalchemy import Connection

from backend.accounts import repository as accounts
from backend.accounts import service, verbs
from backend.accounts.account import Account
from backend.console.view import View
from backend.tickets import repository
from backend.tickets import service as desk
from backend.tickets.ticket import ReplyDraft, Ticket
from backend.world import World


@dataclass(frozen=True)
class Answer:
    """One entry of `answers.yml`."""

    id: str
    title: str
    text: str
    does: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    cases: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Offer:
    """An answer as it would go out now."""

    answer: Answer
    text: str
    with_password: bool
    lacks_retake: bool = False


@cache
def usual_answers() -> tuple[Answer, ...]:
    entries: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("answers.yml").read_text("utf-8"))
    return tuple(Answer(**{name: _frozen(value) for name, value in entry.items()}) for entry in entries)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def offers(ticket: Ticket, account: Account | None, view: View) -> list[Offer]:
    """The answers that fit row, case and the account's state; those that come too early are last."""
    fitting = [answer for answer in usual_answers() if fits(answer, ticket, account, view)]
    offered = [_offer(answer, ticket, account, view) for answer in fitting]
    return sorted(offered, key=lambda offer: offer.lacks_retake)


def fits(answer: Answer, ticket: Ticket, account: Account | None, view: View) -> bool:
    """An answer that does something to an account needs one in a state where that is true afterwards."""
    if answer.rows and ticket.draft.row not in answer.rows:
        return False
    if answer.cases and ticket.draft.case not in answer.cases:
        return False
    if not answer.does:
        return True
    if account is None:
        return False
    status = view.status(account)
    if "reactivate" in answer.does and status.administratively_active and status.log_in_by is None:
        return False  # in use: nothing to reactivate, and no midnight to log in before
    return status.state.value in answer.states


def send(world: World, number: int, key: str, answer_id: str) -> str:
    """Do what the answer says and send it, in one transaction. Returns the notice to show.

    The key was made with the page, so that a double click sends one mail. Raises TicketUnknown.
    """
    view = View(world.clock.now(), world.policy)
    with world.database.write() as connection:
        ticket = desk.held(connection, number)
        if repository.has_reply(connection, number, key):
            return "answered_before"
        account = accounts.find_by_address(connection, ticket.draft.requester.email, for_update=True)
        answer = next((each for each in usual_answers() if each.id == answer_id), None)
        if answer is None or not fits(answer, ticket, account, view):
            return "answer_not_possible"
        offer = _offer(answer, ticket, account, view)
        if account is not None:
            _act(connection, world, account, answer)
        reply = ReplyDraft.model_validate({"key": key, "from": "support", "text": offer.text})
        desk.reply_in(connection, world, ticket, reply, temporary_password=offer.with_password)
        return "answered"


def _act(connection: Connection, world: World, account: Account, answer: Answer) -> None:
    if "reactivate" in answer.does:
        service.reactivate_in(connection, world, account, letters=False)
    if "unlock" in answer.does:
        service.apply_in(connection, world, account, verbs.unlock)


def _offer(answer: Answer, ticket: Ticket, account: Account | None, view: View) -> Offer:
    password = _password(answer, ticket, account, view)
    words: dict[str, Any] = {
        **view.policy.words(),
        "name": _name(ticket, account),
        "today": f"{view.policy.local(view.now):%A, %B} {view.policy.local(view.now).day}",
        "password": password,
    }
    return Offer(
        answer,
        text=_template(answer.text).render(words).strip(),
        with_password=password in ("here", "apart"),
        lacks_retake="reactivate" in answer.does and _lacks_retake(account, view),
    )


def _lacks_retake(account: Account | None, view: View) -> bool:
    """Case 2 of How-To row 2: the course comes before the reactivation."""
    return account is not None and view.needs_retraining(account) and not account.has_completed("retake")


def _password(answer: Answer, ticket: Ticket, account: Account | None, view: View) -> str | None:
    """Where the temporary password is: `here` in this mail, `apart`, `earlier`, or there is none."""
    if account is None or account.address is None:
        return None
    same = accounts.key_of(account.address) == accounts.key_of(ticket.draft.requester.email)
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
