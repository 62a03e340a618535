"""Regression figures: no set of phrases may be understood worse than floors.json says."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.dates.understanding import to_local
from bot.evaluation.dates import figures, judge, moment_of, window_of, windows_of
from bot.evaluation.sets import sets_of

FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text(encoding="utf-8"))
SETS = sets_of("dates")
ZONE = ZoneInfo("America/Los_Angeles")


@lru_cache
def found(name: str) -> dict[str, Any]:
    return figures(judge(SETS[name]))


def test_every_set_has_its_floors() -> None:
    assert set(FLOORS) == set(SETS)
    for name, floors in FLOORS.items():
        assert set(floors) == {"right_case", "exact", "wrong_case"}, name
        assert floors["right_case"] >= 0.97 and floors["exact"] >= 0.9 and floors["wrong_case"] <= 0.005, name


@pytest.mark.parametrize("name", FLOORS)
def test_scores_do_not_fall(name: str) -> None:
    one, floors = found(name), FLOORS[name]
    assert one["right_case"] >= floors["right_case"], one["missed"]
    assert one["exact"] >= floors["exact"], one["missed"]
    assert one["wrong_case"] <= floors["wrong_case"], one["missed"]


@pytest.mark.parametrize("name", SETS)
def test_sets_are_sound(name: str) -> None:
    """No row twice; days and window agree."""
    twice = Counter((row["text"], row["reference"]) for row in SETS[name])
    assert [key for key, count in twice.items() if count > 1] == []
    for row in SETS[name]:
        if row["start"] is None and row["end"] is None:
            assert windows_of(row) & {"never", "unknown", "future"}, row
            continue
        today = to_local(moment_of(row), ZONE).date()
        start = date.fromisoformat(row["start"]) if row["start"] else date.min
        end = date.fromisoformat(row["end"]) if row["end"] else today
        cutoff = today - timedelta(days=90)
        side = "within" if start >= cutoff else "over" if end < cutoff else "straddles"
        assert start <= end and (start > today or end <= today), row
        if row["tol_days"] == 0 or window_of(row) != "straddles":
            # a vague answer near the line may be meant to be asked about
            assert ("future" if start > today else side) in windows_of(row), row


@pytest.mark.parametrize("name", ["chat", "blind"])
def test_typed_answers_are_many_and_varied(name: str) -> None:
    rows = SETS[name]
    assert len(rows) >= 200
    assert len({row["style"] for row in rows}) >= 8
    assert {window_of(row) for row in rows} >= {"within", "over", "straddles", "never", "unknown", "future"}


def test_the_blind_answers_come_from_all_over_the_calendar() -> None:
    days = [to_local(moment_of(row), ZONE).date() for row in SETS["blind"]]
    assert len({day.month for day in days}) >= 11
    assert {date(2026, 3, 8), date(2026, 11, 1), date(2028, 2, 29)} <= set(days)
    assert sum(row["reference"].endswith("Z") for row in SETS["blind"]) >= 20


def test_public_facts_name_their_source_and_licence() -> None:
    for row in SETS["public"]:
        assert row["source"].split("/")[0] in ("Recognizers-Text", "duckling", "dateparser")
        assert row["licence"] in ("MIT", "BSD-3-Clause")
