"""What an answer says besides what was asked: "Pat Doe, pat@hope.org", "Hope House, tara@hope.org". Pure.

Shape of answers: slot → value, in the order in which they are to be filled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.needs import Understood
from bot.nlu.facts import EMAIL
from bot.nlu.names import bare_name, name_from_answer
from bot.said import DEFINITE

PRIOR_EMPLOYER, PRIOR_EMAIL = "prior_employer", "prior_email"
REQUESTER_EMAIL, REQUESTER_NAME = "requester_email", "requester_name"
_AROUND = " \t\n.,;:-|/()<>[]"


def in_own_words(slot: str, text: str, slots: Mapping[str, Any]) -> dict[str, str]:
    """The person's own words as they stand; an address beside a prior employer is the one used there."""
    found = EMAIL.findall(text) if slot == PRIOR_EMPLOYER and not slots.get(PRIOR_EMAIL) else []
    if len(found) != 1:
        return {slot: text.strip()}
    name = EMAIL.sub(" ", text).strip(_AROUND)
    return {**({slot: name} if name else {}), PRIOR_EMAIL: found[0].lower()}


def name_beside_email(
    slot: str, text: str, said: Mapping[str, Mapping[str, Any]], slots: Mapping[str, Any]
) -> dict[str, str]:
    """The requester's name in an answer to "what's your e-mail address?"; empty where it was given before.

    What no extractor took for a name counts only as two to four capitalized words and nothing else.
    """
    if slot != REQUESTER_EMAIL or slots.get(REQUESTER_NAME):
        return {}
    name = said.get(REQUESTER_NAME, {}).get(REQUESTER_NAME)
    words = EMAIL.sub(" ", text).strip(_AROUND).split()
    if name is None and 2 <= len(words) <= 4 and all(word[0].isupper() for word in words):
        name = name_from_answer(" ".join(words))
    return {REQUESTER_NAME: name} if name and " " in name else {}


def name_alone(slot: str, text: str, understood: Understood, slots: Mapping[str, Any]) -> dict[str, str]:
    """The requester's name where the answer is that and nothing else, whatever was asked: "Casey Forty".

    Lower case counts only where the name is what would be asked for next, and where nothing else is meant.
    """
    if slots.get(REQUESTER_NAME) or understood.is_sure_of_a_wish:
        return {}
    asked_next = slot == REQUESTER_EMAIL or slots.get(REQUESTER_EMAIL)
    any_case = bool(asked_next) and (understood.intent == "inform" or not understood.is_sure)
    name = bare_name(text, any_case=any_case)
    return {REQUESTER_NAME: name} if name else {}


def without_day(text: str, understood: Understood) -> str:
    """ "Yes, last week" is a plain yes; with a day still to come it is none yet, and that day stays."""
    day = understood.entities.get("last_login")
    if isinstance(day, Mapping) and day.get("window") in DEFINITE - {"never"}:
        return text.replace(str(day["text"]), " ")
    return text
