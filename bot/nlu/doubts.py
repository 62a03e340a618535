"""`python -m bot.nlu.doubts`: training lines that models which never saw them read otherwise; calibration.

Each line is judged by a model fitted without its fold. What it contradicts with confidence is a wrong label
or a line that people cannot tell apart either: look at it. The table below the list is what thresholds.py
was chosen from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy as np

from bot.nlu.encoder import CachedEncoder, shared_encoder
from bot.nlu.evaluate import HOW_TO
from bot.nlu.fitting import HeldOut, best_temperature, held_out
from bot.nlu.intent_model import Array, softmax
from bot.nlu.places import var_dir
from bot.nlu.training_lines import Line, read_lines

SHOWN = 100
STEPS = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8)


def doubts(lines: Sequence[Line], held: HeldOut, chances: Array) -> list[tuple[float, str, Line]]:
    """(confidence, other intent, line) for every contradicted line, most confident first."""
    best = chances.argmax(axis=1)
    found = [
        (float(chances[i, k]), held.intents[k], line)
        for i, (line, k) in enumerate(zip(lines, best, strict=True))
        if held.intents[k] != line.intent
    ]
    return sorted(found, key=lambda one: -one[0])


def table(held: HeldOut, chances: Array) -> Iterator[str]:
    """For some thresholds: the How-To lines acted on, and the share acted on wrongly."""
    right = np.array([held.intents.index(label) for label in held.labels])
    is_how_to = np.array([label in HOW_TO for label in held.labels])
    best, sure = chances.argmax(axis=1), chances.max(axis=1)
    yield f"held-out right: {(best == right).mean():.1%}, How-To {(best == right)[is_how_to].mean():.1%}"
    for high in STEPS:
        acted = sure >= high
        wrong = acted & (best != right)
        shares = f"acted {acted[is_how_to].mean():.1%}, wrongly {wrong[is_how_to].mean():.1%}"
        yield f"HIGH {high}: How-To {shares}"


def main(arguments: Sequence[str]) -> int:
    """Print the first doubts (all with an argument) and the tables."""
    lines = read_lines()
    texts = [line.text for line in lines]
    vectors = CachedEncoder(shared_encoder(), var_dir() / "cache").encode(texts)
    held = held_out(texts, vectors, [line.intent for line in lines])
    temperature = best_temperature(held)
    chances = softmax(held.scores / temperature)
    for confidence, other, line in doubts(lines, held, chances)[: None if arguments else SHOWN]:
        print(f"{confidence:.2f} {line.file}: {line.intent}, read as {other}: {line.text}")
    print(f"temperature {temperature}", *table(held, chances), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
