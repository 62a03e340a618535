"""The result as a table for people and as JSON, with what missed its budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from scripts.programs import ROOT

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """One measurement; `ratio` is ours by what the budget compares it with."""

    name: str
    title: str
    unit: str
    ours: float
    stock: float
    ratio: float
    budget: float | None

    @property
    def holds(self) -> bool:
        return self.budget is None or self.ratio <= self.budget


def to_rows(ours: Numbers, stock: Numbers) -> list[Row]:
    """One row per entry of budgets.yml."""
    entries = yaml.safe_load((ROOT / "bench" / "budgets.yml").read_text(encoding="utf-8"))
    return [_to_row(entry, ours, stock) for entry in entries]


def _to_row(entry: Mapping[str, Any], ours: Numbers, stock: Numbers) -> Row:
    name = entry["name"]
    against = ours[entry["against"]] if "against" in entry else stock[entry.get("of_stock", name)]
    return Row(
        name,
        entry["title"],
        entry["unit"],
        ours[name],
        stock[name],
        ours[name] / against,
        entry.get("budget"),
    )


def to_text(rows: list[Row]) -> str:
    lines = [f"{'':<58} {'ours':>10} {'stock':>10} {'ratio':>6} {'budget':>7}"]
    for row in rows:
        budget = "" if row.budget is None else f"≤ {row.budget:.2f}"
        mark = "" if row.budget is None else ("ok" if row.holds else "MISSED")
        title = row.title if len(row.title) <= 58 else row.title[:57] + "…"
        number = f"{row.ours:>7.1f} {row.unit:<2} {row.stock:>7.1f} {row.unit:<2} {row.ratio:>6.2f}"
        lines.append(f"{title:<58} {number} {budget:>7} {mark}")
    return "\n".join(lines)


def to_json(rows: list[Row]) -> list[dict[str, Any]]:
    return [asdict(row) | {"holds": row.holds} for row in rows]
