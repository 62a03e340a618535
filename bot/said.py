"""The facts that a message states, each with the slots that it fills. Pure.

Shape everywhere: main slot → all the slots that the fact fills. `last_login` and `lock_time` fill several.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.flows import OpenQuestion
from bot.needs import Understood
from bot.several_needs import Need

LAST_LOGIN, CUTOFF, LOCK = "last_login_window", "cutoff_answer", "lock_wait"
DEFINITE = frozenset({"within", "over", "straddles", "never"})
"""Windows that say when the last login was."""

ENTITY_SLOTS = {
    "email": "requester_email",
    "ticket_number": "ticket_number",
    "person_name": "requester_name",
    "retake_done": "retake_done",
    "account_email_arrived": "account_email_arrived",
    "waited": "waited",
    "reset_tried": "reset_tried",
    "employer_changed": "employer_changed",
    "cta_state": "cta_state",
    "prior_email": "prior_email",
    "prior_employer": "prior_employer",
    "new_account_need": "new_account_need",
}
"""Entity → the slot that it fills. `last_login` and `lock_time` fill several and are read apart."""

LOCK_PASSED = frozenset({"retry_worked", "waited"})
"""Questions under which a time of the lock says that its hour is over."""

EMAILS = frozenset({"requester_email", "prior_email", "owner_email"})
"""Questions for an e-mail address: one in the message answers the question that is open."""

OF_THE_CASE = frozenset({"waited", "reset_tried", "employer_changed"})
"""Facts that no question asks for; said with a need, they always count."""


def to_said(understood: Understood, question: OpenQuestion | None) -> dict[str, dict[str, Any]]:
    """Facts stated in the message: main slot → all the slots that the fact fills."""
    said: dict[str, dict[str, Any]] = {}
    for entity, value in understood.entities.items():
        if entity == "last_login" and isinstance(value, Mapping):
            said[LAST_LOGIN] = {
                LAST_LOGIN: value.get("window"),
                "last_login_text": value.get("text"),
                "last_login_start": value.get("start"),
                "last_login_end": value.get("end"),
            }
        elif entity == "lock_time" and isinstance(value, Mapping):
            said[LOCK] = {
                LOCK: value.get("wait"),
                "lock_opens_at": value.get("opens_at"),
                "lock_opens": value.get("opens"),
            }
        elif slot := ENTITY_SLOTS.get(entity):
            said[slot] = {slot: value}
    if question is not None and question.slot in EMAILS - set(said):
        for slot in EMAILS & set(said):  # the one address that is given is the one that was asked for
            said[question.slot] = {question.slot: said.pop(slot)[slot]}
    if question is not None and question.slot in LOCK_PASSED and said.get(LOCK, {}).get(LOCK) == "over":
        said.setdefault("waited", {"waited": "true"})  # "it locked at 8", said at 10
    if "retake_done" in said:
        said["training_done"] = {"training_done": said["retake_done"]["retake_done"]}
    return said


def said_in(understood: Understood) -> Callable[[Need], dict[str, dict[str, Any]]]:
    """A function: need → the facts that its own clauses state."""

    def facts_of(need: Need) -> dict[str, dict[str, Any]]:
        part = understood.within(need.holds)
        return up_front(to_said(part, None), part, need_known=True)

    return facts_of


def up_front(
    said: Mapping[str, Mapping[str, Any]], understood: Understood, *, need_known: bool = False
) -> dict[str, Mapping[str, Any]]:
    """Of what was said, the facts that count before their question is asked.

    `need_known`: the message says what is needed, so that "been 4 months" can be read with it.
    """
    return {
        main: values
        for main, values in said.items()
        if main != LAST_LOGIN or _is_login_up_front(str(values[main]), understood, need_known)
    }


def _is_login_up_front(window: str, understood: Understood, need_known: bool) -> bool:
    """A day that was not said of a login, and "I don't know", are no facts before anything is asked.

    "Inactive, been 4 months": whether the account was off or unused that long, the last login was no later.
    With a short time that is open, so it is asked.
    """
    if understood.about_login == "length":
        return need_known and window in ("over", "straddles")
    return window in DEFINITE and understood.about_login == "login"
