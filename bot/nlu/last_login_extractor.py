"""Rasa component: adds the last login that a message states as the entity `last_login` (bot/dates)."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    EXTRACTOR,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from bot.dates import LastLogin, understand
from bot.dates.understanding import DEFAULT_ZONE
from bot.nlu.fingerprint import fingerprint_of
from common.policy import load_policy

ENTITY = "last_login"
SHORT = 7  # words; a message as short as that answers, a longer "not sure …" speaks of something
_DATES = Path(__file__).resolve().parent.parent / "dates"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LastLoginExtractor(GraphComponent):
    """Thin edge around bot.dates.

    The reference is the turn's `at` in the message's metadata (the person's now), else the system's time.
    Days and time zone come from policy.yml when the component is made, else from the configuration.
    """

    def __init__(self, retrain_after_days: int, zone: ZoneInfo) -> None:
        self._days = retrain_after_days
        self._zone = zone

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LastLoginExtractor:
        """Read the policy now, at run time: another region's numbers need no training."""
        path = Path(os.environ.get("POLICY_FILE", "policy.yml"))
        if path.exists():
            policy = load_policy(path)
            return cls(policy.retrain_after_days, policy.time_zone)
        return cls(int(config["retrain_after_days"]), ZoneInfo(str(config["time_zone"])))

    @classmethod
    def required_components(cls) -> list[type[Any]]:
        """Nothing has to run before this."""
        return []

    @staticmethod
    def required_packages() -> list[str]:
        """What has to be importable."""
        return ["yaml"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Used only where there is no policy file."""
        return {"retrain_after_days": 90, "time_zone": DEFAULT_ZONE}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Every module and table of the grammar."""
        return fingerprint_of(*sorted([*_DATES.glob("*.py"), *(_DATES / "data").glob("*.yml")]))

    def process(self, messages: list[Message]) -> list[Message]:
        """Append to `entities`."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            found = understand(text, moment(message), retrain_after_days=self._days, zone=self._zone)
            if worth_telling(found, text):
                message.set(ENTITIES, [*message.get(ENTITIES, []), to_entity(found)], add_to_output=True)
        return messages


def worth_telling(found: LastLogin, text: str) -> bool:
    """A date always; "never" and "I don't know" only about logging in, or when hardly more was said."""
    if found.start is not None:
        return True
    return bool(found.text) and (found.about == "login" or len(text.split()) <= SHORT)


def moment(message: Message) -> datetime:
    """The turn's `at` (ISO 8601, aware), else now."""
    stamp = (message.get("metadata") or {}).get("at")
    if isinstance(stamp, str):
        try:
            return datetime.fromisoformat(stamp.replace("Z", "+00:00"))
        except ValueError:
            pass
    return datetime.now(timezone.utc)


def to_entity(found: LastLogin) -> dict[str, Any]:
    """Entity; `about`: the words speak of logging in ("login"), of something else ("other"), or neither."""
    return {
        ENTITY_ATTRIBUTE_TYPE: ENTITY,
        ENTITY_ATTRIBUTE_START: found.span[0],
        ENTITY_ATTRIBUTE_END: found.span[1],
        ENTITY_ATTRIBUTE_VALUE: {"text": found.text, **found.as_json(), "about": found.about},
        EXTRACTOR: "LastLoginExtractor",
    }
