"""Read the training lines of data/nlu/*.yml without Rasa: (text, intent, file)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml


class Line(NamedTuple):
    """One training line."""

    text: str
    intent: str
    file: str


def read_lines(folder: Path = Path("data/nlu")) -> list[Line]:
    """Every line of every intent, files in name order."""
    lines: list[Line] = []
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for row in block["examples"].splitlines():
                if row.strip():
                    lines.append(Line(row.strip().removeprefix("- ").strip(), block["intent"], path.name))
    return lines
