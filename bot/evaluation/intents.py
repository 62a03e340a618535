"""Figures of intents: what was made of each line, by set, by intent, by style, by confidence.

A line counts as acted on when the first intent's confidence is HIGH or above, as offered when it lies from
LOW to HIGH (the three likeliest are offered), else as not understood. An expected second need, and another
intent that a careful person would accept (`also`), are right too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.evaluation.copies import near_copies
from bot.evaluation.sets import Row
from bot.nlu.intent_model import Ranked
from bot.nlu.intent_names import HOW_TO, OUT
from bot.nlu.thresholds import HIGH, LOW, OFFERED
from bot.nlu.understanding import Understanding

Figures = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """One evaluation line and what was made of it."""

    text: str
    expected: frozenset[str]
    intent: str
    style: str
    ranking: tuple[Ranked, ...]
    is_new: bool = True

    @property
    def first(self) -> Ranked:
        return self.ranking[0]

    @property
    def is_right(self) -> bool:
        return self.first.intent in self.expected

    @property
    def is_acted(self) -> bool:
        return self.first.confidence >= HIGH

    @property
    def is_confident_wrong(self) -> bool:
        return self.is_acted and not self.is_right

    @property
    def is_right_or_offered(self) -> bool:
        if self.is_acted:
            return self.is_right
        offered = self.ranking[:OFFERED] if self.first.confidence >= LOW else ()
        return any(ranked.intent in self.expected for ranked in offered)

    @property
    def is_taken_as_out(self) -> bool:
        """Answered with "I can't help with that" or "I didn't understand"."""
        return self.first.intent == OUT or self.first.confidence < LOW


def expected_of(row: Row) -> frozenset[str]:
    """All intents that are right for a row."""
    return frozenset([row["intent"], *([row["second"]] if "second" in row else []), *row.get("also", ())])


def judge(rows: Sequence[Row], understanding: Understanding, copies: Iterable[str] = ()) -> list[Judged]:
    """Rank every evaluation row."""
    known = set(copies)
    ranked = understanding.rank([row["text"] for row in rows])
    return [
        Judged(
            row["text"],
            expected_of(row),
            row["intent"],
            row["style"],
            tuple(ranking),
            row["text"] not in known,
        )
        for row, ranking in zip(rows, ranked, strict=True)
    ]


def judge_sets(
    sets: Mapping[str, Sequence[Row]], understanding: Understanding, training: Sequence[str]
) -> dict[str, list[Judged]]:
    """Every set's lines, each marked if a training line comes near it."""
    copies = near_copies({row["text"] for rows in sets.values() for row in rows}, training)
    return {name: judge(rows, understanding, copies) for name, rows in sets.items()}


def share(judged: Sequence[Judged], test: str) -> float:
    """The part of the lines for which a property holds; 1 of none."""
    return round(sum(getattr(one, test) for one in judged) / len(judged), 4) if judged else 1.0


def figures(judged: Sequence[Judged]) -> Figures:
    """Everything measured on some lines, as JSON."""
    how_to = [one for one in judged if one.intent in HOW_TO]
    out = [one for one in judged if one.intent == OUT]
    taken = [one for one in judged if one.first.intent == OUT]
    new = [one for one in judged if one.is_new]
    new_how_to = [one for one in how_to if one.is_new]
    return {
        "lines": len(judged),
        "how_to_top1": share(how_to, "is_right"),
        "how_to_right_or_offered": share(how_to, "is_right_or_offered"),
        "confident_wrong": share(judged, "is_confident_wrong"),
        "out_of_scope_caught": share(out, "is_taken_as_out"),
        "out_of_scope_precision": round(sum(one.is_right for one in taken) / len(taken), 4) if taken else 1.0,
        "dialogue_top1": share([one for one in judged if one.intent not in HOW_TO | {OUT}], "is_right"),
        "without_near_copies": {
            "lines": len(new),
            "how_to_top1": share(new_how_to, "is_right"),
            "how_to_right_or_offered": share(new_how_to, "is_right_or_offered"),
            "confident_wrong": share(new, "is_confident_wrong"),
        },
        "by_intent": _groups(judged, "intent", precision=True),
        "by_style": _groups(judged, "style"),
        "confusion": confusion(judged),
        "reliability": reliability(judged),
    }


def _groups(judged: Sequence[Judged], key: str, *, precision: bool = False) -> dict[str, Figures]:
    """Per value of `key`: lines, share right, share right or offered, and what the misses were read as."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[getattr(one, key)].append(one)
    found: dict[str, Figures] = {}
    for name, ones in sorted(groups.items()):
        missed = Counter(one.first.intent for one in ones if not one.is_right)
        found[name] = {
            "lines": len(ones),
            "right": share(ones, "is_right"),
            "right_or_offered": share(ones, "is_right_or_offered"),
            "confident_wrong": share(ones, "is_confident_wrong"),
            "read_as": dict(missed.most_common()),
        }
        if precision:
            found[name]["precision"] = share([one for one in judged if one.first.intent == name], "is_right")
    return found


def confusion(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Pairs of expected and read intents, with the lines."""
    pairs: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in judged:
        if not one.is_right:
            pairs[one.intent, one.first.intent].append(one)
    return [
        {
            "expected": expected,
            "read_as": read,
            "lines": [
                {"text": one.text, "style": one.style, "confidence": round(one.first.confidence, 2)}
                for one in ones
            ],
        }
        for (expected, read), ones in sorted(pairs.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]


def reliability(judged: Sequence[Judged]) -> list[dict[str, float]]:
    """By tenths of confidence: the lines, their mean confidence, the share that was right."""
    bins: dict[int, list[Judged]] = defaultdict(list)
    for one in judged:
        bins[min(int(one.first.confidence * 10), 9)].append(one)
    return [
        {
            "from": low / 10,
            "lines": len(bins[low]),
            "confidence": round(sum(one.first.confidence for one in bins[low]) / len(bins[low]), 3),
            "right": share(bins[low], "is_right"),
        }
        for low in sorted(bins)
    ]
