"""Which evaluation lines have a copy among the training lines, but for a few characters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

NEAR_COPY = 0.9
WORDS = re.compile(r"[^\w]+")


def normalised(text: str) -> str:
    """Words only, lower case: two texts that differ in punctuation or capitals are the same line."""
    return WORDS.sub(" ", text.lower()).strip()


def near_copies(texts: Iterable[str], training: Iterable[str]) -> set[str]:
    """The texts that equal a training line but for a few characters (ratio above 0.9)."""
    known = {normalised(line) for line in training}
    found = set()
    for text in texts:
        plain = normalised(text)
        matcher = SequenceMatcher(b=plain)
        for line in known:
            if abs(len(line) - len(plain)) > 0.2 * len(plain) + 1:
                continue
            matcher.set_seq1(line)
            if line == plain or (
                matcher.real_quick_ratio() > NEAR_COPY
                and matcher.quick_ratio() > NEAR_COPY
                and matcher.ratio() > NEAR_COPY
            ):
                found.add(text)
                break
    return found
