"""Turns what was understood in one message into commands for the flow engine.

`to_commands` is a pure function of (what NLU found, the open question, slots); it is the only thing
that fills slots. Order of reading: a ready command (button, event), then an answer to the open
question, then what the person wants of the dialogue (stop, repeat, why), then a new need, then a
choice between likely needs, and last "I didn't get that".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.answers import PATH as ANSWERS_PATH
from bot.answers import Answers, to_words
from bot.flows import DomainFacts, Flows, OpenQuestion
from bot.flows.commands import (
    CancelFlow,
    CannotHandle,
    Clarify,
    Command,
    Repeat,
    Restart,
    SetSlot,
    SkipQuestion,
    StartFlow,
    command_from_json,
)
from bot.flows.facts import BOOL_WORDS
from bot.needs import Understood, collected_by, flow_for, is_inactive_again, likely_flows
from bot.nlu.names import name_from_answer
from bot.payloads import parse_payload

SOURCES: tuple[Path, ...] = (
    Path(__file__),
    ANSWERS_PATH,
    *(Path(__file__).with_name(name) for name in ("answers.py", "needs.py", "payloads.py")),
)
"""Files whose content decides what this module returns: a change of one calls for a new training."""

SIDE_EFFECTS = frozenset({"confirm_ticket", "confirm_reply"})
"""Questions whose yes does something outside the chat: only a plain yes that says nothing else counts."""

PERMISSIONS = SIDE_EFFECTS | {"try_again"}
"""Questions that ask for permission: "ok" and "go ahead" are a yes here, and nowhere else."""

FREE_TEXT = frozenset({"problem_text", "prior_employer"})
"""Questions that take the person's own words as they are."""

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
}
"""Entity → the slot that it fills. `last_login` and `lock_time` fill several and are read apart."""

EMAILS = frozenset({"requester_email", "prior_email"})
"""Questions for an e-mail address: one in the message answers the question that is open."""

OF_THE_CASE = frozenset({"waited", "reset_tried", "employer_changed"})
"""Facts that no question asks for; said with a need, they always count."""

_EVENT_ANSWERS = {("event_logged_in", "logged_in"): True}
_LAST_LOGIN = "last_login_window"
_CUTOFF = "cutoff_answer"
_LOCK = "lock_wait"
_CUTOFF_BY_WINDOW = {"within": "on_or_after", "over": "before", "unknown": "not_sure"}
_DEFINITE = frozenset({"within", "over", "straddles", "never"})
_CORRECTING = frozenset(
    {"no", "not", "wait", "actually", "sorry", "meant", "mean", "was", "oops", "correction"}
    | {"instead", "rather", "perdon"}
)
_WANTS: dict[str, type[Command]] = {
    "cancel": CancelFlow,
    "start_over": Restart,
    "skip": SkipQuestion,
    "repeat": Repeat,
}
# Rasa's and CALM's typed commands ("/restart", "/SetSlots(a=b)"): from a keyboard they mean nothing at all.
_COMMAND_LIKE = re.compile(r"\s*/\s*[A-Za-z]")
_ANSWERS = Answers.load()


def to_commands(
    parse: Mapping[str, Any],
    question: OpenQuestion | None,
    flows: Flows,
    slots: Mapping[str, Any],
    facts: DomainFacts,
    titles: Sequence[tuple[str, str]] = (),
    asked_last: bool = True,
) -> list[Command]:
    """The commands that one message gives, never an empty list.

    `parse` is NLU's output, or the door's ready data with `commands` for a button or an event.
    `titles` are (title, payload) of the buttons under the open question, for people who type them.
    `asked_last` is false when something else was said since the question was asked (a choice between
    needs, say): then a bare yes or no answers that, not the question.
    Raises ValueError when ready commands are malformed.
    """
    if ready := parse.get("commands"):
        return [command_from_json(one) for one in ready] + _understood(slots)
    text = str(parse.get("text") or "")
    if _COMMAND_LIKE.match(text) and (question is None or question.slot not in FREE_TEXT):
        return _missed(question, slots)
    understood = Understood.from_parse(parse)
    if "emergency" in understood.entities and (question is None or question.slot not in FREE_TEXT):
        return [CannotHandle("cannot_handle_emergency")]
    said = _said(understood, question, slots)
    corrections: list[Command] = []
    if question is not None:
        corrections = _corrections(question, text, understood, said, slots)
        if corrections and question.slot in SIDE_EFFECTS:
            return corrections + _understood(slots)  # the corrected summary is shown and asked again
        if question.slot == "logged_in" and is_inactive_again(understood, slots):
            return [SetSlot("inactive_again", True), SetSlot("logged_in", False), *_understood(slots)]
        other = _is_no_date(question, understood, said) and flow_for(understood, flows, slots)
        if not other and (answer := _answer(question, text, understood, said, facts, titles, asked_last)):
            return answer + corrections + _of_the_case(said, slots) + _understood(slots)
        if question.slot in FREE_TEXT and not _is_short_wish(text, understood):
            return [SetSlot(question.slot, text.strip()), *_understood(slots)]
    commands = _wish(understood, question) or _need(understood, said, question, flows, slots)
    if not commands and question is not None:
        commands = corrections
    if commands:
        return commands + _understood(slots)
    return _missed(question, slots)


