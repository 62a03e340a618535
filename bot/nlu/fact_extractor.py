"""Rasa component: adds the facts that a message states (e-mail, ticket number, name, …) as entities."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.facts import spot_facts
from bot.nlu.fingerprint import beside, fingerprint_of
from bot.nlu.names import FACTS
from bot.nlu.whose import PATH as WHOSE

CORE = ("facts.py", "mending.py", "names.py", "prior.py", "whose.py")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class FactExtractor(GraphComponent):
    """Thin edge around bot.nlu.facts."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FactExtractor:
        """Nothing to load."""
        return cls()

    @classmethod
    def required_components(cls) -> list[type]:
        """Nothing has to run before this."""
        return []

    @staticmethod
    def required_packages() -> list[str]:
        """What has to be importable."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No settings: the patterns are data/facts.yml and data/whose.yml."""
        return {}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Patterns and code."""
        return fingerprint_of(
            FACTS, WHOSE, *beside(__file__, "facts.py", "mending.py", "names.py", "prior.py", "whose.py")
        )

    def process(self, messages: list[Message]) -> list[Message]:
        """Append to `entities`."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            found = [{**fact.to_json(), "extractor": "FactExtractor"} for fact in spot_facts(text)]
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages
