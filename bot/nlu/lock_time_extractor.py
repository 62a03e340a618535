"""Rasa component: adds when an account locked, and when it opens by itself, as the entity `lock_time`."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.fingerprint import beside, fingerprint_of
from bot.nlu.last_login_extractor import moment
from bot.nlu.lock_time import LockTime, when_locked
from common.policy import load_policy


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LockTimeExtractor(GraphComponent):
    """Thin edge around bot.nlu.lock_time; the length of a lock and the zone come from policy.yml at start."""

    def __init__(self, locked_minutes: int, zone: ZoneInfo) -> None:
        self._minutes = locked_minutes
        self._zone = zone

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LockTimeExtractor:
        """Read the policy at run time; without one, the configuration."""
        path = Path(os.environ.get("POLICY_FILE", "policy.yml"))
        if path.exists():
            policy = load_policy(path)
            return cls(policy.locked_minutes, policy.time_zone)
        return cls(int(config["locked_minutes"]), ZoneInfo(str(config["time_zone"])))

    @classmethod
    def required_components(cls) -> list[type[Any]]:
        """Nothing has to run before this."""
        return []

    @staticmethod
    def required_packages() -> list[str]:
        """What has to be importable."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Used only where there is no policy file."""
        return {"locked_minutes": 60, "time_zone": "America/Los_Angeles"}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The pure module."""
        return fingerprint_of(*beside(__file__, "lock_time.py"))

    def process(self, messages: list[Message]) -> list[Message]:
        """Append to `entities`."""
        for message in messages:
            text = message.get(TEXT)
            now = moment(message)
            found = when_locked(text, now, self._zone) if text else None
            if found:
                entity = to_entity(found, now, self._minutes)
                message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages


def to_entity(found: LockTime, now: datetime, locked_minutes: int) -> dict[str, Any]:
    """`wait`: "over" once the lock has opened, else "waiting"; `opens_at`: "10:40 AM", the region's time."""
    opens = found.opens_at(locked_minutes)
    clock = f"{opens.hour % 12 or 12}:{opens:%M} {'AM' if opens.hour < 12 else 'PM'}"
    return {
        "entity": "lock_time",
        "start": found.span[0],
        "end": found.span[1],
        "value": {"wait": "over" if opens <= now else "waiting", "opens_at": clock},
        "extractor": "LockTimeExtractor",
    }
