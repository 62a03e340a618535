"""Whose account it is, as commands: another person's ("my three staff can't log in"), or the writer's own.

Pure, and called by `bot.commands` at three places: the names and addresses of two people are told apart
before anything reads them; a message that says whose account it is is served first; and a row that is wanted
for another person becomes the flow for somebody else, with the row as that person's need.

The slot `whose_account` is null outside every row, `own` in a row of the writer's own, `other` in the flow
for somebody else. In both it was answered, so another value corrects it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.answers import to_words
from bot.flows import DomainFacts, Flows, OpenQuestion
from bot.flows.commands import Clarify, Command, Continue, SetSlot, StartFlow
from bot.needs import SOMEONE_ELSE, Understood, flow_for
from bot.nlu.names import bare_name
from bot.nlu.whose import OTHER, OWN, UNCLEAR, speaks_of_self, whose_detail

WHOSE, FOR_OTHER, NEED = "whose_account", "for_someone_else", "owner_need"
ANOTHER, PEOPLE, HELP = "another_person", "people_count", "owner_help"
OWNER_NAME, OWNER_EMAIL = "owner_name", "owner_email"
WRITER_NAME, WRITER_EMAIL = "requester_name", "requester_email"
OWNER = frozenset({OWNER_NAME, OWNER_EMAIL})
_NAMES = frozenset({OWNER_NAME, WRITER_NAME})
_EMAILS = frozenset({OWNER_EMAIL, WRITER_EMAIL, "prior_email"})

TRIAGE, HUMAN = "login_problem", "contact_support"
OPENINGS = frozenset({TRIAGE, "help", "greet", "introduce", "acknowledge"})
"""Flows that say nothing of what is wrong: a message about somebody else's account is about that."""

EITHER = frozenset({"inform", "help", "greet", "affirm", "deny", "login_problem"})
"""Intents of such a message where no flow serves it."""

OF_THE_CASE = ("waited", "reset_tried", "employer_changed")
"""What was said of one account must not be read of another."""

Said = Mapping[str, Mapping[str, Any]]


def is_under_way(slots: Mapping[str, Any]) -> bool:
    """Is the flow for somebody else the one that speaks? A flow above it that files sets this to false."""
    return slots.get(FOR_OTHER) is True


def is_about_other(understood: Understood, slots: Mapping[str, Any]) -> bool:
    return is_under_way(slots) or understood.entities.get(WHOSE) in (OTHER, UNCLEAR)


def by_person(
    said: Said,
    parse: Mapping[str, Any],
    understood: Understood,
    question: OpenQuestion | None,
    slots: Mapping[str, Any],
) -> dict[str, Mapping[str, Any]]:
    """`said`, with each name and address in the slot of the person whose it is.

    Where it is not clear whose account it is, they may be either's and stand in both; the flow keeps one.
    """
    if not is_about_other(understood, slots):
        return dict(said)
    kept = {main: values for main, values in said.items() if main not in _NAMES | _EMAILS}
    asked = question.slot if question else ""
    text = str(parse.get("text") or "")
    found: dict[str, Any] = {}
    for entity in parse.get("entities") or ():
        value = entity.get("value")
        if entity["entity"] == "email":
            found.setdefault(_slot_of_email(text, str(value), asked), value)
        elif entity["entity"] == "person_name":
            found.setdefault(_slot_of_name(text, str(value), asked), value)
    if _people(understood):  # one name or address for several people: each is asked for
        return {**kept, **{slot: {slot: value} for slot, value in found.items() if slot not in OWNER}}
    if name := understood.entities.get(OWNER_NAME):
        found[OWNER_NAME] = name
        if found.get(WRITER_NAME) == name:
            del found[WRITER_NAME]
    if not is_under_way(slots) and understood.entities.get(WHOSE) == UNCLEAR:
        for of_owner, of_writer in ((OWNER_NAME, WRITER_NAME), (OWNER_EMAIL, WRITER_EMAIL)):
            if found.get(of_owner) and not found.get(of_writer):
                found[of_writer] = found[of_owner]
    return {**kept, **{slot: {slot: value} for slot, value in found.items()}}


def _slot_of_email(text: str, address: str, asked: str) -> str:
    if asked == "prior_email":
        return asked
    whose = whose_detail(text, address)
    if whose is None:
        return WRITER_EMAIL if asked == WRITER_EMAIL else OWNER_EMAIL
    return WRITER_EMAIL if whose == OWN else OWNER_EMAIL


def _slot_of_name(text: str, name: str, asked: str) -> str:
    whose = whose_detail(text, name)
    if whose is None:  # "this is Sam Boss, my coworker is locked out"; later, "it's Dana Smith" answers
        return WRITER_NAME if asked in ("", WRITER_NAME) else OWNER_NAME
    return WRITER_NAME if whose == OWN else OWNER_NAME


