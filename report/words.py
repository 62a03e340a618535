"""words.yml, read once and checked, and the ways in which numbers are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from common.yaml_lines import Entry, read_mapping

PATH = Path(__file__).with_name("words.yml")
_TWO_HOURS, _TWO_DAYS = 120, 2 * 24 * 60


@dataclass(frozen=True)
class Words:
    """Sections of words.yml; a missing one is a YamlError with file and line."""

    title: str
    rows: dict[str, str]
    figures: dict[str, str]
    came: dict[str, str]
    cases: dict[str, str]
    questions: dict[str, str]
    groups: dict[str, str]
    tables: dict[str, str]
    measures: dict[str, str]
    units: dict[str, str]

    def row(self, name: str) -> str:
        """A row's title; of one that has none here, its name in words."""
        return self.rows.get(name) or name.replace("_", " ").capitalize() or self.units["none"]

    def question(self, slot: str) -> str:
        return self.questions.get(slot) or slot.replace("_", " ").capitalize()

    def in_order(self, names: Iterable[str]) -> list[str]:
        known = list(self.rows)
        return sorted(names, key=lambda name: (known.index(name) if name in known else len(known), name))

    def number(self, value: float | None) -> str:
        return self.units["none"] if value is None else f"{round(value, 1):g}"

    def minutes(self, value: float | None) -> str:
        if value is None:
            return self.units["none"]
        if value < 1:
            return self.units["under_minute"]
        if value < _TWO_HOURS:
            return self.units["minutes"].format(n=value)
        if value < _TWO_DAYS:
            return self.units["hours"].format(n=value / 60)
        return self.units["days"].format(n=value / (24 * 60))

    def times(self, n: int, minutes: float | None, turns: float | None) -> str:
        if not n or turns is None:
            return self.units["none"]
        return self.units["times"].format(
            minutes=self.minutes(minutes), turns=self.units["turns"].format(n=turns), n=n
        )

    def share(self, part: int, whole: int) -> str:
        return self.units["share"].format(n=part, percent=100 * part / whole) if whole else str(part)


def load_words(path: Path = PATH) -> Words:
    root = read_mapping(path)
    sections = {
        name: _texts(root.child(name))
        for name in (
            "rows",
            "figures",
            "came",
            "cases",
            "questions",
            "groups",
            "tables",
            "measures",
            "units",
        )
    }
    return Words(title=root.child("title").text(), **sections)


def _texts(entry: Entry) -> dict[str, str]:
    return {name: child.text() for name, child in entry.mapping().items()}
