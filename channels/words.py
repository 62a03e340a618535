"""words.yml, read once and checked: what the gateway says to people."""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path

from common.yaml_lines import Entry, read_mapping

WORDS_FILE = Path(__file__).with_name("words.yml")


@dataclass(frozen=True)
class Words:
    """Sections of words.yml; a missing one is a YamlError with file and line at the start."""

    errors: dict[str, str]
    masks: dict[str, str]
    page: dict[str, str]
    chat: dict[str, str]
    sorry: str


def load_words(path: Path = WORDS_FILE) -> Words:
    root = read_mapping(path)
    return Words(
        errors=_texts(root.child("errors")),
        masks=_texts(root.child("masks")),
        page=_texts(root.child("page")),
        chat=_texts(root.child("chat")),
        sorry=root.child("sorry").text(),
    )


def filled(text: str, words: dict[str, str]) -> str:
    """`{name}` replaced where the name is known; everything else stays as written."""
    parts = []
    for literal, name, _, _ in string.Formatter().parse(text):
        parts.append(literal)
        if name is not None:
            parts.append(words.get(name, f"{{{name}}}"))
    return "".join(parts)


def _texts(entry: Entry) -> dict[str, str]:
    return {name: child.text() for name, child in entry.mapping().items()}
