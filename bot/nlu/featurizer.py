"""Rasa component: gives each message with text its sentence vector as a dense feature."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.encoder import ENCODER_VERSION, CachedEncoder, shared_encoder
from bot.nlu.fingerprint import beside, fingerprint_of
from bot.nlu.places import var_dir

ORIGIN = "sentence-vector"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(GraphComponent):
    """Thin edge around bot.nlu.encoder. Messages without text (buttons, events) cost nothing."""

    def __init__(self, encoder: Any, cache: Path) -> None:
        self._encoder = encoder
        self._cache = cache

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """Take the process's one encoder."""
        return cls(shared_encoder(), var_dir() / "cache")

    @classmethod
    def required_components(cls) -> list[type]:
        """Nothing has to run before this."""
        return []

    @staticmethod
    def required_packages() -> list[str]:
        """What has to be importable."""
        return ["tokenizers", "numpy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No settings."""
        return {}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Encoder files and code."""
        return ENCODER_VERSION + fingerprint_of(
            *beside(__file__, "encoder.py", "encoder_graph.py", "encoder_files.py")
        )

    def _add(self, messages: list[Message], encoder: Any) -> None:
        spoken = [message for message in messages if message.get(TEXT)]
        if not spoken:
            return
        vectors = encoder.encode([message.get(TEXT) for message in spoken])
        for message, vector in zip(spoken, vectors, strict=False):
            message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, ORIGIN))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Vectors of all training lines, from the cache where they are known."""
        self._add(training_data.training_examples, CachedEncoder(self._encoder, self._cache))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Vectors of what a person just typed (never written anywhere)."""
        self._add(messages, self._encoder)
        return messages
