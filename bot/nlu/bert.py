"""A BERT encoder's forward pass in NumPy: token ids in, one unit vector per sentence out.

The layout (weight names, order of operations, exact GELU, layer norm epsilon 1e-12) is that of the
published sentence-transformers/all-MiniLM-L6-v2; sizes are read from the arrays. Activations are kept
as [features, tokens]: a stored weight then multiplies from the left as it lies in the file, which BLAS
does up to twice as fast for the few tokens of a chat line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
F = np.float32
EPSILON = F(1e-12)
# erf by Abramowitz and Stegun 7.1.26: error below 2e-7, far quicker than the exact function
ERF_P = F(0.3275911)
ERF_A = [F(a) for a in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)]


def layer_norm(x: Array, weight: Array, bias: Array) -> Array:
    """Normalise the features (axis 0) of each token to mean 0 and variance 1, then scale and shift."""
    centred: Array = x - x.mean(axis=0)
    variance = np.einsum("ij,ij->j", centred, centred) / F(x.shape[0])
    centred /= np.sqrt(variance + EPSILON)
    centred *= weight[:, None]
    centred += bias[:, None]
    return centred


def erf(x: Array) -> Array:
    """Error function of a float32 array."""
    size = np.abs(x)
    t = F(1) / (F(1) + ERF_P * size)
    series = ERF_A[0] * t
    for a in ERF_A[1:]:
        series += a
        series *= t
    size *= -size
    np.exp(size, out=size)
    series *= size
    np.subtract(F(1), series, out=series)
    return np.copysign(series, x, out=series)


def gelu(x: Array) -> Array:
    """GELU, x · Φ(x)."""
    gate = erf(x * F(math.sqrt(0.5)))
    gate += F(1)
    gate *= x
    gate *= F(0.5)
    return gate


class Bert:
    """Holds the weights of one encoder. Thread-safe: a forward pass changes nothing."""

    def __init__(self, arrays: Mapping[str, Array], heads: int = 12) -> None:
        self._w = arrays
        self._heads = heads
        self.size = arrays["embeddings.word_embeddings.weight"].shape[1]
        self.layers = 1 + max(int(n.split(".")[2]) for n in arrays if n.startswith("encoder.layer."))
        # one product instead of three for query, key and value
        self._qkv = [self._joined(f"encoder.layer.{i}.attention.self") for i in range(self.layers)]
        # position 0.. plus the one token type that a single sentence has
        self._positions = (
            arrays["embeddings.position_embeddings.weight"]
            + arrays["embeddings.token_type_embeddings.weight"][0]
        )

    def _joined(self, name: str) -> tuple[Array, Array]:
        weights, biases = (
            [self._w[f"{name}.{part}.{kind}"] for part in ("query", "key", "value")]
            for kind in ("weight", "bias")
        )
        return np.concatenate(weights), np.concatenate(biases)

    def _norm(self, x: Array, name: str) -> Array:
        return layer_norm(x, self._w[f"{name}.LayerNorm.weight"], self._w[f"{name}.LayerNorm.bias"])

    def _dense(self, x: Array, name: str) -> Array:
        out: Array = self._w[f"{name}.weight"] @ x
        out += self._w[f"{name}.bias"][:, None]
        return out

    def _attend(self, x: Array, layer: int, batch: int, length: int, mask: Array | None) -> Array:
        weight, bias = self._qkv[layer]
        head = self.size // self._heads
        qkv = weight @ x
        qkv += bias[:, None]
        # three of [batch, heads, head size, length]
        query, key, value = qkv.reshape(3, self._heads, head, batch, length).transpose(0, 3, 1, 2, 4)
        scores = query.swapaxes(-1, -2) @ key
        scores *= F(1 / math.sqrt(head))
        if mask is not None:
            scores += mask
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed: Array = value @ scores.swapaxes(-1, -2)
        return np.ascontiguousarray(mixed.transpose(1, 2, 0, 3)).reshape(self.size, -1)

    def sentences(self, ids: Array, lengths: Array) -> Array:
        """Unit vectors [batch, size] of right-padded token ids [batch, length] with true lengths [batch]."""
        batch, length = ids.shape
        real = np.arange(length)[None, :] < lengths[:, None]
        mask = None if real.all() else np.where(real, F(0), F(-1e9))[:, None, None, :]
        tokens = self._w["embeddings.word_embeddings.weight"][ids] + self._positions[:length]
        x = self._norm(np.ascontiguousarray(tokens.reshape(-1, self.size).T), "embeddings")
        for i in range(self.layers):
            name = f"encoder.layer.{i}"
            attended = self._dense(self._attend(x, i, batch, length, mask), f"{name}.attention.output.dense")
            attended += x
            x = self._norm(attended, f"{name}.attention.output")
            out = self._dense(gelu(self._dense(x, f"{name}.intermediate.dense")), f"{name}.output.dense")
            out += x
            x = self._norm(out, f"{name}.output")
        pooled: Array = (x.reshape(self.size, batch, length) * real).sum(axis=2, dtype=F).T
        # the mean's divisor cancels in the norm
        pooled = pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), F(1e-9))
        return pooled
