"""Sentences from `words.yml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml


@cache
def _words() -> dict[str, str]:
    words: dict[str, str] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text("utf-8"))
    return words


def say(name: str, **values: object) -> str:
    """The sentence with its braces filled; an unknown name is a KeyError."""
    return _words()[name].format(**values)
