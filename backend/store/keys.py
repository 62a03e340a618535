"""How names that people type are compared."""

from __future__ import annotations

from unicodedata import normalize


def key_of(text: str) -> str:
    """A user name or an e-mail address without case and without surrounding space."""
    return normalize("NFC", text.strip()).casefold()
