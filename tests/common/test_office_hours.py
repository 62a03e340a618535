from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from common.policy import PolicyError, load_policy

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "policy.yml").read_text(encoding="utf-8")
HOURS = '  days: [monday, tuesday, wednesday, thursday, friday]\n  from: "08:30"\n  to: "16:30"\n'


@pytest.mark.parametrize(
    ("moment", "answered"),
    [
        # Monday, November 23, 2026, Pacific Standard Time
        ("2026-11-23T08:29:59-08:00", False),
        ("2026-11-23T08:30:00-08:00", True),
        ("2026-11-23T16:29:59-08:00", True),
        ("2026-11-23T16:30:00-08:00", False),
        # the same wall clock is another moment in summer
        ("2026-07-06T15:29:00+00:00", False),
        ("2026-07-06T15:30:00+00:00", True),
        # Friday in Los Angeles is Saturday in UTC
        ("2026-11-28T00:29:00+00:00", True),
        ("2026-11-28T18:00:00+00:00", False),
        ("2026-11-29T18:00:00+00:00", False),
    ],
)
def test_the_shipped_hours(moment: str, answered: bool) -> None:
    policy = load_policy(ROOT / "policy.yml")
    assert policy.in_office_hours(datetime.fromisoformat(moment)) is answered


def with_hours(folder: Path, hours: str) -> Path:
    assert HOURS in TEXT
    path = folder / "policy.yml"
    path.write_text(TEXT.replace(HOURS, hours), encoding="utf-8")
    return path


def test_round_the_clock(tmp_path: Path) -> None:
    days = "sunday, saturday, monday, tuesday, wednesday, thursday, friday"
    hours = f'  days: [{days}]\n  from: "00:00"\n  to: "24:00"\n'
    policy = load_policy(with_hours(tmp_path, hours))
    assert policy.in_office_hours(datetime.fromisoformat("2026-11-28T23:59:59-08:00"))
    assert policy.office_hours.to_json() == {
        "days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        "from": "00:00",
        "to": "24:00",
    }


@pytest.mark.parametrize(
    ("hours", "line", "message"),
    [
        ("  days: []\n  from: '08:30'\n  to: '16:30'\n", 1, "days: expected a list of days"),
        ("  days: monday\n  from: '08:30'\n  to: '16:30'\n", 1, "days: expected a list of days"),
        ("  days: [Monday]\n  from: '08:30'\n  to: '16:30'\n", 1, "days: expected a list of days"),
        ("  days: [[monday]]\n  from: '08:30'\n  to: '16:30'\n", 1, "days: expected a list of days"),
        ("  days: [monday, monday]\n  from: '08:30'\n  to: '16:30'\n", 1, "days: a day is given twice"),
        ("  days: [monday]\n  from: '8:30'\n  to: '16:30'\n", 2, "from: expected a time in quotes"),
        ("  days: [monday]\n  from: '08:30'\n  to: 16:30\n", 3, "to: expected a time in quotes"),
        ("  days: [monday]\n  from: '08:30'\n  to: '24:01'\n", 3, "to: expected a time in quotes"),
        ("  days: [monday]\n  from: '16:30'\n  to: '08:30'\n", 3, "to: expected a time after 16:30"),
        ("  days: [monday]\n  from: '08:30'\n  till: '16:30'\n", 3, "till: unknown key"),
        ("  days: [monday]\n  from: '08:30'\n", 0, "to: missing"),
        ("  always\n", 0, "expected keys"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, hours: str, line: int, message: str) -> None:
    path = with_hours(tmp_path, hours)
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    first = TEXT.splitlines().index("office_hours:") + 1
    assert str(caught.value).startswith(f"{path}:{first + line}: office_hours")
    assert message in str(caught.value)
