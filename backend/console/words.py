"""The console's words for things that code names: states, rows, cases, notices (`words.yml`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def all_words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text("utf-8"))
    return words


def say(path: str, **values: object) -> str:
    """The sentence at a dotted path, its braces filled. An unknown path is a KeyError."""
    found: Any = all_words()
    for part in path.split("."):
        found = found[part]
    return str(found).format(**values)


def label(group: str, name: str | None) -> str:
    """A short label; what has none is shown by its own name, since rows belong to the region."""
    if not name:
        return ""
    known = all_words()[group].get(name)
    return str(known) if known else name.replace("_", " ").capitalize()
