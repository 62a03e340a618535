"""Fitting and predicting on small made-up data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bot.nlu.fitting import best_temperature, fit, held_out, solve, sparse_rows
from bot.nlu.intent_model import FLOOR, NEAR, NEAREST, IntentModel, Neighbours, Surface, softmax
from bot.nlu.ngrams import ngrams, normalise

TEXTS = [
    f"{verb} my {thing}"
    for verb in ("unlock", "reset", "open")
    for thing in ("account", "login", "user", "hmis")
]
LABELS = [text.split()[0] for text in TEXTS]


@pytest.fixture(scope="module")
def vectors() -> Any:
    random = np.random.default_rng(2).normal(size=(len(TEXTS), 384)).astype(np.float32)
    return random / np.linalg.norm(random, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Mi CUENTA está Bloqueada", "mi cuenta esta bloqueada"),
        ("jane@x.org can’t", " emailaddress  cant"),
        ("ticket 1042", "ticket 0"),
        ("heyyyyy", "heyy"),
    ],
)
def test_normalise(text: str, plain: str) -> None:
    assert normalise(text) == plain


def test_names_of_other_systems_are_marked() -> None:
    assert "w:<other system>" in ngrams("my Gmail is locked")
    assert "w:<other system>" not in ngrams("my hmis account is locked")


def test_solves_what_scikit_learn_solves(vectors: Any) -> None:
    counts = [ngrams(text) for text in TEXTS]
    grams = sparse_rows(Surface.learn(counts), counts)
    names = sorted(set(LABELS))
    found = solve(grams, vectors, np.array([names.index(label) for label in LABELS]), len(names), c=1.0)
    theirs = LogisticRegression(C=1.0, max_iter=1000, tol=1e-6).fit(
        hstack([grams, csr_matrix(vectors)]), LABELS
    )
    expected = theirs.predict_proba(hstack([grams, csr_matrix(vectors)]))
    assert np.allclose(softmax(found.logits(grams, vectors)), expected, atol=5e-3)


def test_what_is_saved_is_what_is_loaded(vectors: Any, tmp_path: Path) -> None:
    model = fit(TEXTS, vectors, LABELS)
    model.save(tmp_path)
    loaded = IntentModel.load(tmp_path)
    for text, vector in zip(TEXTS, vectors, strict=False):
        ours, theirs = model.rank(text, vector), loaded.rank(text, vector)
        assert [one.intent for one in ours] == [one.intent for one in theirs]
        assert ours[0].confidence == pytest.approx(theirs[0].confidence, abs=0.01)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".npz"}


def test_ranking_is_a_distribution(vectors: Any) -> None:
    ranking = fit(TEXTS, vectors, LABELS).rank("", np.zeros(384, dtype=np.float32))
    assert sum(one.confidence for one in ranking) == pytest.approx(1)
    assert [one.confidence for one in ranking] == sorted((one.confidence for one in ranking), reverse=True)


def test_a_held_out_line_is_judged_by_models_that_never_saw_it(vectors: Any) -> None:
    held = held_out(TEXTS, vectors, LABELS, folds=4)
    assert held.scores.shape == (len(TEXTS), 3)
    assert 0.4 <= best_temperature(held) <= 2.5


def test_the_nearest_lines_say_what_all_lines_say() -> None:
    """Lines are compared by their front first; what that leaves out has next to no say."""
    random = np.random.default_rng(5)
    topics = random.normal(size=(40, 384)) * np.geomspace(1, 0.05, 384)
    numbers = random.integers(0, 40, 3 * NEAREST)
    lines = topics[numbers] + 0.5 * random.normal(size=(len(numbers), 384)) * np.geomspace(1, 0.05, 384)
    lines = (lines / np.linalg.norm(lines, axis=1, keepdims=True)).astype(np.float32)
    neighbours = Neighbours.of(lines, numbers % 7)
    for line in lines[::97]:
        weights = np.exp((lines @ line - 1) / NEAR)
        share = np.bincount(numbers % 7, weights=weights, minlength=7) / weights.sum()
        assert np.abs(neighbours.chances(line, 7) - (share + FLOOR) / (1 + 7 * FLOOR)).max() < 0.02


def test_few_lines_are_all_compared(vectors: Any) -> None:
    chances = Neighbours.of(vectors, np.zeros(len(vectors), dtype=np.int64)).chances(vectors[0], 2)
    assert chances == pytest.approx([(1 + FLOOR) / (1 + 2 * FLOOR), FLOOR / (1 + 2 * FLOOR)])
