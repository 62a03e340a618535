"""`python -m bot.nlu.doubts`: training lines that models which never saw them read otherwise; calibration.

Each line is judged by a model fitted without its fold. What it contradicts with confidence is a wrong label
or a line that people cannot tell apart either: look at it. The tables below the list are what thresholds.py
was chosen from: by threshold, by confidence, and how a style of writing fares that the model has never seen
(each file of STYLES, judged by a model without it and by models that know the rest of it).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy as np

from bot.nlu.encoder import CachedEncoder, shared_encoder
from bot.nlu.fitting import HeldOut, best_temperature, fit, held_out
from bot.nlu.intent_model import Array, softmax
from bot.nlu.intent_names import HOW_TO
from bot.nlu.places import var_dir
from bot.nlu.training_lines import Line, read_lines

SHOWN = 100
STEPS = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8)
STYLES = ("everyday.yml",)


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


def reliability(held: HeldOut, chances: Array) -> Iterator[str]:
    """By tenths of confidence: the lines, and the share that was right."""
    right = np.array([held.intents.index(label) for label in held.labels])
    best, sure = chances.argmax(axis=1), chances.max(axis=1)
    for low in range(10):
        inside = (sure >= low / 10) & (sure < (low + 1) / 10 + (low == 9))
        if inside.any():
            yield f"confidence {low / 10}: {inside.sum()} lines, right {(best == right)[inside].mean():.0%}"


def unseen(name: str, lines: Sequence[Line], vectors: Array, held: HeldOut) -> Iterator[str]:
    """How a file's How-To lines are read without the file in training, and with the rest of it."""
    inside = np.array([line.file == name for line in lines])
    asked = [i for i in np.flatnonzero(inside) if lines[i].intent in HOW_TO]
    rest = np.flatnonzero(~inside)
    model = fit([lines[i].text for i in rest], vectors[rest], [lines[i].intent for i in rest])
    without = np.mean([model.rank(lines[i].text, vectors[i])[0].intent == lines[i].intent for i in asked])
    best = held.scores[asked].argmax(axis=1)
    beside = np.mean([held.intents[k] == lines[i].intent for i, k in zip(asked, best, strict=True)])
    yield f"{name}, How-To right: {without:.1%} without the file, {beside:.1%} with the rest of it"


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
    print(f"temperature {temperature}", *table(held, chances), *reliability(held, chances), sep="\n")
    for name in STYLES:
        print(*unseen(name, lines, vectors, held), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
