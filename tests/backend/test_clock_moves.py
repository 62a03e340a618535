"""Where the clock page's buttons lead, on ordinary days and when daylight saving changes."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from backend.console.clock_moves import MOVES
from common.policy import Policy

LOS_ANGELES = ZoneInfo("America/Los_Angeles")

TABLE = [
    ("hour", "2026-11-23 10:00", "2026-11-23 11:00"),
    ("hour", "2026-11-23 23:30", "2026-11-24 00:30"),
    ("hour", "2026-03-08 01:30", "2026-03-08 03:30"),
    ("last_minute", "2026-11-23 10:00", "2026-11-23 23:59"),
    ("last_minute", "2026-11-23 23:59", "2026-11-24 23:59"),
    ("last_minute", "2026-11-01 00:30", "2026-11-01 23:59"),
    ("midnight", "2026-11-23 10:00", "2026-11-24 00:01"),
    ("midnight", "2026-11-23 23:59", "2026-11-24 00:01"),
    ("midnight", "2026-11-24 00:01", "2026-11-25 00:01"),
    ("midnight", "2026-12-31 23:59", "2027-01-01 00:01"),
    ("day", "2026-11-23 10:00", "2026-11-24 10:00"),
    ("day", "2026-10-31 10:00", "2026-11-01 10:00"),
    ("day", "2026-03-07 10:00", "2026-03-08 10:00"),
    ("day", "2028-02-28 10:00", "2028-02-29 10:00"),
]


@pytest.mark.parametrize(("move", "now", "then"), TABLE)
def test_move(move: str, now: str, then: str, policy: Policy) -> None:
    moment, expected = (
        datetime.fromisoformat(text).replace(tzinfo=LOS_ANGELES).astimezone(UTC) for text in (now, then)
    )
    assert MOVES[move](moment, policy) == expected
