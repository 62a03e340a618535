"""Edges of the calendar and of the 90-day line, from edges.yml."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.dates import understand

EDGES = yaml.safe_load((Path(__file__).parent / "edges.yml").read_text(encoding="utf-8"))
CASES = [
    pytest.param(group["at"], phrase, wanted, id=f"{group['name']}: {phrase}")
    for group in EDGES
    for phrase, wanted in group["says"].items()
]


def _aware(at: Any) -> datetime:
    assert isinstance(at, datetime) and at.tzinfo is not None, "write `at` with its offset"
    return at


@pytest.mark.parametrize(("at", "phrase", "wanted"), CASES)
def test_phrase(at: Any, phrase: Any, wanted: list[Any]) -> None:
    found = understand(str(phrase), _aware(at))
    days: list[date | None] = [found.start, found.end]
    assert [found.window, *days][: len(wanted)] == wanted
    assert (found.start is None) == (found.window in ("never", "unknown"))


def test_no_phrase_stands_twice_in_a_group() -> None:
    for group in EDGES:
        phrases = [str(phrase).lower() for phrase in group["says"]]
        assert len(phrases) == len(set(phrases)), group["name"]


def test_other_regions_have_other_lines() -> None:
    at = datetime.fromisoformat("2026-11-23T09:00:00-08:00")
    assert understand("61 days ago", at, retrain_after_days=60).window == "over"
    assert understand("60 days ago", at, retrain_after_days=60).window == "within"


def test_zone_decides_the_day() -> None:
    at = datetime.fromisoformat("2026-11-23T02:30:00+00:00")
    assert understand("yesterday", at, zone="America/New_York").start == date(2026, 11, 21)
    assert understand("yesterday", at, zone="Europe/Berlin").start == date(2026, 11, 22)


def test_a_naive_reference_is_local_time() -> None:
    assert understand("yesterday", datetime(2026, 11, 23, 0, 5)).start == date(2026, 11, 22)


def test_the_words_are_handed_out_with_their_place() -> None:
    text = "My ticket is 1042 — last login: Aug. 25, I think"
    found = understand(text, datetime(2026, 11, 23, 9))
    assert found.text == "Aug. 25"
    assert text[slice(*found.span)] == found.text
    assert found.vague


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("my last login was in june", "login"),
        ("june", "unsaid"),
        ("I changed jobs in june", "other"),
        ("support reactivated me yesterday", "other"),
        ("I never logged in", "login"),
        ("i need housing tonight", "other"),
        ("i need a shelter today", "other"),
        ("my client was locked in a closet yesterday", "other"),
        ("looking for a bed for tonight", "other"),
        ("i was evicted yesterday", "other"),
        ("a client came in today", "other"),
        ("i was on leave march to september", "other"),
        ("i was out june to july", "other"),
        ("i was on leave since april and now i cant get in", "login"),
        ("out sick since april, it says inactive", "login"),
        ("my boss was on leave since may and it says inactive", "other"),
        ("locked out since tuesday", "other"),
        ("im sick of this since monday", "unsaid"),
        ("i logged in today to help a client", "login"),
        ("last time i entered a client was tuesday", "login"),
    ],
)
def test_what_the_words_speak_of(text: str, about: str) -> None:
    assert understand(text, datetime(2026, 11, 23, 9)).about == about
