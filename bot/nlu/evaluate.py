"""`python -m bot.nlu.evaluate`: how well the evaluation lines are understood; saves VAR_DIR/eval.json.

A line counts as acted on when the first intent's confidence is HIGH or above, as offered when it lies from
LOW to HIGH (the three likeliest are offered), else as not understood. An expected second need is right too.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from bot.nlu.intent_model import Ranked
from bot.nlu.places import var_dir
from bot.nlu.thresholds import HIGH, LOW, OFFERED
from bot.nlu.training_lines import read_lines
from bot.nlu.understanding import Understanding

LINES = Path("tests/nlu/intents_chat.jsonl")
OUT = "out_of_scope"
HOW_TO = frozenset(
    [
        "new_account",
        "account_inactive",
        "account_locked",
        "forgot_password",
        "changed_employer",
        "login_problem",
        "deactivated_again",
        "ticket_status",
        "contact_support",
    ]
)
NEAR_COPY = 0.9
WORDS = re.compile(r"[^\w]+")


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


def normalised(text: str) -> str:
    """Words only, lower case: two texts that differ in punctuation or capitals are the same line."""
    return WORDS.sub(" ", text.lower()).strip()


def near_copies(texts: Iterable[str], training: Iterable[str]) -> set[str]:
    """The texts that equal a training line but for a few characters (ratio above 0.9)."""
    known = {normalised(line) for line in training}
    found = set()
    for text in texts:
        plain = normalised(text)
        matcher = SequenceMatcher(b=plain)
        for line in known:
            if abs(len(line) - len(plain)) > 0.2 * len(plain) + 1:
                continue
            matcher.set_seq1(line)
            if line == plain or (matcher.quick_ratio() > NEAR_COPY and matcher.ratio() > NEAR_COPY):
                found.add(text)
                break
    return found


def judge(rows: Sequence[dict[str, str]], understanding: Understanding, copies: set[str]) -> list[Judged]:
    """Rank every evaluation row."""
    ranked = understanding.rank([row["text"] for row in rows])
    return [
        Judged(
            row["text"],
            frozenset(row[key] for key in ("intent", "second") if key in row),
            row["intent"],
            row["style"],
            tuple(ranking),
            row["text"] not in copies,
        )
        for row, ranking in zip(rows, ranked, strict=False)
    ]


def _share(judged: Sequence[Judged], test: str) -> float:
    return round(sum(getattr(one, test) for one in judged) / len(judged), 4) if judged else 1.0


def _reliability(judged: Sequence[Judged]) -> list[dict[str, float]]:
    bins: dict[int, list[Judged]] = defaultdict(list)
    for one in judged:
        bins[min(int(one.first.confidence * 10), 9)].append(one)
    return [
        {
            "from": low / 10,
            "lines": len(bins[low]),
            "confidence": round(sum(one.first.confidence for one in bins[low]) / len(bins[low]), 3),
            "right": _share(bins[low], "is_right"),
        }
        for low in sorted(bins)
    ]


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Everything measured, as JSON."""
    how_to = [one for one in judged if one.intent in HOW_TO]
    out = [one for one in judged if one.intent == OUT]
    taken = [one for one in judged if one.first.intent == OUT]
    by_intent, by_style = defaultdict(list), defaultdict(list)
    confusion: Counter[tuple[str, str]] = Counter()
    for one in judged:
        by_intent[one.intent].append(one)
        by_style[one.style].append(one)
        if not one.is_right:
            confusion[one.intent, one.first.intent] += 1
    new = [one for one in judged if one.is_new]
    new_how_to = [one for one in how_to if one.is_new]
    return {
        "lines": len(judged),
        "thresholds": {"high": HIGH, "low": LOW},
        "how_to_top1": _share(how_to, "is_right"),
        "how_to_right_or_offered": _share(how_to, "is_right_or_offered"),
        "confident_wrong": _share(judged, "is_confident_wrong"),
        "out_of_scope_caught": _share(out, "is_taken_as_out"),
        "out_of_scope_precision": round(sum(one.is_right for one in taken) / len(taken), 4) if taken else 1.0,
        "dialogue_top1": _share(
            [o for o in judged if o.intent not in HOW_TO and o.intent != OUT], "is_right"
        ),
        "without_near_copies": {
            "lines": len(new),
            "how_to_top1": _share(new_how_to, "is_right"),
            "how_to_right_or_offered": _share(new_how_to, "is_right_or_offered"),
            "confident_wrong": _share(new, "is_confident_wrong"),
        },
        "by_intent": {
            name: [len(ones), _share(ones, "is_right")] for name, ones in sorted(by_intent.items())
        },
        "by_style": {name: [len(ones), _share(ones, "is_right")] for name, ones in sorted(by_style.items())},
        "confusion": [[a, b, n] for (a, b), n in confusion.most_common()],
        "reliability": _reliability(judged),
    }


def evaluate(understanding: Understanding, lines: Path = LINES) -> dict[str, Any]:
    """Figures of a fitted model on an evaluation file."""
    rows = [json.loads(row) for row in lines.read_text(encoding="utf-8").splitlines() if row.strip()]
    copies = near_copies([row["text"] for row in rows], [line.text for line in read_lines()])
    return figures(judge(rows, understanding, copies))


def main(arguments: Sequence[str]) -> int:
    """Train on data/nlu, evaluate, print, save."""
    lines = Path(arguments[0]) if arguments else LINES
    found = evaluate(Understanding.trained(), lines)
    path = var_dir() / "eval.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, value in found.items():
        if isinstance(value, list):
            print(f"{name}:", *(json.dumps(item) for item in value), sep="\n  ")
        elif name.startswith("by_"):
            print(
                f"{name}:",
                *(f"{key:20} {n:4} lines {right:7.1%}" for key, (n, right) in value.items()),
                sep="\n  ",
            )
        else:
            print(f"{name}: {json.dumps(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
