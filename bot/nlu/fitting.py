"""Fit an IntentModel: multinomial logistic regression, and what held-out folds say about its confidence.

The same optimum as scikit-learn's LogisticRegression (a test compares them), in a third of the time:
n-grams stay sparse, vectors dense, both in single precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.nlu.intent_model import Array, IntentModel, Neighbours, Surface, mixed, softmax
from bot.nlu.ngrams import ngrams
from bot.nlu.thresholds import TEMPERATURE

C = 30.0
"""Inverse strength of regularisation, as scikit-learn counts it."""
VECTOR_WEIGHT = 1.0
"""Length of a sentence vector beside the n-grams' length of 1."""
FOLDS = 5
SEED = 11
STEPS = 200


@dataclass(frozen=True)
class HeldOut:
    """What models that never saw a line say about it: scores [lines, intents] in the order of `intents`."""

    intents: list[str]
    scores: Array
    labels: list[str]


@dataclass(frozen=True)
class Weights:
    """A solved regression: grams [columns, intents], vectors [384, intents], bias [intents]."""

    grams: Array
    vectors: Array
    bias: Array

    def logits(self, grams: Any, vectors: Array) -> Array:
        """Scores [lines, intents]."""
        scores: Array = grams @ self.grams + vectors @ self.vectors + self.bias
        return scores


def sparse_rows(surface: Surface, counts: Sequence[dict[str, int]]) -> Any:
    """Lines as a scipy CSR matrix [lines, columns]."""
    from scipy.sparse import csr_matrix

    rows = [surface.row(line) for line in counts]
    starts = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    return csr_matrix(
        (np.concatenate([v for _, v in rows]), np.concatenate([c for c, _ in rows]), starts),
        shape=(len(rows), len(surface)),
        dtype=np.float32,
    )


def solve(grams: Any, vectors: Array, labels: Array, intents: int, c: float = C) -> Weights:
    """Minimise the mean surprise at `labels` (intent numbers) plus the ridge, by L-BFGS."""
    from scipy.optimize import minimize

    lines, columns = grams.shape
    turned, dense = grams.T.tocsr(), vectors.astype(np.float32)
    sizes = (columns, columns + dense.shape[1])
    rows = np.arange(lines)

    def parts(flat: Array) -> list[Array]:
        return np.split(flat.astype(np.float32).reshape(-1, intents), sizes)

    def surprise(flat: Array) -> tuple[float, Array]:
        a, b, bias = parts(flat)
        scores = grams @ a + dense @ b + bias
        scores -= scores.max(axis=1, keepdims=True)
        chance = np.exp(scores)
        total = chance.sum(axis=1, keepdims=True)
        loss = float((np.log(total[:, 0]) - scores[rows, labels]).sum(dtype=np.float64))
        chance /= total
        chance[rows, labels] -= 1
        slope = np.concatenate(
            [turned @ chance + a / c, dense.T @ chance + b / c, chance.sum(0, keepdims=True)]
        )
        ridge = float(np.vdot(a, a) + np.vdot(b, b)) / (2 * c)
        return (loss + ridge) / lines, slope.ravel().astype(np.float64) / lines

    start = np.zeros((sizes[1] + 1) * intents)
    found = minimize(surprise, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "ftol": 1e-7})
    a, b, bias = parts(found.x)
    return Weights(a, b, bias[0])


def held_out(
    texts: Sequence[str],
    vectors: Array,
    labels: Sequence[str],
    *,
    c: float = C,
    weight: float = VECTOR_WEIGHT,
    folds: int = FOLDS,
) -> HeldOut:
    """Scores for every line from a model fitted without the fold that it is in."""
    counts = [ngrams(text) for text in texts]
    intents = sorted(set(labels))
    numbers = np.array([intents.index(label) for label in labels])
    scaled = vectors * np.float32(weight)
    fold = np.random.default_rng(SEED).permutation(len(texts)) % folds
    out = np.empty((len(texts), len(intents)))
    for f in range(folds):
        train, test = np.flatnonzero(fold != f), np.flatnonzero(fold == f)
        surface = Surface.learn([counts[i] for i in train])
        solved = solve(
            sparse_rows(surface, [counts[i] for i in train]), scaled[train], numbers[train], len(intents), c
        )
        linear = solved.logits(sparse_rows(surface, [counts[i] for i in test]), scaled[test])
        known = Neighbours.of(vectors[train], numbers[train])
        out[test] = mixed(linear, np.stack([known.chances(vectors[i], len(intents)) for i in test]))
    return HeldOut(intents, out, list(labels))


def surprise_at(held: HeldOut, temperature: float) -> float:
    """Mean surprise (nats) at the right labels when scores are divided by `temperature`."""
    right = [held.intents.index(label) for label in held.labels]
    chance = softmax(held.scores / temperature)[np.arange(len(right)), right]
    return float(-np.log(np.maximum(chance, 1e-12)).mean())


def best_temperature(held: HeldOut) -> float:
    """The divisor under which the held-out labels surprise least."""
    return round(float(min(np.arange(0.4, 2.5, 0.02), key=lambda t: surprise_at(held, t))), 2)


def fit(
    texts: Sequence[str], vectors: Array, labels: Sequence[str], *, temperature: float = TEMPERATURE
) -> IntentModel:
    """Fit on lines, their sentence vectors [lines, 384] and their intents."""
    counts = [ngrams(text) for text in texts]
    surface = Surface.learn(counts)
    intents = sorted(set(labels))
    numbers = np.array([intents.index(label) for label in labels])
    solved = solve(sparse_rows(surface, counts), vectors * np.float32(VECTOR_WEIGHT), numbers, len(intents))
    # the weight of the vectors moves into their coefficients: predicting then takes them as they come
    return IntentModel(
        intents,
        surface,
        solved.grams,
        solved.vectors * np.float32(VECTOR_WEIGHT),
        solved.bias,
        Neighbours.of(vectors, numbers),
        temperature,
    )
