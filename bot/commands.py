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

from bot import someone_else
from bot.answers import PATH as ANSWERS_PATH
from bot.answers import Answers, to_words
from bot.asked_back import asked_back
from bot.beside import (
    PRIOR_EMPLOYER,
    REQUESTER_NAME,
    in_own_words,
    name_alone,
    name_beside_email,
    without_day,
)
from bot.correcting import answers_cutoff, to_corrections
from bot.flows import DomainFacts, Flows, OpenQuestion
from bot.flows.commands import (
    CancelFlow,
    CannotHandle,
    Clarify,
    Command,
    DropWaiting,
    Repeat,
    Restart,
    SetSlot,
    SkipQuestion,
    StartFlow,
    command_from_json,
)
from bot.flows.facts import BOOL_WORDS
from bot.need_commands import (
    OF_THE_PERSON,
    also_commands,
    in_the_middle,
    set_slots,
    start_commands,
    unanswered,
)
from bot.needs import (
    Understood,
    collected_by,
    flow_for,
    is_inactive_again,
    is_introduction,
    likely_flows,
    says_where_they_work,
)
from bot.nlu.clauses import NEEDS
from bot.nlu.names import name_from_answer
from bot.nlu.whose import PATH as WHOSE_PATH
from bot.payloads import parse_payload
from bot.said import CUTOFF, DEFINITE, EMAILS, LAST_LOGIN, OF_THE_CASE, said_in, to_said, up_front
from bot.several_needs import Need, needs_in, told_by_facts

SOURCES: tuple[Path, ...] = (
    Path(__file__),
    ANSWERS_PATH,
    NEEDS,
    WHOSE_PATH,
    *(
        Path(__file__).parent / name
        for name in (
            "answers.py",
            "asked_back.py",
            "beside.py",
            "correcting.py",
            "need_commands.py",
            "needs.py",
            "nlu/whose.py",
            "payloads.py",
            "said.py",
            "several_needs.py",
            "someone_else.py",
        )
    ),
)
"""Files whose content decides what this module returns: a change of one calls for a new training."""

SIDE_EFFECTS = frozenset({"confirm_ticket", "confirm_reply"})
"""Questions whose yes does something outside the chat: only a plain yes that says nothing else counts."""

PERMISSIONS = SIDE_EFFECTS | {"try_again", "next_need_wanted"}
"""Questions that ask for permission: "ok" and "go ahead" are a yes here, and nowhere else."""

BESIDE = {"confirm_ticket": {"chat_choice": "chat_choice", "ticket_wrong": "ticket_change"}}
"""Yes-or-no question → tables of other answers to it, each with its slot: "yes, but …" is no yes."""

FREE_TEXT = frozenset({"problem_text", PRIOR_EMPLOYER})
"""Questions that take the person's own words as they are."""

YES_OR_NO: dict[str, dict[str, str]] = {someone_else.ANOTHER: {"true": "same", "false": "none"}}
"""Questions with more answers than yes and no, and what a plain yes and no mean there."""

NAMES = frozenset({"requester_name", "owner_name"})
"""Questions for a first and last name."""

GOT_IN, NOTHING_TO_CANCEL, ACKNOWLEDGE, INTRODUCE = "got_in", "nothing_to_cancel", "acknowledge", "introduce"
NOTED, EXPLAIN = "noted", "explain"
"""Flows of flows/small_talk.yml that start for more than an intent."""

CHANGE_EMPLOYER, EMPLOYER_CHANGED = "change_employer", "employer_changed"
"""The row of a new employer, and the fact that leads there; "same employer as before" takes it back."""

