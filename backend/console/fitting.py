"""Which of the usual answers fit a ticket: pure functions of the ticket, the records and the moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.accounts.account import Account
from backend.accounts.state import State
from backend.console.view import View
from backend.cta.record import CtaAccount
from backend.tickets.ticket import Ticket

NO_ACCOUNT = "none"
DEEDS = ("reactivate", "password_after_long_absence", "unlock", "password", "process", "queue_account")


class AnswersError(Exception):
    """`answers.yml` names something that does not exist."""


@dataclass(frozen=True)
class Matter:
    """A ticket with what is on record for the requester's address."""

    ticket: Ticket
    account: Account | None
    cta: CtaAccount | None
    view: View

    @property
    def state(self) -> str:
        return self.view.status(self.account).state.value if self.account else NO_ACCOUNT


@dataclass(frozen=True)
class Answer:
    """One entry of `answers.yml`."""

    id: str
    title: str
    text: str
    does: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


def is_in_use(matter: Matter) -> bool:
    """Active, and no reactivation waits for its login: nothing to reactivate, no midnight to come."""
    if matter.account is None:
        return False
    status = matter.view.status(matter.account)
    return status.state is State.ACTIVE and status.log_in_by is None


def has_never_logged_in(matter: Matter) -> bool:
    return matter.account is not None and matter.account.times.last_login is None


def needs_retake(matter: Matter) -> bool:
    """Case 2 of How-To row 2: the course comes before the reactivation. The record decides."""
    account = matter.account
    return (
        account is not None and matter.view.needs_retraining(account) and not account.has_retake_since_login()
    )


def is_at_cta(matter: Matter) -> bool:
    return matter.cta is not None


def is_trained(matter: Matter) -> bool:
    return matter.cta is not None and matter.cta.has_completed("basic")


CONDITIONS: dict[str, Callable[[Matter], bool]] = {
    "in_use": is_in_use,
    "never_logged_in": has_never_logged_in,
    "needs_retake": needs_retake,
    "at_cta": is_at_cta,
    "trained": is_trained,
}


@cache
def usual_answers() -> tuple[Answer, ...]:
    """Raises AnswersError."""
    entries: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("answers.yml").read_text("utf-8"))
    return tuple(_to_answer(entry) for entry in entries)


def fits(answer: Answer, matter: Matter) -> bool:
    """What an answer says and does is then true of this account."""
    return (
        (not answer.rows or matter.ticket.draft.row in answer.rows)
        and (not answer.states or matter.state in answer.states)
        and all(CONDITIONS[name](matter) for name in answer.when)
        and not any(CONDITIONS[name](matter) for name in answer.unless)
    )


def _to_answer(entry: dict[str, Any]) -> Answer:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()
    }
    answer = Answer(**values)
    for key, names, known in (
        ("does", answer.does, DEEDS),
        ("states", answer.states, (NO_ACCOUNT, *(state.value for state in State))),
        ("when", answer.when, tuple(CONDITIONS)),
        ("unless", answer.unless, tuple(CONDITIONS)),
    ):
        for name in names:
            if name not in known:
                raise AnswersError(
                    f"answers.yml: {answer.id}: {key}: {name}; expected one of {', '.join(known)}"
                )
    return answer
