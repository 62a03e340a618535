"""Text as a ticket may show it: no characters that nobody sees."""

from __future__ import annotations

from typing import Any


def readable(text: str) -> str:
    """Control characters go, also those that turn the writing direction or have no width.

    Lines stay lines; other white space becomes a space.
    """
    return "\n".join(
        "".join(char if char.isprintable() else " " if char.isspace() else "" for char in line)
        for line in text.splitlines()
    )


def readable_value(value: Any) -> Any:
    """A slot's value with its texts readable."""
    if isinstance(value, str):
        return readable(value)
    return [readable_value(one) for one in value] if isinstance(value, list) else value