_EVENT_ANSWERS = {("event_logged_in", "logged_in"): True}
_CUTOFF_BY_WINDOW = {"within": "on_or_after", "over": "before", "unknown": "not_sure"}
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
    under_way: Sequence[str] = (),
) -> list[Command]:
    """The commands that one message gives, never an empty list.

    `parse` is NLU's output, or the door's ready data with `commands` for a button or an event.
    `titles` are (title, payload) of the buttons under the open question, for people who type them.
    `asked_last` is false when something else was said since the question was asked (a choice between
    needs, say): then a bare yes or no answers that, not the question.
    `under_way` are the flows that were started and have not ended, the active one last.
    Raises ValueError when ready commands are malformed.
    """
    if ready := parse.get("commands"):
        given = [command_from_json(one) for one in ready]
        pressed = someone_else.redirected(given, None, "", question, {}, slots, facts)
        other = any(isinstance(one, StartFlow) and is_row(flows, one.flow) for one in pressed)
        # a button for another row takes the place of what waits
        return pressed + ([DropWaiting()] if other and (under_way or question) else []) + _understood(slots)
    active = next((flow for flow in reversed(under_way) if is_row(flows, flow)), None)
    text = str(parse.get("text") or "")
    if _COMMAND_LIKE.match(text) and (question is None or question.slot not in FREE_TEXT):
        return _missed(question, slots)
    understood = Understood.from_parse(parse)
    if "emergency" in understood.entities and (question is None or question.slot not in FREE_TEXT):
        return [CannotHandle("cannot_handle_emergency")]
    if _is_in(question, text):
        return [StartFlow(GOT_IN), *_understood(slots)]
    said = someone_else.by_person(to_said(understood, question), parse, understood, question, slots)
    is_free_text = question is not None and question.slot in FREE_TEXT
    settled = someone_else.settled(understood, question, said, flows, slots, facts)
    if settled and not is_free_text:
        return settled + _understood(slots)
    if active == CHANGE_EMPLOYER and _ANSWERS.value_for(EMPLOYER_CHANGED, text) == "false":
        return [CancelFlow(), SetSlot(EMPLOYER_CHANGED, None), *_understood(slots)]
    corrections: list[Command] = []
    if question is not None:
        corrections = to_corrections(question, text, understood, said, slots)
        if corrections and question.slot in SIDE_EFFECTS:
            return corrections + _understood(slots)  # the corrected summary is shown and asked again
        if question.slot == "logged_in" and is_inactive_again(understood, slots):
            return [SetSlot("inactive_again", True), SetSlot("logged_in", False), *_understood(slots)]
        other = _is_no_date(question, understood, said) and flow_for(understood, flows, slots)
        if not other and (
            answer := _answer(question, text, understood, said, facts, titles, asked_last, slots)
        ):
            more = also_commands(parse, question, active, flows, slots, said_in(understood))
            beside = _of_the_case(said, slots) + _set(name_beside_email(question.slot, text, said, slots))
            return answer + corrections + beside + _understood(slots) + more
        if question.slot in FREE_TEXT and not _is_short_wish(text, understood):
            return _set(in_own_words(question.slot, text, slots)) + _understood(slots)
        if topic := asked_back(question.slot, text, _ANSWERS):
            return [SetSlot("explain_topic", topic), StartFlow(EXPLAIN), *_understood(slots)]
        another = question.slot in PERMISSIONS or someone_else.is_under_way(slots)
        name = {} if another else name_alone(question.slot, text, understood, slots)
        if name and active and REQUESTER_NAME in collected_by(flows, active):
            return [*_set(name), StartFlow(NOTED), *_understood(slots)]
    if question is not None and understood.is_sure and understood.intent == "affirm" and asked_last:
        return _answered_nothing(question, slots)
    commands = _wish(understood, question) or _need(parse, understood, said, question, flows, slots, active)
    now, later = _split_at_waiting(commands)
    now = someone_else.redirected(now, understood, text, question, said, slots, facts)
    if question is not None and all(
        isinstance(one, (Clarify, SetSlot)) or one == StartFlow(active) for one in now
    ):
        # what was stated is clearer than a need that is only likely, or that is served already
        now = corrections or _meanwhile(question, understood, said, flows, slots, active) or now
    if now or later:
        return now + _understood(slots) + later
    return _missed(question, slots)


def _split_at_waiting(commands: list[Command]) -> tuple[list[Command], list[Command]]:
    """What is served now, and the flows that wait, each with the facts after it, which belong to it."""
    waits = (i for i, one in enumerate(commands) if isinstance(one, StartFlow) and one.waits)
    place = next(waits, len(commands))
    return commands[:place], commands[place:]


def _is_in(question: OpenQuestion | None, text: str) -> bool:
    """ "I'm in!" while nothing asks for it: whatever is open about the login is over."""
    if question is not None and _ANSWERS.value_for(question.slot, text) is not None:
        return False
    return _ANSWERS.says_only("logged_in", "true", text)


