"""What has no beginning, as the other rooms tell it (common.last_login), is what the grammar gives none."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.dates import understand
from common.last_login import has_beginning

ZONE = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize("day", ["2026-11-23", "2028-02-29", "2028-03-01", "2026-03-08"])
@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ("before summer", False),
        ("over a year ago", False),
        ("in March", True),
        ("sometime last year", True),
        ("yesterday", True),
    ],
)
def test_who_has_a_beginning(day: str, said: str, begins: bool) -> None:
    now = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=ZONE)
    found = understand(said, now, retrain_after_days=90, zone=ZONE)
    assert found.start is not None
    assert has_beginning(found.start, date.fromisoformat(day)) is begins
