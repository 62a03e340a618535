"""The forward pass against plain loops written from the paper's formulas, on a tiny random encoder."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from bot.nlu.bert import Bert, erf

SIZE, INNER, HEADS, LAYERS, WORDS = 8, 12, 2, 2, 20


@pytest.fixture(scope="module")
def arrays() -> dict[str, Any]:
    random = np.random.default_rng(5)

    def some(*shape: int) -> Any:
        return random.normal(0, 0.5, shape).astype(np.float32)

    names = {
        "embeddings.word_embeddings.weight": some(WORDS, SIZE),
        "embeddings.position_embeddings.weight": some(16, SIZE),
        "embeddings.token_type_embeddings.weight": some(2, SIZE),
        "embeddings.LayerNorm.weight": some(SIZE),
        "embeddings.LayerNorm.bias": some(SIZE),
    }
    for layer in range(LAYERS):
        root = f"encoder.layer.{layer}"
        shapes = {
            "attention.self.query": (SIZE, SIZE),
            "attention.self.key": (SIZE, SIZE),
            "attention.self.value": (SIZE, SIZE),
            "attention.output.dense": (SIZE, SIZE),
            "intermediate.dense": (INNER, SIZE),
            "output.dense": (SIZE, INNER),
        }
        for name, shape in shapes.items():
            names[f"{root}.{name}.weight"] = some(*shape)
            names[f"{root}.{name}.bias"] = some(shape[0])
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            names[f"{root}.{name}.weight"] = some(SIZE)
            names[f"{root}.{name}.bias"] = some(SIZE)
    return names


def naive(arrays: dict[str, Any], ids: list[int]) -> list[float]:
    """One sentence, one number at a time, in double precision."""

    def linear(x: list[float], name: str) -> list[float]:
        weight, bias = arrays[f"{name}.weight"].tolist(), arrays[f"{name}.bias"].tolist()
        return [
            sum(w * v for w, v in zip(row, x, strict=False)) + b for row, b in zip(weight, bias, strict=False)
        ]

    def norm(x: list[float], name: str) -> list[float]:
        mean = sum(x) / len(x)
        spread = math.sqrt(sum((v - mean) ** 2 for v in x) / len(x) + 1e-12)
        weight, bias = arrays[f"{name}.weight"].tolist(), arrays[f"{name}.bias"].tolist()
        return [(v - mean) / spread * w + b for v, w, b in zip(x, weight, bias, strict=False)]

    words, places, kinds = (
        arrays[f"embeddings.{name}_embeddings.weight"].tolist() for name in ("word", "position", "token_type")
    )
    xs = [
        norm(
            [w + p + k for w, p, k in zip(words[word], places[i], kinds[0], strict=False)],
            "embeddings.LayerNorm",
        )
        for i, word in enumerate(ids)
    ]
    head = SIZE // HEADS
    for layer in range(LAYERS):
        root = f"encoder.layer.{layer}"
        q, k, v = (
            [linear(x, f"{root}.attention.self.{part}") for x in xs] for part in ("query", "key", "value")
        )
        out = []
        for i, x in enumerate(xs):
            mixed: list[float] = []
            for h in range(HEADS):
                span = range(h * head, (h + 1) * head)
                raw = [
                    math.exp(sum(q[i][d] * k[j][d] for d in span) / math.sqrt(head)) for j in range(len(xs))
                ]
                mixed += [sum(r * v[j][d] for j, r in enumerate(raw)) / sum(raw) for d in span]
            attended = linear(mixed, f"{root}.attention.output.dense")
            y = norm([a + b for a, b in zip(attended, x, strict=False)], f"{root}.attention.output.LayerNorm")
            wide = [
                u * 0.5 * (1 + math.erf(u / math.sqrt(2))) for u in linear(y, f"{root}.intermediate.dense")
            ]
            z = linear(wide, f"{root}.output.dense")
            out.append(norm([a + b for a, b in zip(z, y, strict=False)], f"{root}.output.LayerNorm"))
        xs = out
    mean = [sum(column) / len(xs) for column in zip(*xs, strict=False)]
    length = math.sqrt(sum(value * value for value in mean))
    return [value / length for value in mean]


@pytest.mark.parametrize("ids", [[1], [3, 4, 5], [7, 2, 2, 9, 11, 0, 6]])
def test_equals_the_formulas(arrays: dict[str, Any], ids: list[int]) -> None:
    found = Bert(arrays, heads=HEADS).sentences(np.array([ids]), np.array([len(ids)]))[0]
    assert np.allclose(found, naive(arrays, ids), atol=2e-6)


def test_padding_changes_nothing(arrays: dict[str, Any]) -> None:
    rows = [[3, 4, 5, 0, 0], [7, 2, 9, 11, 6], [8, 0, 0, 0, 0]]
    lengths = [3, 5, 1]
    found = Bert(arrays, heads=HEADS).sentences(np.array(rows), np.array(lengths))
    for row, length, vector in zip(rows, lengths, found, strict=False):
        assert np.allclose(vector, naive(arrays, row[:length]), atol=2e-6)


def test_erf() -> None:
    xs = np.linspace(-6, 6, 1201).astype(np.float32)
    assert np.allclose(erf(xs), [math.erf(float(x)) for x in xs], atol=5e-7)
