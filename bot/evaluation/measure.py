"""Measure everything once: all sets of intents, all sets of dates, and the slowest of the hostile texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.dates import understand
from bot.evaluation import dates, intents
from bot.evaluation.hostile import hostile_texts
from bot.evaluation.sets import SETS, sets_of, training_texts
from bot.nlu.thresholds import HIGH, LOW
from bot.nlu.understanding import Understanding

Figures = dict[str, Any]
NOW = datetime(2026, 11, 23, 9)


def measure(understanding: Understanding, folder: Path = SETS) -> Figures:
    """All figures as JSON: `intents` and `dates` by set ("all" is all of them), `hostile`, `thresholds`."""
    return {
        "thresholds": {"high": HIGH, "low": LOW},
        "intents": intent_figures(understanding, folder),
        "dates": date_figures(folder),
        "hostile": slowest(hostile_texts()),
    }


def intent_figures(understanding: Understanding, folder: Path = SETS) -> Figures:
    """By set, and of all sets together."""
    judged = intents.judge_sets(sets_of("intents", folder), understanding, training_texts())
    together = [one for ones in judged.values() for one in ones]
    return {name: intents.figures(ones) for name, ones in {**judged, "all": together}.items()}


def date_figures(folder: Path = SETS) -> Figures:
    """By set, and of all sets together."""
    judged = {name: dates.judge(rows) for name, rows in sets_of("dates", folder).items()}
    together = [one for ones in judged.values() for one in ones]
    return {name: dates.figures(ones) for name, ones in {**judged, "all": together}.items()}


def slowest(texts: Sequence[str]) -> Figures:
    """The text that took the grammar longest, and how many were read."""
    times = []
    for text in texts:
        _, took = dates.timed(lambda text=text: understand(text, NOW))  # type: ignore[misc]
        times.append((took, text))
    took, text = max(times)
    return {"texts": len(texts), "text": text, "milliseconds": round(took, 2)}