def _meanwhile(
    question: OpenQuestion,
    understood: Understood,
    said: Mapping[str, Mapping[str, Any]],
    flows: Flows,
    slots: Mapping[str, Any],
    active: str | None,
) -> list[Command]:
    """What the row would ask for later, said under another of its questions: it is not asked for again."""
    if active is None or question.slot in PERMISSIONS:
        return []
    kept = set_slots(unanswered(up_front(said, understood), [active], flows, slots, OF_THE_CASE))
    return [*kept, StartFlow(NOTED)] if kept else []


def _answered_nothing(question: OpenQuestion, slots: Mapping[str, Any]) -> list[Command]:
    """An "ok" under a question that wants something else: fine once, while people wait; then it is a miss."""
    if slots.get("not_understood"):
        return _missed(question, slots)
    return [SetSlot("not_understood", 1.0), StartFlow(ACKNOWLEDGE)]


def _missed(question: OpenQuestion | None, slots: Mapping[str, Any]) -> list[Command]:
    count = float(slots.get("not_understood") or 0)
    reason = "cannot_handle_answer" if question else "cannot_handle_not_supported"
    return [SetSlot("not_understood", min(count + 1, 10.0)), CannotHandle(reason)]


def is_row(flows: Flows, flow: str) -> bool:
    """Is it something that people ask for by itself, not small talk?"""
    return flow in flows and bool(flows[flow].metadata.get("offer"))


def event_answer(intent: str, question: OpenQuestion | None) -> Command | None:
    """The open question's answer, if what happened outside the chat answers it; else None."""
    if question is None or (intent, question.slot) not in _EVENT_ANSWERS:
        return None
    return SetSlot(question.slot, _EVENT_ANSWERS[intent, question.slot])


def _understood(slots: Mapping[str, Any]) -> list[Command]:
    """Something was understood: the count of misses begins again."""
    return [SetSlot("not_understood", 0.0)] if slots.get("not_understood") else []


def _answer(
    question: OpenQuestion,
    text: str,
    understood: Understood,
    said: Mapping[str, Mapping[str, Any]],
    facts: DomainFacts,
    titles: Sequence[tuple[str, str]],
    asked_last: bool,
    slots: Mapping[str, Any],
) -> list[Command]:
    """The open question's answer in this message; empty when there is none."""
    slot = question.slot
    if payload := _ANSWERS.choice_for(text, titles):
        return [command_from_json(one) for one in parse_payload(payload)["commands"]]
    if slot in said and not _is_some_other_day(slot, understood, said):
        return _set(said[slot])
    login = said.get(LAST_LOGIN, {}) if slot == CUTOFF else {}
    if login.get(LAST_LOGIN) in _CUTOFF_BY_WINDOW and answers_cutoff(login, slots):
        return [SetSlot(CUTOFF, _CUTOFF_BY_WINDOW[login[LAST_LOGIN]])]
    if slot in EMAILS and "@" in text and not EMAILS & set(said):
        return [SetSlot(slot, text.strip())]  # no address in it: the flow's rejection says what is wrong
    if slot in NAMES:
        name = name_from_answer(text)
        is_name = name and (" " in name or not understood.is_sure_of_a_wish)
        return [SetSlot(slot, name)] if is_name else []
    for table, other in BESIDE.get(slot, {}).items():
        if choice := _ANSWERS.value_for(table, text):
            choice = someone_else.whose_change(other, choice, text, slots)
            return [SetSlot(slot, False), SetSlot(other, choice)]
    known = facts.slots.get(slot)
    is_bool = known is not None and known.type == "bool"
    agree = asked_last and slot in PERMISSIONS
    yes_or_no = asked_last and (is_bool or slot in YES_OR_NO)
    plain = without_day(text, understood) if is_bool and slot not in PERMISSIONS else text
    value = _ANSWERS.value_for(slot, plain, yes_or_no=yes_or_no, agree=agree)
    value = YES_OR_NO.get(slot, {}).get(value, value) if value else None
    value = someone_else.whose_change(slot, value, text, slots)
    if value is None and agree and understood.is_sure and understood.intent == "deny":
        value = "false"
    if value is None or (slot in SIDE_EFFECTS and value == "true" and "?" in text):
        return []
    return [SetSlot(slot, BOOL_WORDS[value] if is_bool else value)]


