"""Fit an IntentModel, with a temperature chosen on held-out folds so that confidences mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Sequence

import numpy as np

from bot.nlu.intent_model import Array, IntentModel, Surface, _softmax
from bot.nlu.ngrams import ngrams
from bot.nlu.thresholds import TEMPERATURE

REGULARISATION = 10.0
VECTOR_WEIGHT = 1.5
FOLDS = 5
SEED = 11


@dataclass(frozen=True)
class HeldOut:
    """What a model that never saw a line says about it: logits [lines, intents] in the order of `intents`."""

    intents: list[str]
    logits: Array
    labels: list[str]


def _matrix(surface: Surface, counts: Sequence[dict[str, int]], vectors: Array, weight: float) -> Any:
    from scipy.sparse import csr_matrix, hstack

    rows = [surface.row(line) for line in counts]
    starts = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    grams = csr_matrix(
        (np.concatenate([v for _, v in rows]), np.concatenate([c for c, _ in rows]), starts),
        shape=(len(rows), len(surface)),
        dtype=np.float32,
    )
    return hstack([grams, csr_matrix(vectors * np.float32(weight))], format="csr")


def _regression(features: Any, labels: Sequence[str], c: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, max_iter=400, tol=1e-3, class_weight=None).fit(features, labels)


def held_out(
    texts: Sequence[str], vectors: Array, labels: Sequence[str], *, c: float = REGULARISATION,
    weight: float = VECTOR_WEIGHT, folds: int = FOLDS
) -> HeldOut:
    """Logits for every line from a model fitted without the fold that it is in."""
    counts = [ngrams(text) for text in texts]
    intents = sorted(set(labels))
    fold = np.random.default_rng(SEED).permutation(len(texts)) % folds
    out = np.full((len(texts), len(intents)), -30.0)
    for f in range(folds):
        train, test = np.flatnonzero(fold != f), np.flatnonzero(fold == f)
        surface = Surface.learn([counts[i] for i in train])
        regression = _regression(
            _matrix(surface, [counts[i] for i in train], vectors[train], weight), [labels[i] for i in train], c
        )
        scores = regression.decision_function(
            _matrix(surface, [counts[i] for i in test], vectors[test], weight)
        )
        for k, intent in enumerate(regression.classes_):
            out[test, intents.index(intent)] = scores[:, k]
    return HeldOut(intents, out, list(labels))


def best_temperature(held: HeldOut) -> float:
    """The divisor of the logits under which the held-out labels are most likely."""
    right = np.array([held.intents.index(label) for label in held.labels])
    lines = np.arange(len(right))

    def surprise(temperature: float) -> float:
        chance = _softmax(held.logits / temperature)[lines, right]
        return float(-np.log(np.maximum(chance, 1e-12)).mean())

    return float(min(np.arange(0.4, 2.5, 0.02), key=surprise))


def fit(texts: Sequence[str], vectors: Array, labels: Sequence[str], *, temperature: float = TEMPERATURE) -> IntentModel:
    """Fit on lines, their sentence vectors [lines, 384] and their intents."""
    counts = [ngrams(text) for text in texts]
    surface = Surface.learn(counts)
    regression = _regression(_matrix(surface, counts, vectors, VECTOR_WEIGHT), list(labels), REGULARISATION)
    weights = regression.coef_.T.astype(np.float32)
    return IntentModel(
        [str(intent) for intent in regression.classes_],
        surface,
        weights[: len(surface)],
        weights[len(surface) :] * np.float32(VECTOR_WEIGHT),
        regression.intercept_.astype(np.float32),
        temperature,
    )
