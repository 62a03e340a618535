"""Rasa component: adds when an account locked, and when it opens by itself, as the entity `lock_time`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.date_words import long_date
from bot.nlu.fingerprint import beside, fingerprint_of
from bot.nlu.lock_time import LockTime, when_locked
from bot.nlu.timed_extractor import TimedExtractor


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LockTimeExtractor(TimedExtractor):
    """Thin edge around bot.nlu.lock_time."""

    RULE = "locked_minutes"
    DEFAULT = 60

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The pure module."""
        return fingerprint_of(*beside(__file__, "lock_time.py", "timed_extractor.py"))

    def entity(self, text: str, now: datetime) -> dict[str, Any] | None:
        """When the account locked, if the text says so."""
        found = when_locked(text, now, self._zone)
        return to_entity(found, now, self._rule) if found else None


def to_entity(found: LockTime, now: datetime, locked_minutes: int) -> dict[str, Any]:
    """`wait`: "over" once the lock has opened, else "waiting"; `opens_at`: "10:40 AM", the region's time.

    Another day is named: "10:40 AM on Tuesday, November 24". `opens`: the same moment, ISO 8601 with offset.
    """
    opens = found.opens_at(locked_minutes)
    clock = f"{opens.hour % 12 or 12}:{opens:%M} {'AM' if opens.hour < 12 else 'PM'}"
    today = now.astimezone(opens.tzinfo).date()
    if opens.date() != today:
        clock += f" on {long_date(opens.date(), today)}"
    return {
        "entity": "lock_time",
        "start": found.span[0],
        "end": found.span[1],
        "value": {
            "wait": "over" if opens <= now else "waiting",
            "opens_at": clock,
            "opens": opens.isoformat(timespec="seconds"),
        },
        "extractor": "LockTimeExtractor",
    }
