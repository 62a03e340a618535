"""Facts in a message that correct an answer given before: "no, my e-mail is …", "wait, it was in June"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import someone_else
from bot.answers import to_words
from bot.flows import OpenQuestion
from bot.flows.commands import Command, CorrectSlot, SetSlot
from bot.need_commands import OF_THE_PERSON
from bot.needs import Understood
from bot.said import CUTOFF, DEFINITE, LAST_LOGIN, LOCK, OF_THE_CASE

_CORRECTING = frozenset(
    {"no", "not", "wait", "actually", "sorry", "meant", "mean", "was", "oops", "correction"}
    | {"instead", "rather", "perdon"}
)


def to_corrections(
    question: OpenQuestion,
    text: str,
    understood: Understood,
    said: Mapping[str, Mapping[str, Any]],
    slots: Mapping[str, Any],
) -> list[Command]:
    """Facts in the message about questions that were answered before: "no, my e-mail is …"."""
    commands: list[Command] = []
    if question.slot == someone_else.ANOTHER:
        return commands  # that person's ticket is filed; what comes now is about the next one
    for main, values in said.items():
        if main == question.slot or slots.get(main) is None or is_known(main, values, slots):
            continue
        if main == "ticket_number" and slots.get("ticket_id"):
            continue  # another ticket than the one that is being written or answered
        if main == LOCK or main in OF_THE_CASE:
            continue  # time goes on: "still locked after an hour" corrects no earlier answer
        if main == LAST_LOGIN:
            if values["last_login_start"] is None:
                continue  # "never" and "don't know" about something else ("not yet") correct no date
            about, is_cutoff = understood.about_login, question.slot == CUTOFF
            if is_cutoff and answers_cutoff(values, slots) and values[main] != "straddles":
                continue
            # a day after "I'm not sure" settles it; under a question about something else it may be of that
            settles = (
                slots.get(main) == "unknown" and values[main] in DEFINITE and question.slot in OF_THE_PERSON
            )
            corrects = is_cutoff or settles or bool(_CORRECTING & set(to_words(text)))
            if about != "login" and not (about in ("unsaid", "length") and corrects):
                continue  # "I changed jobs in June", or the name of April June
            if slots.get(CUTOFF) is not None:
                commands.append(SetSlot(CUTOFF, None))
            if values[main] == slots.get(main):  # another day on the same side of the cutoff is said back too
                commands.append(CorrectSlot(main, values[main], again=True))
                values = {name: value for name, value in values.items() if name != main}
        if main == "requester_email" and slots.get("find_last_login_state"):
            # another address is another account: its record has to be looked at anew
            commands.append(CorrectSlot(LAST_LOGIN, slots.get(LAST_LOGIN), again=True))
        commands += [SetSlot(name, value) for name, value in values.items()]
    return commands


def is_known(main: str, values: Mapping[str, Any], slots: Mapping[str, Any]) -> bool:
    """Is it what was said before? Facts come as text, slots may hold true and false."""
    names = [main, "last_login_start", "last_login_end"] if main == LAST_LOGIN else [main]
    return all(str(slots.get(name)).lower() == str(values[name]).lower() for name in names)


def answers_cutoff(login: Mapping[str, Any], slots: Mapping[str, Any]) -> bool:
    """After "in August", "the 28th" says on which side it was; "no, in June" says that it was not August."""
    start, end = slots.get("last_login_start"), slots.get("last_login_end")
    first, last = login["last_login_start"], login["last_login_end"]
    return None in (start, end, first, last) or (str(start) <= str(first) and str(last) <= str(end))
