"""What the extractors of days and times share: the person's now, and the region's rule and zone."""

from __future__ import annotations

import os
from abc import abstractmethod
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.dates.understanding import DEFAULT_ZONE
from bot.passing_time import read_moment
from common.policy import load_policy


class TimedExtractor(GraphComponent):
    """Base of the Rasa components that read days and times.

    A subclass names its rule in policy.yml (`RULE`, a whole number) with the value that counts where there is
    no policy file (`DEFAULT`), and makes the entity.
    """

    RULE: ClassVar[str]
    DEFAULT: ClassVar[int]

    def __init__(self, rule: int, zone: ZoneInfo) -> None:
        self._rule = rule
        self._zone = zone

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TimedExtractor:
        """Read the policy now, at run time: another region's numbers need no training."""
        path = Path(os.environ.get("POLICY_FILE", "policy.yml"))
        if path.exists():
            policy = load_policy(path)
            return cls(getattr(policy, cls.RULE), policy.time_zone)
        return cls(int(config[cls.RULE]), ZoneInfo(str(config["time_zone"])))

    @classmethod
    def required_components(cls) -> list[type[Any]]:
        """Nothing has to run before this."""
        return []

    @staticmethod
    def required_packages() -> list[str]:
        """What has to be importable."""
        return ["yaml"]

    @classmethod
    def get_default_config(cls) -> dict[str, Any]:
        """Used only where there is no policy file."""
        return {cls.RULE: cls.DEFAULT, "time_zone": DEFAULT_ZONE}

    def process(self, messages: list[Message]) -> list[Message]:
        """Append to `entities`."""
        for message in messages:
            text = message.get(TEXT)
            entity = self.entity(text, moment(message)) if text else None
            if entity:
                message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages

    @abstractmethod
    def entity(self, text: str, now: datetime) -> dict[str, Any] | None:
        """The entity that a text gives, or None; `now` is aware."""


def moment(message: Message) -> datetime:
    """The turn's `at` (ISO 8601, aware), else now."""
    return read_moment((message.get("metadata") or {}).get("at")) or datetime.now(timezone.utc)
