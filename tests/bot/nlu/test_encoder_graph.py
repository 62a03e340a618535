"""The graph against loops written from the paper's formulas; the small graph against the exact one."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.nlu.encoder import open_graph, shared_encoder
from bot.nlu.encoder_files import encoder_folder, map_safetensors
from bot.nlu.encoder_graph import INPUT, encoder_model, keep_quantised

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


def embedded(arrays: dict[str, Any], ids: list[int]) -> Any:
    words, places, kinds = (
        arrays[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")
    )
    return (words[ids] + places[: len(ids)] + kinds[0])[None]


@pytest.mark.parametrize("ids", [[1], [3, 4, 5], [7, 2, 2, 9, 11, 0, 6]])
def test_equals_the_formulas(arrays: dict[str, Any], ids: list[int]) -> None:
    session = open_graph(encoder_model(arrays, heads=HEADS).SerializeToString())
    (mean,) = session.run(None, {INPUT: embedded(arrays, ids)})
    assert np.allclose(mean[0] / np.linalg.norm(mean[0]), naive(arrays, ids), atol=2e-6)


@pytest.fixture(scope="module")
def published() -> Any:
    return map_safetensors(encoder_folder() / "model.safetensors")


TEXTS = [
    "The cat sits outside",
    "A man is playing guitar",
    "The cat plays in the garden",
    "it says this account is inactive",
    "ugh LOCKED out again, third time this week!!",
]


@pytest.fixture(scope="module")
def exact(published: Any) -> Any:
    """Vectors of the five texts by the 32-bit graph of the published weights."""
    session = open_graph(encoder_model(published).SerializeToString())
    tokenizer = shared_encoder()._tokenizer
    means = [
        session.run(None, {INPUT: embedded(published, tokenizer.encode(text).ids)})[0][0] for text in TEXTS
    ]
    return np.stack([mean / np.linalg.norm(mean) for mean in means])


def test_vectors_are_those_published_for_this_model(exact: Any) -> None:
    """Cosines of the three sentences and first numbers as the model's authors print them."""
    assert np.allclose(exact[0][:3], [0.1392, 0.0030, 0.0470], atol=1e-4)
    assert exact[0] @ exact[1] == pytest.approx(0.0363, abs=1e-3)
    assert exact[0] @ exact[2] == pytest.approx(0.6788, abs=1e-3)


def test_the_small_graph_says_nearly_the_same(exact: Any) -> None:
    assert np.all((exact * shared_encoder().encode(TEXTS)).sum(axis=1) > 0.97)


def test_a_graph_is_kept_whole_or_not_at_all(tmp_path: Path, published: Any) -> None:
    place = tmp_path / "cache" / "graph.onnx"
    with pytest.raises(ZeroDivisionError):
        keep_quantised(_Breaking(published), place)
    assert not list(place.parent.glob("*.onnx"))


class _Breaking(dict[str, Any]):
    """Weights that cannot be read to the end."""

    def __getitem__(self, name: str) -> Any:
        if name == "encoder.layer.5.output.LayerNorm.bias":
            raise ZeroDivisionError
        return super().__getitem__(name)
