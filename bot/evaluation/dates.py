"""Figures of last-login phrases: right case, wrong case, exact days, slowest phrase, by set.

Right case: the window is one that a careful person accepts. Wrong case: a side of the retraining line was
told (within, over) that such a person would not have told. Exact: both ends within the row's tolerance, and
no days where none were meant; an end that is `null` beside another one is open and not compared.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.dates import understand
from bot.dates.answer import LastLogin
from bot.evaluation.sets import Row

Figures = dict[str, Any]
WINDOWS = {"within_90": "within", "over_90": "over", "straddles_90": "straddles", "not_a_date": "unknown"}
SIDES = ("within", "over")
TRIES = 3


@dataclass(frozen=True)
class JudgedDate:
    """One phrase and what was made of it."""

    row: Row
    found: LastLogin
    milliseconds: float

    @property
    def windows(self) -> frozenset[str]:
        return windows_of(self.row)

    @property
    def is_right(self) -> bool:
        return self.found.window in self.windows

    @property
    def is_wrong(self) -> bool:
        return self.found.window in SIDES and not self.is_right

    @property
    def is_exact(self) -> bool:
        if self.row["start"] is None and self.row["end"] is None:
            return self.is_right if "unknown" in self.windows or "never" in self.windows else True
        if self.found.start is None and self.is_right:
            return True  # "recently": nobody minds that no day was named
        wanted = [(self.row["start"], self.row["end"]), *self.row.get("alt", ())]
        return any(
            _near(self.found.start, start, self.row["tol_days"])
            and _near(self.found.end, end, self.row["tol_days"])
            for start, end in wanted
        )


def windows_of(row: Row) -> frozenset[str]:
    """The accepted windows of a row, the one meant first among equals."""
    named = [row.get("window") or row["bucket"], *row.get("also", ())]
    return frozenset(WINDOWS.get(name, name) for name in named)


def window_of(row: Row) -> str:
    """The window meant."""
    name = str(row.get("window") or row["bucket"])
    return WINDOWS.get(name, name)


def moment_of(row: Row) -> datetime:
    """When it was typed: aware, or local time."""
    return datetime.fromisoformat(row["reference"].replace("Z", "+00:00"))


def _near(found: date | None, wanted: str | None, tolerance: int) -> bool:
    if wanted is None:
        return True
    return found is not None and abs((found - date.fromisoformat(wanted)).days) <= tolerance


def timed(
    call: Callable[[], LastLogin], clock: Callable[[], float] = time.process_time
) -> tuple[LastLogin, float]:
    """The outcome, and the milliseconds of processor time of the quickest of three tries."""
    found, best = call(), float("inf")
    for _ in range(TRIES):
        started = clock()
        call()
        best = min(best, (clock() - started) * 1000)
    return found, best


def judge(rows: Sequence[Row]) -> list[JudgedDate]:
    """Understand every phrase."""
    judged = []
    for row in rows:
        text, moment = row["text"], moment_of(row)
        found, took = timed(lambda text=text, moment=moment: understand(text, moment))  # type: ignore[misc]
        judged.append(JudgedDate(row, found, took))
    return judged


def figures(judged: Sequence[JudgedDate]) -> Figures:
    """Everything measured on some phrases, as JSON."""
    slowest = max(judged, key=lambda one: one.milliseconds)
    by_window: dict[str, list[JudgedDate]] = defaultdict(list)
    for one in judged:
        by_window[window_of(one.row)].append(one)
    return {
        "lines": len(judged),
        "right_case": _share(judged, "is_right"),
        "wrong_case": _share(judged, "is_wrong"),
        "exact": _share(judged, "is_exact"),
        "slowest": {"text": slowest.row["text"], "milliseconds": round(slowest.milliseconds, 2)},
        "by_window": {
            window: {
                "lines": len(ones),
                "right": _share(ones, "is_right"),
                "exact": _share(ones, "is_exact"),
                "read_as": dict(Counter(one.found.window for one in ones if not one.is_right).most_common()),
            }
            for window, ones in sorted(by_window.items())
        },
        "missed": [_missed(one) for one in judged if not (one.is_right and one.is_exact)],
    }


def _missed(one: JudgedDate) -> Figures:
    row = one.row
    return {
        "text": row["text"],
        "reference": row["reference"],
        "wanted": [window_of(row), row["start"], row["end"]],
        "found": [one.found.as_json()[key] for key in ("window", "start", "end")],
        "what": "wrong case" if one.is_wrong else "case" if not one.is_right else "days",
    }


def _share(judged: Sequence[JudgedDate], test: str) -> float:
    return round(sum(getattr(one, test) for one in judged) / len(judged), 4) if judged else 1.0
