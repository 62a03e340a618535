"""Rasa component: adds the last login that a message states as the entity `last_login` (bot/dates)."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import (
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    EXTRACTOR,
)

from bot.dates import LastLogin, understand
from bot.nlu.fingerprint import beside, fingerprint_of
from bot.nlu.timed_extractor import TimedExtractor

ENTITY = "last_login"
SHORT = 7  # words; a message as short as that answers, a longer "not sure …" speaks of something
BEEN = re.compile(r"\b(?:been|hace)\s+(?:[^\W\d]+\s+){0,2}$", re.IGNORECASE)
_DATES = Path(__file__).resolve().parent.parent / "dates"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LastLoginExtractor(TimedExtractor):
    """Thin edge around bot.dates."""

    RULE = "retrain_after_days"
    DEFAULT = 90

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Every module and table of the grammar."""
        tables = [*_DATES.glob("*.py"), *(_DATES / "data").glob("*.yml")]
        return fingerprint_of(*sorted(tables), *beside(__file__, "timed_extractor.py"))

    def entity(self, text: str, now: datetime) -> dict[str, Any] | None:
        """The last login that the text states."""
        found = understand(text, now, retrain_after_days=self._rule, zone=self._zone)
        return to_entity(found, text) if worth_telling(found, text) else None


def worth_telling(found: LastLogin, text: str) -> bool:
    """A date always; "never" and "I don't know" only about logging in, or when hardly more was said."""
    if found.start is not None:
        return True
    return bool(found.text) and (found.about == "login" or len(text.split()) <= SHORT)


def to_entity(found: LastLogin, text: str) -> dict[str, Any]:
    """Entity; `about`: the words speak of logging in ("login"), of something else ("other"), or neither.

    "length": of neither, but it has been so long: "it says inactive, been 3 months".
    """
    about: str = found.about
    if about == "unsaid" and BEEN.search(text, 0, found.span[0]):
        about = "length"
    return {
        ENTITY_ATTRIBUTE_TYPE: ENTITY,
        ENTITY_ATTRIBUTE_START: found.span[0],
        ENTITY_ATTRIBUTE_END: found.span[1],
        ENTITY_ATTRIBUTE_VALUE: {"text": found.text, **found.as_json(), "about": about},
        EXTRACTOR: "LastLoginExtractor",
    }