def _is_no_date(
    question: OpenQuestion, understood: Understood, said: Mapping[str, Mapping[str, Any]]
) -> bool:
    """A message that clearly wants something else (the weather) and speaks of no login."""
    if question.slot != LAST_LOGIN or understood.intent == "inform" or understood.about_login == "login":
        return False
    window = said.get(LAST_LOGIN, {}).get(LAST_LOGIN)
    return window not in DEFINITE or understood.intent == "out_of_scope"


def _is_some_other_day(slot: str, understood: Understood, said: Mapping[str, Mapping[str, Any]]) -> bool:
    """A recent day of something else ("I changed jobs last week") would make a Case 1 of anybody."""
    about_else = slot == LAST_LOGIN and understood.about_login == "other"
    return about_else and said[slot][LAST_LOGIN] == "within"


def _set(values: Mapping[str, Any]) -> list[Command]:
    return [SetSlot(name, value) for name, value in values.items()]


def _of_the_case(said: Mapping[str, Mapping[str, Any]], slots: Mapping[str, Any]) -> list[Command]:
    """Facts that stand beside an answer: "in July, before I changed jobs", "Dana Smith, dana@agency.org"."""
    kept = OF_THE_CASE | someone_else.OWNER
    new = [values for main, values in said.items() if main in kept and slots.get(main) is None]
    return [command for values in new for command in _set(values)]


def _is_short_wish(text: str, understood: Understood) -> bool:
    """In a free-text answer only a short, clear wish about the dialogue is one ("stop", "why?")."""
    return understood.is_sure_of_a_wish and len(to_words(text)) <= 6


def _wish(understood: Understood, question: OpenQuestion | None) -> list[Command]:
    """What the person wants of the dialogue itself."""
    if not understood.is_sure:
        return []
    if understood.intent == "out_of_scope" and question is not None:
        return [CannotHandle("cannot_handle_out_of_scope")]
    if understood.intent == "explain":
        return [SetSlot("explain_topic", question.slot if question else None), StartFlow(EXPLAIN)]
    if understood.intent in ("cancel", "skip") and question is None:
        return [StartFlow(NOTHING_TO_CANCEL)]
    if wanted := _WANTS.get(understood.intent):
        return [wanted()]
    return []


def _need(
    parse: Mapping[str, Any],
    understood: Understood,
    said: Mapping[str, Mapping[str, Any]],
    question: OpenQuestion | None,
    flows: Flows,
    slots: Mapping[str, Any],
    active: str | None,
) -> list[Command]:
    """Needs that flows serve, with what was said up front; or the choice between likely needs."""
    facts = up_front(said, understood)
    text = str(parse.get("text") or "")
    needs: Sequence[Need] = needs_in(parse, flows, slots)
    told = told_by_facts(text, facts) if not needs and question is None else ()
    if (row := str(slots.get("row"))) in told:
        told = (row,)  # "I finished the series" belongs to the row that sent the person there
    if not needs and not told and question is None and LAST_LOGIN not in facts:
        who = {main: facts[main] for main in OF_THE_PERSON & set(facts)}
        if (who and is_introduction(understood, text)) or says_where_they_work(understood, text):
            return [*set_slots(who), StartFlow(INTRODUCE)]
    if not needs and (flow := flow_for(understood, flows, slots)):
        needs, told = [Need(flow)], ()
    if len(told) == 1:
        needs = [Need(told[0])]
    if not needs:
        options = likely_flows(understood, flows, slots)
        if told and not is_row(flows, next(iter(flows.triggers(understood.intent, 1.0, slots)), "")):
            options = list(told)
        if len(options) >= 2 and (question is None or question.slot not in PERMISSIONS):
            return [
                Clarify(tuple(options)),
                *set_slots(unanswered(facts, options, flows, slots, OF_THE_CASE)),
            ]
        return []

    facts, facts_of = up_front(said, understood, need_known=True), said_in(understood)
    return start_commands(in_the_middle(needs, active), facts, facts_of, flows, OF_THE_CASE, active)