def settled(
    understood: Understood,
    question: OpenQuestion | None,
    said: Said,
    flows: Flows,
    slots: Mapping[str, Any],
    facts: DomainFacts,
) -> list[Command]:
    """What a message says about whose account it is, where that goes before an answer; else nothing."""
    whose = understood.entities.get(WHOSE)
    if question is None or whose not in (OWN, OTHER):
        return []
    if question.slot == WHOSE:
        return [SetSlot(WHOSE, whose), *_personal(said)]
    need = flow_for(understood, flows, slots)
    need = need if need in _needs(facts) else None
    if is_under_way(slots):
        if whose == OTHER:
            return []
        return [SetSlot(WHOSE, OWN), *([SetSlot(NEED, need)] if need else [])]
    if slots.get(WHOSE) == OWN and whose == OTHER:
        # the row that was under way is what the other person needs, unless the message says more
        rows = (need, question.flow_id, slots.get("row"))
        row = next((one for one in rows if one in _needs(facts)), None)
        stale = [SetSlot("employer_changed", None)] if slots.get("employer_changed") else []
        switch = [SetSlot(WHOSE, OTHER), SetSlot(FOR_OTHER, True), SetSlot(NEED, row)]
        return [*switch, *_people(understood), *_personal(said), *stale]
    return []


def redirected(
    commands: Sequence[Command],
    understood: Understood | None,
    text: str,
    question: OpenQuestion | None,
    said: Said,
    slots: Mapping[str, Any],
    facts: DomainFacts,
) -> list[Command]:
    """The commands with the flow for somebody else in place of a row, where it is wanted for another person.

    `understood`: None for a button, which says nothing but what is on it.
    """
    whose = understood.entities.get(WHOSE) if understood else None
    if is_under_way(slots):
        return _within(commands, whose, text, question, said, slots, facts)
    started = next((one.flow for one in commands if isinstance(one, StartFlow)), None)
    choosing = any(isinstance(one, Clarify) for one in commands)
    if understood is None or whose not in (OTHER, UNCLEAR) or slots.get(WHOSE) == OWN:
        return list(commands)
    says_nothing_else = started in OPENINGS or (not commands and _is_either(understood))
    if started in _needs(facts):
        need = started
    elif started == TRIAGE or choosing or (whose == OTHER and says_nothing_else):
        need = None
    else:
        return list(commands)
    rest = [one for one in commands if not isinstance(one, StartFlow | Clarify)]
    known = {one.name for one in rest if isinstance(one, SetSlot)}
    stale = [SetSlot(name, None) for name in OF_THE_CASE if slots.get(name) is not None and name not in known]
    personal = [one for one in _personal(said) if one.name not in known]
    return [
        *([SetSlot(WHOSE, OTHER)] if whose == OTHER else []),
        SetSlot(NEED, need),
        *_people(understood),
        *stale,
        StartFlow(SOMEONE_ELSE),
        *rest,
        *personal,
    ]


def whose_change(slot: str, value: str | None, text: str, slots: Mapping[str, Any]) -> str | None:
    """An answer to "what shall I change?": in somebody else's ticket "the email" is the owner's."""
    if slot != "ticket_change" or value not in ("email", "name") or not is_under_way(slots):
        return value
    return "writer" if {"my", "mi"} & set(to_words(text)) else "owner"


def _within(
    commands: Sequence[Command],
    whose: Any,
    text: str,
    question: OpenQuestion | None,
    said: Said,
    slots: Mapping[str, Any],
    facts: DomainFacts,
) -> list[Command]:
    """In the flow for somebody else: a row is what this person needs, or the writer speaks of themselves."""
    if question is not None and question.slot == HELP and (owner := _owner_told(text, said)):
        return [SetSlot(HELP, "ticket"), *owner]  # who names the person wants it written
    asks_for_next = question is not None and question.slot == ANOTHER
    made: list[Command] = []
    for one in commands:
        if isinstance(one, StartFlow) and one.flow in _needs(facts):
            if speaks_of_self(text):
                made += [SetSlot(WHOSE, OWN), SetSlot(NEED, one.flow)]
            elif asks_for_next:
                made.append(SetSlot(ANOTHER, "same" if one.flow == slots.get(NEED) else "other"))
            else:
                made.append(SetSlot(NEED, one.flow))
        elif isinstance(one, StartFlow) and one.flow == HUMAN:
            made.append(SetSlot(HELP, "human"))
        elif isinstance(one, Clarify):
            continue  # its choices are the writer's own rows; the open question is asked again
        elif isinstance(one, StartFlow) and one.flow == TRIAGE:
            made.append(SetSlot(ANOTHER, "other") if asks_for_next else Continue())
        else:
            made.append(one)
    if made:
        return made
    if asks_for_next:
        return [SetSlot(ANOTHER, "other")] if whose == OTHER else []
    return list(_personal(said))  # a name or address that answers another question than the open one


def _owner_told(text: str, said: Said) -> list[SetSlot]:
    """The other person's name or address, also a bare name as names are written."""
    told = [SetSlot(main, values[main]) for main, values in said.items() if main in OWNER]
    name = None if told else bare_name(text, any_case=False)
    return [SetSlot(OWNER_NAME, name)] if name else told


def _is_either(understood: Understood) -> bool:
    return not understood.is_sure or understood.intent in EITHER


def _needs(facts: DomainFacts) -> tuple[Any, ...]:
    """The rows that can be gone through for another person, as the domain lists them."""
    return facts.slots[NEED].values if NEED in facts.slots else ()


def _people(understood: Understood) -> list[SetSlot]:
    count = understood.entities.get(PEOPLE)
    return [SetSlot(PEOPLE, str(count))] if count not in (None, "1") else []


def _personal(said: Said) -> list[SetSlot]:
    personal = (*OWNER, WRITER_NAME, WRITER_EMAIL)
    return [SetSlot(main, values[main]) for main, values in said.items() if main in personal]
