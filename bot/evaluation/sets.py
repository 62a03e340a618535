"""The evaluation sets: one file each, read as rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.nlu.training_lines import read_lines

SETS = Path("tests/nlu")
Row = dict[str, Any]


class BadSet(ValueError):
    """A row of an evaluation file that is not as expected; the message names file, line and key."""


def sets_of(kind: str, folder: Path = SETS) -> dict[str, list[Row]]:
    """Rows by set for a kind ("intents", "dates"): tests/nlu/dates_chat.jsonl is the set "chat"."""
    return {
        path.stem.removeprefix(f"{kind}_"): rows_of(path) for path in sorted(folder.glob(f"{kind}_*.jsonl"))
    }


def rows_of(path: Path) -> list[Row]:
    """The rows of one file. Raises BadSet."""
    needed = (
        ("text", "intent", "style") if path.name.startswith("intents_") else ("text", "reference", "start")
    )
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadSet(f"{path}:{number}: not JSON: {error}") from error
        missing = [key for key in needed if not isinstance(row, dict) or key not in row]
        if missing:
            raise BadSet(f"{path}:{number}: {missing[0]}: missing")
        rows.append(row)
    return rows


def training_texts(folder: Path = Path("data/nlu")) -> list[str]:
    """What the model learns from."""
    return [line.text for line in read_lines(folder)]
