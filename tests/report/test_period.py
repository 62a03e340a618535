"""Which days a report is about."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from report.period import Period, PeriodError, to_period

TODAY = date(2026, 11, 23)
SINCE = (date(2026, 11, 3), date(2026, 11, 20))


@pytest.mark.parametrize(
    ("start", "end", "recorded", "first", "last", "counted"),
    [
        ("", "", SINCE, "2026-11-03", "2026-11-23", 21),
        ("", "", None, "2026-11-23", "2026-11-23", 0),
        ("2026-11-01", "2026-11-30", SINCE, "2026-11-01", "2026-11-30", 21),
        ("2026-11-10", "2026-11-12", SINCE, "2026-11-10", "2026-11-12", 3),
        (" 2026-11-10 ", "", SINCE, "2026-11-10", "2026-11-23", 14),
        ("", "2026-11-10", SINCE, "2026-11-03", "2026-11-10", 8),
        # before anything was counted
        ("", "2026-10-10", SINCE, "2026-10-10", "2026-10-10", 0),
        ("2026-10-01", "2026-10-31", SINCE, "2026-10-01", "2026-10-31", 0),
        ("2026-11-01", "2026-11-30", None, "2026-11-01", "2026-11-30", 0),
        # a clock that was moved forth and back
        ("", "", (date(2026, 11, 20), date(2026, 12, 1)), "2026-11-20", "2026-12-01", 12),
        ("", "", (date(2026, 12, 1), date(2026, 12, 1)), "2026-12-01", "2026-12-01", 1),
    ],
)
def test_from_to(
    start: str, end: str, recorded: tuple[date, date] | None, first: str, last: str, counted: int
) -> None:
    period = to_period(start, end, recorded=recorded, today=TODAY)
    assert period == Period(date.fromisoformat(first), date.fromisoformat(last), counted)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("yesterday", "", "FROM is 'yesterday'; expected a day such as 2026-11-30"),
        ("2026-11-31", "", "FROM is '2026-11-31'"),
        ("", "11/30/2026", "TO is '11/30/2026'"),
        ("2026-11-30", "2026-11-01", "FROM is 2026-11-30, which is after 2026-11-01"),
        ("2026-12-24", "", "FROM is 2026-12-24, which is after 2026-11-23"),
    ],
)
def test_what_is_no_period(start: str, end: str, message: str) -> None:
    with pytest.raises(PeriodError) as caught:
        to_period(start, end, recorded=SINCE, today=TODAY)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("first", "last", "bins", "second"),
    [
        ("2026-11-23", "2026-11-23", 1, None),
        ("2026-11-01", "2026-11-30", 30, ("2026-11-02", "2026-11-02")),
        # weeks end on Sundays, months on their last day; the ends are cut off
        ("2026-10-01", "2026-12-31", 14, ("2026-10-05", "2026-10-11")),
        ("2026-01-15", "2027-12-15", 24, ("2026-02-01", "2026-02-28")),
    ],
)
def test_stretches_to_draw(first: str, last: str, bins: int, second: tuple[str, str] | None) -> None:
    period = Period(date.fromisoformat(first), date.fromisoformat(last), 1)
    made = list(period.bins())
    assert len(made) == bins
    assert (made[0][0], made[-1][1]) == (period.first, period.last)
    assert all(one[0] <= one[1] < other[0] for one, other in itertools.pairwise(made))
    days = sum((end - start).days + 1 for start, end in made)
    assert days == (period.last - period.first).days + 1
    if second:
        assert tuple(day.isoformat() for day in made[1]) == second
