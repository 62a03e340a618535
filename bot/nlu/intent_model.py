"""Which intent a line has: logistic regression on its n-grams and its sentence vector, with calibrated confidence.

Pure: no Rasa. Fitting needs scikit-learn; predicting needs NumPy only. Stored without pickle.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import numpy as np

from bot.nlu.ngrams import ngrams

Array = np.ndarray[Any, Any]
MIN_LINES = 2


@dataclass(frozen=True)
class Ranked:
    """One intent with the probability that it is the right one."""

    intent: str
    confidence: float


class Surface:
    """Vocabulary of n-grams with their rarity; turns lines into unit-length sparse rows."""

    def __init__(self, rarity: dict[str, tuple[int, float]]) -> None:
        self._rarity = rarity

    def __len__(self) -> int:
        return len(self._rarity)

    @classmethod
    def learn(cls, counts: Sequence[dict[str, int]]) -> Surface:
        """Keep the n-grams that at least two lines share; a rare one weighs more (idf)."""
        lines: dict[str, int] = {}
        for line in counts:
            for gram in line:
                lines[gram] = lines.get(gram, 0) + 1
        kept = sorted(gram for gram, n in lines.items() if n >= MIN_LINES)
        total = len(counts)
        return cls({gram: (i, 1 + math.log((1 + total) / (1 + lines[gram]))) for i, gram in enumerate(kept)})

    def row(self, counts: dict[str, int]) -> tuple[Array, Array]:
        """Column numbers and values of one line; words and characters each get half of the length."""
        columns: list[int] = []
        values: list[float] = []
        for kind in ("w", "c"):
            found = [
                (self._rarity[gram][0], (1 + math.log(n)) * self._rarity[gram][1])
                for gram, n in counts.items()
                if gram[0] == kind and gram in self._rarity
            ]
            length = math.sqrt(2 * sum(value * value for _, value in found)) or 1.0
            columns.extend(column for column, _ in found)
            values.extend(value / length for _, value in found)
        return np.array(columns, dtype=np.int64), np.array(values, dtype=np.float32)

    def to_json(self) -> dict[str, float]:
        """N-gram to rarity, in column order."""
        return {gram: round(idf, 5) for gram, (_, idf) in self._rarity.items()}

    @classmethod
    def from_json(cls, stored: dict[str, float]) -> Surface:
        """The reverse of to_json."""
        return cls({gram: (i, idf) for i, (gram, idf) in enumerate(stored.items())})


def _softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    out: Array = shifted / shifted.sum(axis=-1, keepdims=True)
    return out


class IntentModel:
    """A fitted classifier. Thread-safe: predicting changes nothing."""

    def __init__(
        self, intents: list[str], surface: Surface, grams: Array, vectors: Array, bias: Array, temperature: float
    ) -> None:
        self.intents = intents
        self.temperature = temperature
        self._surface = surface
        self._grams = grams  # [columns, intents]
        self._vectors = vectors  # [384, intents]
        self._bias = bias

    def logits(self, text: str, vector: Array) -> Array:
        """Scores [intents] of one line with its unit sentence vector [384], before calibration."""
        columns, values = self._surface.row(ngrams(text))
        scores: Array = vector @ self._vectors + self._bias
        if len(columns):
            scores = scores + values @ self._grams[columns]
        return scores

    def rank(self, text: str, vector: Array) -> list[Ranked]:
        """All intents, most likely first; confidences sum to 1."""
        confidence = _softmax(self.logits(text, vector).astype(np.float64) / self.temperature)
        order = np.argsort(-confidence, kind="stable")
        return [Ranked(self.intents[i], float(confidence[i])) for i in order]

    def save(self, folder: Path) -> None:
        """Write intents.json and intents.npz (half precision: 16 bits are plenty for weights)."""
        header = {"intents": self.intents, "temperature": self.temperature, "surface": self._surface.to_json()}
        (folder / "intents.json").write_text(json.dumps(header, ensure_ascii=False), encoding="utf-8")
        np.savez(
            folder / "intents.npz",
            grams=self._grams.astype(np.float16),
            vectors=self._vectors.astype(np.float32),
            bias=self._bias.astype(np.float32),
        )

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read what save wrote."""
        header = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
        with np.load(folder / "intents.npz", allow_pickle=False) as arrays:
            grams, vectors, bias = (arrays[name].astype(np.float32) for name in ("grams", "vectors", "bias"))
        return cls(
            header["intents"], Surface.from_json(header["surface"]), grams, vectors, bias, header["temperature"]
        )
