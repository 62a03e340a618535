"""When did it lock: phrases as a table, and when the account opens by itself."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot.nlu.lock_time import when_locked
from bot.nlu.lock_time_extractor import to_entity

ZONE = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
ROWS = yaml.safe_load((Path(__file__).parent / "lock_times.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "minutes"), ROWS)
def test_when_locked(text: str, minutes: float | None) -> None:
    found = when_locked(text, NOW, ZONE)
    assert (found and (NOW - found.locked_at) / timedelta(minutes=1)) == minutes


@pytest.mark.parametrize(
    ("minutes_ago", "wait", "opens_at"),
    [
        (0, "waiting", "11:00 AM"),
        (20, "waiting", "10:40 AM"),
        (59, "waiting", "10:01 AM"),
        (60, "over", "10:00 AM"),
    ],
)
def test_opens_an_hour_after_it_locked(minutes_ago: int, wait: str, opens_at: str) -> None:
    found = when_locked(f"{minutes_ago} minutes ago", NOW, ZONE)
    assert found is not None
    value = to_entity(found, NOW, 60)["value"]
    assert (value["wait"], value["opens_at"]) == (wait, opens_at)
    assert datetime.fromisoformat(value["opens"]) == NOW + timedelta(minutes=60 - minutes_ago)


@pytest.mark.parametrize(
    ("now", "locked_minutes", "opens_at"),
    [
        ("2026-11-23T23:50:00-08:00", 60, "12:30 AM on Tuesday, November 24"),
        ("2026-11-23T10:00:00-08:00", 1440, "9:40 AM on Tuesday, November 24"),
        ("2026-11-23T18:00:00+00:00", 1440, "9:40 AM on Tuesday, November 24"),
        ("2026-12-31T10:00:00-08:00", 1440, "9:40 AM on Friday, January 1, 2027"),
    ],
)
def test_another_day_is_named(now: str, locked_minutes: int, opens_at: str) -> None:
    moment = datetime.fromisoformat(now)
    found = when_locked("20 minutes ago", moment, ZONE)
    assert found is not None
    assert to_entity(found, moment, locked_minutes)["value"]["opens_at"] == opens_at


@pytest.mark.parametrize(
    ("now", "opens_at"),
    [
        ("2026-11-01T08:50:00+00:00", "1:30 AM"),  # 1:50 AM, the first of the two; an hour is still an hour
        ("2026-03-08T09:50:00+00:00", "3:30 AM"),  # 1:50 AM; 2 AM does not exist that night
    ],
)
def test_a_lock_across_the_change_of_the_clock(now: str, opens_at: str) -> None:
    moment = datetime.fromisoformat(now)
    found = when_locked("20 minutes ago", moment, ZONE)
    assert found is not None
    value = to_entity(found, moment, 60)["value"]
    assert (value["wait"], value["opens_at"]) == ("waiting", opens_at)
    assert datetime.fromisoformat(value["opens"]) == moment + timedelta(minutes=40)
