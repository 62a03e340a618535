"""How far vague words reach (data/vagueness.yml)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from bot.dates.days import Days, shift
from bot.dates.lexicon import load_table


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    return load_table("vagueness.yml")


def amount_width(word: str) -> tuple[float, float]:
    row = table()["amounts"][word]
    return float(row["from"]), float(row["to"])


def margin(kind: str, name: str, distance: int) -> int:
    """Days either side for `plain`, `approx` or `hedge` speech about a unit or a named grain."""
    row = table()[kind].get(name)
    return 0 if row is None else max(int(row["days"]), int(float(row["share"]) * abs(distance)))


def widened(days: Days, kind: str, name: str, distance: int) -> Days:
    return days.widen(margin(kind, name, distance))


def leaning(name: str) -> tuple[float, float]:
    row = table()["leaning"][name]
    return float(row["back"]), float(row["near"])


def number(*path: str) -> int:
    """A single number of the table, such as open_years/years."""
    row: Any = table()
    for key in path:
        row = row[key]
    return int(row)


def open_start(today_days: Days, end: Days) -> Days:
    """An interval without a beginning: two years back, or a year before its end if that is earlier."""
    years = number("open_years", "years")
    start = min(shift(today_days.start, -(365 * years + 1)), shift(end.start, -365))
    return Days(start, end.end)
