"""Score the date grammar on a table of phrases: right side of the line, exact days, wrong side."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bot.dates import understand

NLU = Path(__file__).resolve().parent.parent / "nlu"
_BUCKETS = {"within_90": "within", "over_90": "over", "straddles_90": "straddles"}


@dataclass(frozen=True)
class Score:
    """Shares of all rows, and the rows that missed."""

    right: float
    exact: float
    wrong: float
    missed: tuple[str, ...]


def rows(name: str) -> list[dict[str, Any]]:
    with (NLU / name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def window_of(row: dict[str, Any]) -> str:
    return str(row.get("window") or _BUCKETS[row["bucket"]])


def score(table: list[dict[str, Any]]) -> Score:
    right = exact = wrong = 0
    missed = []
    for row in table:
        found = understand(row["text"], datetime.fromisoformat(row["reference"]))
        wanted = window_of(row)
        near = _near(found.start, row["start"], row["tol_days"]) and _near(
            found.end, row["end"], row["tol_days"]
        )
        right += found.window == wanted
        wrong += {found.window, wanted} == {"within", "over"}
        exact += near
        if found.window != wanted or not near:
            missed.append(f"{row['text']!r}: {found.window} {found.start} {found.end}, wanted {wanted}")
    count = len(table)
    return Score(right / count, exact / count, wrong / count, tuple(missed))


def _near(found: date | None, wanted: str | None, tolerance: int) -> bool:
    if found is None or wanted is None:
        return found is None and wanted is None
    return abs((found - date.fromisoformat(wanted)).days) <= tolerance