def _missed(question: OpenQuestion | None, slots: Mapping[str, Any]) -> list[Command]:
    count = float(slots.get("not_understood") or 0)
    reason = "cannot_handle_answer" if question else "cannot_handle_not_supported"
    return [SetSlot("not_understood", min(count + 1, 10.0)), CannotHandle(reason)]


def event_answer(intent: str, question: OpenQuestion | None) -> Command | None:
    """The open question's answer, if what happened outside the chat answers it; else None."""
    if question is None or (intent, question.slot) not in _EVENT_ANSWERS:
        return None
    return SetSlot(question.slot, _EVENT_ANSWERS[intent, question.slot])


def _understood(slots: Mapping[str, Any]) -> list[Command]:
    """Something was understood: the count of misses begins again."""
    return [SetSlot("not_understood", 0.0)] if slots.get("not_understood") else []


def _said(
    understood: Understood, question: OpenQuestion | None, slots: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Facts stated in the message: main slot → all the slots that the fact fills."""
    said: dict[str, dict[str, Any]] = {}
    for entity, value in understood.entities.items():
        if entity == "last_login" and isinstance(value, Mapping):
            said[_LAST_LOGIN] = {
                _LAST_LOGIN: value.get("window"),
                "last_login_text": value.get("text"),
                "last_login_start": value.get("start"),
                "last_login_end": value.get("end"),
            }
        elif entity == "lock_time" and isinstance(value, Mapping):
            said[_LOCK] = {_LOCK: value.get("wait"), "lock_opens_at": value.get("opens_at")}
        elif slot := ENTITY_SLOTS.get(entity):
            if slot in EMAILS and question is not None and question.slot in EMAILS:
                slot = question.slot
            said[slot] = {slot: value}
    if "retake_done" in said:
        said["training_done"] = {"training_done": said["retake_done"]["retake_done"]}
    is_asked = question is not None and question.slot == "ticket_number"
    if slots.get("ticket_id") and "ticket_number" in said and not is_asked:
        said.pop("ticket_number")
    return said


def _answer(
    question: OpenQuestion,
    text: str,
    understood: Understood,
    said: Mapping[str, Mapping[str, Any]],
    facts: DomainFacts,
    titles: Sequence[tuple[str, str]],
    asked_last: bool,
) -> list[Command]:
    """The open question's answer in this message; empty when there is none."""
    slot = question.slot
    if payload := _ANSWERS.choice_for(text, titles):
        return [command_from_json(one) for one in parse_payload(payload)["commands"]]
    if slot in said and not _is_some_other_day(slot, understood, said):
        return _set(said[slot])
    if slot == _CUTOFF and (window := said.get(_LAST_LOGIN, {}).get(_LAST_LOGIN)) in _CUTOFF_BY_WINDOW:
        return [SetSlot(_CUTOFF, _CUTOFF_BY_WINDOW[window])]
    if slot in EMAILS and "@" in text:
        return [SetSlot(slot, text.strip())]  # no address in it: the flow's rejection says what is wrong
    if slot == "requester_name":
        name = name_from_answer(text)
        is_name = name and (" " in name or not understood.is_sure_of_a_wish)
        return [SetSlot(slot, name)] if is_name else []
    known = facts.slots.get(slot)
    is_bool = known is not None and known.type == "bool"
    agree = asked_last and slot in PERMISSIONS
    value = _ANSWERS.value_for(slot, text, yes_or_no=is_bool and asked_last, agree=agree)
    if value is None and agree and understood.is_sure and understood.intent == "deny":
        value = "false"
    if value is None or (slot in SIDE_EFFECTS and value == "true" and "?" in text):
        return []
    return [SetSlot(slot, BOOL_WORDS[value] if is_bool else value)]


def _is_no_date(
    question: OpenQuestion, understood: Understood, said: Mapping[str, Mapping[str, Any]]
) -> bool:
    """A message that clearly wants something else (the weather) and speaks of no login."""
    if question.slot != _LAST_LOGIN or understood.intent == "inform" or understood.about_login == "login":
        return False
    window = said.get(_LAST_LOGIN, {}).get(_LAST_LOGIN)
    return window not in _DEFINITE or understood.intent == "out_of_scope"


def _same(held: Any, value: Any) -> bool:
    """Facts come as text, slots may hold true and false."""
    return str(held).lower() == str(value).lower()


def _is_some_other_day(slot: str, understood: Understood, said: Mapping[str, Mapping[str, Any]]) -> bool:
    """A recent day of something else ("I changed jobs last week") would make a Case 1 of anybody."""
    about_else = slot == _LAST_LOGIN and understood.about_login == "other"
    return about_else and said[slot][_LAST_LOGIN] == "within"


def _set(values: Mapping[str, Any]) -> list[Command]:
    return [SetSlot(name, value) for name, value in values.items()]


def _of_the_case(said: Mapping[str, Mapping[str, Any]], slots: Mapping[str, Any]) -> list[Command]:
    """Facts about the case that stand beside an answer: "in July, before I changed jobs"."""
    new = [values for main, values in said.items() if main in OF_THE_CASE and slots.get(main) is None]
    return [command for values in new for command in _set(values)]


def _is_short_wish(text: str, understood: Understood) -> bool:
    """In a free-text answer only a short, clear wish about the dialogue is one ("stop", "why?")."""
    return understood.is_sure_of_a_wish and len(to_words(text)) <= 6


def _corrections(
    question: OpenQuestion,
    text: str,
    understood: Understood,
    said: Mapping[str, Mapping[str, Any]],
    slots: Mapping[str, Any],
) -> list[Command]:
    """Facts in the message about questions that were answered before: "no, my e-mail is …"."""
    commands: list[Command] = []
    for main, values in said.items():
        if main == question.slot or slots.get(main) is None or _same(slots.get(main), values[main]):
            continue
        if main == _LOCK or main in OF_THE_CASE:
            continue  # time goes on: "still locked after an hour" corrects no earlier answer
        if main == _LAST_LOGIN:
            if question.slot == _CUTOFF or values["last_login_start"] is None:
                continue  # "never" and "don't know" about something else ("not yet") correct no date
            about = understood.about_login
            if about != "login" and not (about == "unsaid" and _CORRECTING & set(to_words(text))):
                continue  # "I changed jobs in June", or the name of April June
            if slots.get(_CUTOFF) is not None:
                commands.append(SetSlot(_CUTOFF, None))
        commands += _set(values)
    return commands


def _wish(understood: Understood, question: OpenQuestion | None) -> list[Command]:
    """What the person wants of the dialogue itself."""
    if not understood.is_sure:
        return []
    if understood.intent == "out_of_scope" and question is not None:
        return [CannotHandle("cannot_handle_out_of_scope")]
    if understood.intent == "explain":
        return [SetSlot("explain_topic", question.slot if question else None), StartFlow("explain")]
    if understood.intent in ("cancel", "skip") and question is None:
        return [StartFlow("help")]
    if wanted := _WANTS.get(understood.intent):
        return [wanted()]
    return []


def _need(
    understood: Understood,
    said: Mapping[str, Mapping[str, Any]],
    question: OpenQuestion | None,
    flows: Flows,
    slots: Mapping[str, Any],
) -> list[Command]:
    """A need that a flow serves, with what was said up front; or the choice between likely needs."""
    flow = flow_for(understood, flows, slots)
    if flow is None:
        options = likely_flows(understood, flows, slots)
        if len(options) >= 2 and (question is None or question.slot not in PERMISSIONS):
            return [Clarify(tuple(options))]
        return []
    asked = collected_by(flows, flow)
    up_front: list[Command] = []
    for main, values in said.items():
        is_fact = main != _LAST_LOGIN or (values[main] in _DEFINITE and understood.about_login == "login")
        if (main in asked or main in OF_THE_CASE) and is_fact:
            up_front += _set(values)
    return [StartFlow(flow), *up_front]
