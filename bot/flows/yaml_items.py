"""YAML with the line of every value, and a report that gathers errors instead of stopping at the first.

Plain words follow YAML 1.2, as Rasa reads flows: only `true`/`false` are booleans (`yes` and `on` are
texts), and dates stay texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from bot.flows.errors import FlowError

MAX_DEPTH = 40
_INT = re.compile(r"[-+]?[0-9]+$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}


class Report:
    """The errors found so far."""

    def __init__(self) -> None:
        self.errors: list[FlowError] = []

    def add(self, file: str, line: int, key: str, message: str) -> None:
        self.errors.append(FlowError(file, line, key, message))


@dataclass(frozen=True)
class Item:
    """One YAML value: where it is, and under which dotted key."""

    node: yaml.Node
    file: str
    key: str
    report: Report
    at: int = 0

    @property
    def line(self) -> int:
        return self.at or int(self.node.start_mark.line) + 1

    def error(self, message: str) -> None:
        self.report.add(self.file, self.line, self.key, message)

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_map(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)

    def items(self) -> list[Item]:
        """The entries of a list; an error and nothing for anything else."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.error("expected a list")
            return []
        return [
            Item(node, self.file, f"{self.key}[{n}]", self.report) for n, node in enumerate(self.node.value)
        ]

    def mapping(self) -> dict[str, Item]:
        """The values of a map; an error for anything else, and for keys given twice."""
        if not isinstance(self.node, yaml.MappingNode):
            self.error("expected keys with values")
            return {}
        found: dict[str, Item] = {}
        for key_node, value_node in self.node.value:
            name = str(getattr(key_node, "value", ""))
            key = f"{self.key}.{name}" if self.key else name
            item = Item(value_node, self.file, key, self.report, int(key_node.start_mark.line) + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                item.error("expected a plain word as key")
            elif name in found:
                item.error("given twice")
            else:
                found[name] = item
        return found

    def value(self) -> Any:
        """The value as plain Python data."""
        return _plain(self.node)

    def text(self) -> str:
        """A text that is not empty; numbers and booleans must be quoted."""
        value = self.value()
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.error("expected text" + ("" if value is None else " (put it in quotes)"))
        return ""

    def flag(self, default: bool) -> bool:
        """true or false."""
        value = self.value()
        if isinstance(value, bool):
            return value
        self.error("expected true or false")
        return default


def read(text: str, file: str, report: Report) -> Item | None:
    """The file's top value; None (with an error) when the text is not YAML or empty."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        report.add(file, mark.line + 1 if mark else 1, "yaml", error.problem or "not YAML")
        return None
    except yaml.YAMLError as error:
        report.add(file, 1, "yaml", f"not YAML: {str(error).splitlines()[0]}")
        return None
    if node is None:
        report.add(file, 1, "flows", "missing; the file is empty")
        return None
    if _depth(node) > MAX_DEPTH:
        report.add(file, 1, "yaml", f"nested deeper than {MAX_DEPTH} levels")
        return None
    return Item(node, file, "", report)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair


def _depth(node: yaml.Node, level: int = 1) -> int:
    """How deep it is nested, not deeper than one past the limit (an alias may hold itself)."""
    if level > MAX_DEPTH:
        return level
    return max((_depth(child, level + 1) for child in _children(node)), default=level)


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child) for child in node.value]
    if isinstance(node, yaml.MappingNode):
        return {str(_plain(key)): _plain(value) for key, value in node.value}
    text = str(node.value)
    if getattr(node, "style", None) in ("'", '"', "|", ">"):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text
