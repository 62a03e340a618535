"""Regression figures: both tables of phrases, against the targets of docs/understanding-dates.md."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from tests.support.date_scores import rows, score, window_of

TABLES = {"dates_chat.jsonl": (0.99, 0.98), "dates_public.jsonl": (0.99, 0.97)}


@pytest.mark.parametrize("name", TABLES)
def test_scores_do_not_fall(name: str) -> None:
    right, exact = TABLES[name]
    result = score(rows(name))
    assert result.right >= right, result.missed
    assert result.exact >= exact, result.missed
    assert result.wrong <= 0.005, result.missed


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_sound(name: str) -> None:
    table = rows(name)
    twice = [
        key for key, count in Counter((row["text"], row["reference"]) for row in table).items() if count > 1
    ]
    assert not twice
    for row in table:
        if row["start"] is None:
            assert window_of(row) in ("never", "unknown"), row
            continue
        start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
        today = datetime.fromisoformat(row["reference"]).date()
        cutoff = today - timedelta(days=90)
        side = "within" if start >= cutoff else "over" if end < cutoff else "straddles"
        assert window_of(row) == ("future" if start > today else side), row


def test_chat_answers_are_many_and_varied() -> None:
    table = rows("dates_chat.jsonl")
    assert len(table) >= 170
    assert len({row["style"] for row in table}) >= 8
    assert {window_of(row) for row in table} >= {"within", "over", "straddles", "never", "unknown", "future"}


def test_public_facts_name_their_source_and_licence() -> None:
    for row in rows("dates_public.jsonl"):
        assert row["source"].split("/")[0] in ("Recognizers-Text", "duckling", "dateparser")
        assert row["licence"] in ("MIT", "BSD-3-Clause")
