"""2,000 texts that nobody means well with: no exception, an answer that makes sense, and bounded work.

The work is counted, not timed: rules tried, tokens. `make eval` prints the slowest in milliseconds.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime
from unicodedata import bidirectional, category, combining
from zoneinfo import ZoneInfo

import pytest

from bot.dates.parse import MAX_STEPS, Parse
from bot.dates.tokens import MAX_TOKENS
from bot.dates.understanding import conclude, to_local
from bot.evaluation.hostile import COUNT, LONGEST, hostile_texts

TEXTS = hostile_texts()
BATCH = 250
RULES_A_TOKEN = 40
ZONE = ZoneInfo("America/Los_Angeles")
MOMENTS = [
    datetime.fromisoformat(stamp)
    for stamp in (
        "2026-11-23T09:00:00-08:00",
        "2026-03-09T06:30:00+00:00",
        "2026-11-01T09:30:00+00:00",
        "2028-02-29T23:59:59",
    )
]


def test_they_are_2000_and_always_the_same() -> None:
    assert len(TEXTS) == COUNT == 2000
    assert max(map(len, TEXTS)) == LONGEST == 500
    assert len(set(TEXTS)) > 1900
    again = hashlib.sha256("\0".join(hostile_texts()).encode("utf-8", "surrogatepass")).hexdigest()
    assert again == hashlib.sha256("\0".join(TEXTS).encode("utf-8", "surrogatepass")).hexdigest()


def test_they_are_of_every_kind() -> None:
    kinds = Counter[str]()
    for text in TEXTS:
        kinds["digits"] += text.isascii() and text.isdigit() and len(text) == LONGEST
        kinds["long word"] += text.isascii() and text.isalpha() and len(text) == LONGEST
        kinds["null"] += "\0" in text
        kinds["right to left"] += any(bidirectional(character) in ("R", "AL", "RLO") for character in text)
        kinds["emoji"] += any(ord(character) >= 0x1F300 for character in text)
        kinds["combining"] += any(map(combining, text))
        kinds["surrogate"] += any(category(character) == "Cs" for character in text)
        kinds["nested"] += text.count("the end of") > 3 or text.count("before") > 3
    assert all(kinds[kind] >= 10 for kind in kinds), kinds


@pytest.mark.parametrize("first", range(0, COUNT, BATCH))
def test_each_gets_an_answer_for_work_that_grows_with_its_length_alone(first: int) -> None:
    for number, text in enumerate(TEXTS[first : first + BATCH], first):
        parse = Parse(text, to_local(MOMENTS[number % len(MOMENTS)], ZONE), ZONE)
        found = conclude(parse, text, 90)
        assert (found.start is None) == (found.window in ("never", "unknown"))
        assert found.start is None or found.end is None or found.start <= found.end
        assert text[slice(*found.span)] == found.text
        assert len(parse.tokens) <= MAX_TOKENS
        assert parse.steps <= min(MAX_STEPS, RULES_A_TOKEN * (len(parse.tokens) + 1))
        assert len(parse.memory) <= RULES_A_TOKEN * (len(parse.tokens) + 1)
