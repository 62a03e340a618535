"""What time alone settles: the lock's hour (How-To row 3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bot.passing_time import read_moment, settled_by_time

OPENS = "2026-11-23T10:40:00-08:00"


@pytest.mark.parametrize(
    ("slots", "at", "settled"),
    [
        ({"lock_opens": OPENS}, "2026-11-23T10:39:59-08:00", {}),
        ({"lock_opens": OPENS}, "2026-11-23T10:40:00-08:00", {"waited": True}),
        ({"lock_opens": OPENS}, "2026-11-23T18:41:00+00:00", {"waited": True}),
        ({"lock_opens": OPENS, "waited": False}, "2026-11-24T00:00:00-08:00", {"waited": True}),
        ({"lock_opens": OPENS, "waited": True}, "2026-11-24T00:00:00-08:00", {}),
        ({"lock_opens": None}, "2026-11-24T00:00:00-08:00", {}),
        ({"lock_opens": "soon"}, "2026-11-24T00:00:00-08:00", {}),
        ({}, "2026-11-24T00:00:00-08:00", {}),
        # the hour between the two 1:30s of the night in which the clock goes back
        ({"lock_opens": "2026-11-01T01:30:00-08:00"}, "2026-11-01T01:45:00-07:00", {}),
        ({"lock_opens": "2026-11-01T01:30:00-08:00"}, "2026-11-01T01:45:00-08:00", {"waited": True}),
    ],
)
def test_the_hour_is_over_by_itself(slots: dict[str, Any], at: str, settled: dict[str, Any]) -> None:
    assert settled_by_time(slots, datetime.fromisoformat(at)) == settled


def test_without_a_moment_nothing_is_settled() -> None:
    assert settled_by_time({"lock_opens": OPENS}, None) == {}


@pytest.mark.parametrize("stamp", [None, 5, "", "10:40 AM", "2026-11-23T10:40:00"])
def test_what_is_no_moment(stamp: object) -> None:
    assert read_moment(stamp) is None
