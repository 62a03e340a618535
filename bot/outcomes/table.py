"""Reads table.yml: which flows, responses, results and events count as what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from common.yaml_lines import Entry, YamlError, read_mapping

PATH = Path(__file__).with_name("table.yml")
SAID = ("in", "advised", "told", "human", "stopped", "missed", "nothing")
MEANINGS = ("ticket", "kept", "again", "again_kept", "in", "human")


class TableError(Exception):
    """The table cannot be used, or does not fit the flows; one `file:line: key: message` per line."""


@dataclass(frozen=True)
class Table:
    """`rows`: flow → row. `says`: response → meanings. `results`: slot → value → meaning.

    `events`: intent → meaning.
    """

    rows: Mapping[str, str]
    human_flows: frozenset[str]
    says: Mapping[str, tuple[str, ...]]
    results: Mapping[str, Mapping[str, str]]
    events: Mapping[str, str]


@lru_cache(maxsize=8)
def load_table(path: Path = PATH) -> Table:
    """Raises TableError."""
    try:
        return _to_table(read_mapping(path))
    except YamlError as error:
        raise TableError(str(error)) from error


def _to_table(root: Entry) -> Table:
    root.only({"rows", "human_flows", "says", "results", "events"})
    root.child("says").only(set(SAID))
    says: dict[str, tuple[str, ...]] = {}
    for meaning, entry in root.child("says").mapping().items():
        for name in _names(entry):
            says[name] = (*says.get(name, ()), meaning)
    results = root.child("results").mapping().items()
    return Table(
        rows={flow: entry.text() for flow, entry in root.child("rows").mapping().items()},
        human_flows=frozenset(_names(root.child("human_flows"))),
        says=says,
        results={slot: _meanings(entry) for slot, entry in results},
        events=_meanings(root.child("events")),
    )


def _names(entry: Entry) -> list[str]:
    names = entry.value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise entry.error("expected a list of names")
    return names


def _meanings(entry: Entry) -> dict[str, str]:
    for child in entry.mapping().values():
        if child.value not in MEANINGS:
            raise child.error(f"expected one of {', '.join(MEANINGS)}")
    return {name: child.text() for name, child in entry.mapping().items()}
