"""Rasa component: names the intent of a message, with the three likeliest and their confidences.

A message of several clauses gets those of each clause too, so that a second need is seen
(bot/several_needs.py).

Rasa's own LogisticRegressionClassifier was set aside: it neither scales n-gram counts nor calibrates, turns
every message's features into sparse form at each turn, and keeps scikit-learn in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.clauses import NEEDS, understood_clauses
from bot.nlu.encoder import shared_encoder
from bot.nlu.featurizer import SentenceFeaturizer
from bot.nlu.fingerprint import beside, fingerprint_of
from bot.nlu.intent_model import Array, IntentModel, Ranked
from bot.nlu.intent_names import OUT
from bot.nlu.names import FACTS
from bot.nlu.ngrams import OTHER_SYSTEMS
from bot.nlu.respelling import respelling
from bot.nlu.spoken import spoken
from bot.nlu.thresholds import OFFERED

CORE = (
    "ngrams.py",
    "intent_model.py",
    "fitting.py",
    "thresholds.py",
    "clauses.py",
    "spoken.py",
    "respelling.py",
)
CLAUSES = "clauses"
NONSENSE = 0.2
"""What is left of the confidence in a line without a known word: less than it takes to act or to offer."""


def _vector(message: Message) -> Any:
    sentence = message.get_dense_features(TEXT)[1]
    return None if sentence is None else np.asarray(sentence.features[0])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Thin edge around bot.nlu.intent_model; a message with its intent ready, or without text, passes."""

    def __init__(
        self,
        storage: ModelStorage,
        resource: Resource,
        model: IntentModel | None = None,
        encode: Callable[[Sequence[str]], Array] = lambda texts: shared_encoder().encode(texts),
        is_word: Callable[[str], bool] = lambda word: shared_encoder().knows(word),
    ) -> None:
        self._storage = storage
        self._resource = resource
        self._model = model
        self._encode = encode
        self._respell = respelling(model.surface, is_word) if model else None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """An untrained classifier."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """The classifier as trained."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, IntentModel.load(folder))

    @classmethod
    def required_components(cls) -> list[type]:
        """The sentence vectors."""
        return [SentenceFeaturizer]

    @staticmethod
    def required_packages() -> list[str]:
        """What has to be importable to train."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No settings: thresholds and sizes are data in bot/nlu/thresholds.py."""
        return {}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The pure core's code."""
        return fingerprint_of(OTHER_SYSTEMS, NEEDS, FACTS, *beside(__file__, *CORE))

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every training line that has a vector."""
        from bot.nlu.fitting import fit

        rows = [
            (message.get(TEXT), vector, message.get(INTENT))
            for message in training_data.intent_examples
            if (vector := _vector(message)) is not None
        ]
        texts, vectors, intents = zip(*rows, strict=False)
        self._model = fit(texts, np.stack(vectors), intents)
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `intent` and `intent_ranking` (three entries); `clauses` where there are several."""
        for message in messages:
            vector = _vector(message)
            if self._model is None or self._respell is None or vector is None or message.get(INTENT):
                continue
            text = message.get(TEXT)
            told = self._respell(spoken(text))
            ranked = (self._rank([told])[0] if told != text else self._model.rank(text, vector))[:OFFERED]
            certainty = NONSENSE if self._is_nonsense(ranked[0].intent, told) else 1.0
            ranking = [{"name": r.intent, "confidence": round(r.confidence * certainty, 4)} for r in ranked]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            if clauses := understood_clauses(text, self._rank):
                message.set(CLAUSES, clauses, add_to_output=True)
        return messages

    def _is_nonsense(self, intent: str, text: str) -> bool:
        """ "asdf ghjk" is no wish for anything else than we offer: nobody can tell what it is."""
        assert self._respell is not None
        return intent == OUT and not self._respell.knows_a_word(text)

    def _rank(self, texts: Sequence[str]) -> list[list[Ranked]]:
        assert self._model is not None  # process has looked
        if self._respell is not None:
            texts = [self._respell(text) for text in texts]
        vectors = self._encode(texts)
        return [self._model.rank(text, vector) for text, vector in zip(texts, vectors, strict=False)]
