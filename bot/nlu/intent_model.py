"""Which intent a line has, with calibrated confidence.

Two opinions are mixed: logistic regression on the line's n-grams and sentence vector, and the training lines
nearest to it in meaning. Pure: no Rasa; predicting needs NumPy only (bot/nlu/fitting.py fits). No pickle.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.ngrams import ngrams

Array = np.ndarray[Any, Any]
NEAR = 0.03
"""How quickly a training line's say fades with its distance (cosine)."""
FLOOR = 0.002
"""What an intent without any near line keeps, so that the neighbours never veto."""
NEIGHBOURS_SAY = 0.3
"""The neighbours' part in the mix, chosen on held-out folds; the regression has the rest."""
FRONT, NEAREST = 128, 1000
"""Numbers of a line that are compared first, and lines that are then compared whole."""
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

    def knows(self, gram: str) -> bool:
        """Whether at least two training lines have it."""
        return gram in self._rarity

    def words(self, lines: int) -> list[str]:
        """Words that stand in so many training lines or more, read off their rarity."""
        rarest = max((idf for _, idf in self._rarity.values()), default=0.0)  # that of MIN_LINES lines
        most = rarest - math.log((1 + lines) / (1 + MIN_LINES)) + 1e-4
        found = (gram[2:] for gram, (_, idf) in self._rarity.items() if gram[:2] == "w:" and idf <= most)
        return [word for word in found if word.isalpha()]

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


def softmax(logits: Array) -> Array:
    """Probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    out: Array = shifted / shifted.sum(axis=-1, keepdims=True)
    return out


def mixed(logits: Array, chances: Array) -> Array:
    """Both opinions as log-chances [..., intents]: the regression's logits, the neighbours' shares."""
    linear = np.log(softmax(logits.astype(np.float64)) + 1e-9)
    out: Array = (1 - NEIGHBOURS_SAY) * linear + NEIGHBOURS_SAY * np.log(chances)
    return out


@dataclass(frozen=True)
class Neighbours:
    """The training lines' unit vectors, turned so that their first FRONT numbers say most of them.

    `basis` [384, 384] turns a vector, `front` [lines, FRONT] and `back` [lines, the rest] are turned lines,
    `numbers` [lines] their intents. All lines are compared by their front, only the likeliest whole: a fifth
    of a turn's time went into reading ten thousand vectors of which a few hundred have any say.
    """

    basis: Array
    front: Array
    back: Array
    numbers: Array

    @classmethod
    def of(cls, vectors: Array, numbers: Array) -> Neighbours:
        """From unit vectors [lines, 384]. The turn is to their principal axes; it keeps all distances."""
        _, axes = np.linalg.eigh(vectors.T.astype(np.float64) @ vectors)
        return cls.turned(axes[:, ::-1].astype(np.float32), vectors @ axes[:, ::-1], numbers)

    @classmethod
    def turned(cls, basis: Array, lines: Array, numbers: Array) -> Neighbours:
        """From lines [lines, 384] that are turned already."""
        front, back = (
            np.ascontiguousarray(part, dtype=np.float32) for part in (lines[:, :FRONT], lines[:, FRONT:])
        )
        return cls(basis, front, back, numbers)

    def chances(self, vector: Array, intents: int) -> Array:
        """Share of each intent among the nearest lines, each weighing by its closeness to `vector`."""
        turned = vector @ self.basis
        close = self.front @ turned[:FRONT]
        near = np.argpartition(close, -NEAREST)[-NEAREST:] if len(close) > NEAREST else np.arange(len(close))
        cosines = close[near] + self.back[near] @ turned[FRONT:]
        weights = np.exp((cosines - np.float32(1)) / np.float32(NEAR))
        found = np.bincount(self.numbers[near], weights=weights, minlength=intents) + 1e-12
        shares: Array = (found / found.sum() + FLOOR) / (1 + intents * FLOOR)
        return shares


@dataclass(frozen=True)
class IntentModel:
    """A fitted classifier. Thread-safe: predicting changes nothing.

    grams [columns, intents], vectors [384, intents] and bias [intents] are the regression's.
    """

    intents: list[str]
    surface: Surface
    grams: Array
    vectors: Array
    bias: Array
    neighbours: Neighbours
    temperature: float

    def scores(self, text: str, vector: Array) -> Array:
        """Mixed log-chances [intents] of one line with its unit sentence vector [384], before calibration."""
        columns, values = self.surface.row(ngrams(text))
        linear: Array = vector @ self.vectors + self.bias
        if len(columns):
            linear = linear + values @ self.grams[columns]
        return mixed(linear, self.neighbours.chances(vector, len(self.intents)))

    def rank(self, text: str, vector: Array) -> list[Ranked]:
        """All intents, most likely first; confidences sum to 1."""
        confidence = softmax(self.scores(text, vector) / self.temperature)
        order = np.argsort(-confidence, kind="stable")
        return [Ranked(self.intents[i], float(confidence[i])) for i in order]

    def save(self, folder: Path) -> None:
        """Write intents.json and intents.npz (half precision is plenty for weights)."""
        header = {"intents": self.intents, "temperature": self.temperature, "surface": self.surface.to_json()}
        (folder / "intents.json").write_text(json.dumps(header, ensure_ascii=False), encoding="utf-8")
        np.savez(
            folder / "intents.npz",
            grams=self.grams.astype(np.float16),
            vectors=self.vectors.astype(np.float32),
            bias=self.bias.astype(np.float32),
            basis=self.neighbours.basis.astype(np.float32),
            lines=np.hstack([self.neighbours.front, self.neighbours.back]).astype(np.float16),
            numbers=self.neighbours.numbers.astype(np.int16),
        )

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read what save wrote."""
        header = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
        with np.load(folder / "intents.npz", allow_pickle=False) as stored:
            grams, vectors, bias, basis, lines = (
                stored[name].astype(np.float32) for name in ("grams", "vectors", "bias", "basis", "lines")
            )
            neighbours = Neighbours.turned(basis, lines, stored["numbers"].astype(np.int64))
        surface = Surface.from_json(header["surface"])
        return cls(header["intents"], surface, grams, vectors, bias, neighbours, header["temperature"])
