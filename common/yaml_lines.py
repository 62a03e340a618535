"""YAML read with the line of every entry, so that an error can say where it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class YamlError(Exception):
    """Message: `file:line: key: what was expected`."""


@dataclass(frozen=True)
class Entry:
    """One value of a mapping with its place; `key` is dotted from the top of the file."""

    path: Path
    line: int
    key: str
    value: Any

    def error(self, message: str) -> YamlError:
        place = f"{self.path}:{self.line}"
        return YamlError(f"{place}: {self.key}: {message}" if self.key else f"{place}: {message}")

    def child(self, name: str) -> Entry:
        children = self.mapping()
        if name not in children:
            missing = f"{self.key}.{name}" if self.key else name
            raise YamlError(f"{self.path}:{self.line}: {missing}: missing")
        return children[name]

    def only(self, names: set[str]) -> None:
        """Refuse keys that nobody would read."""
        for name, entry in self.mapping().items():
            if name not in names:
                raise entry.error(f"unknown key; expected one of {', '.join(sorted(names))}")

    def mapping(self) -> dict[str, Entry]:
        if not isinstance(self.value, dict):
            raise self.error("expected keys with values below it")
        return self.value

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.error("expected text (put numbers in quotes)")
        return self.value.strip()

    def integer(self, low: int, high: int) -> int:
        wrong_type = isinstance(self.value, bool) or not isinstance(self.value, int)
        if wrong_type or not low <= self.value <= high:
            raise self.error(f"expected a whole number from {low} to {high}")
        return int(self.value)

    def number(self, low: float, high: float) -> float:
        wrong_type = isinstance(self.value, bool) or not isinstance(self.value, (int, float))
        if wrong_type or not low <= self.value <= high:
            raise self.error(f"expected a number from {low:g} to {high:g}")
        return float(self.value)


def read_mapping(path: Path) -> Entry:
    """The file's top-level mapping; nested mappings are dicts of Entry, other values plain."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise YamlError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise YamlError(f"{path}: cannot be read ({error})") from error
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise YamlError(f"{path}:1: the file is empty")
        root = _to_entry(loader, path, "", 1, node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(f"{path}:{mark.line + 1 if mark else 1}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise YamlError(f"{path}: not YAML ({error})") from error
    finally:
        loader.dispose()
    root.mapping()
    return root


def _to_entry(loader: yaml.SafeLoader, path: Path, key: str, line: int, node: yaml.Node) -> Entry:
    if not isinstance(node, yaml.MappingNode):
        return Entry(path, line, key, loader.construct_object(node, deep=True))
    children: dict[str, Entry] = {}
    for key_node, value_node in node.value:
        name = str(loader.construct_object(key_node))
        dotted = f"{key}.{name}" if key else name
        at = key_node.start_mark.line + 1
        if name in children:
            raise YamlError(f"{path}:{at}: {dotted}: given twice")
        children[name] = _to_entry(loader, path, dotted, at, value_node)
    return Entry(path, line, key, children)
