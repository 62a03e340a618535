"""Who may be reactivated without Support: How-To row 2 as a table."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from actions.accounts import Account, Training
from actions.reactivation import AGAIN, contradicting_login, end_of, last_day, may_lift, reminder_at
from tests.support.actions_tools import region

AT = datetime(2026, 11, 23, 18, tzinfo=UTC)
POLICY = region()


def account(
    days: float | None, reason: str | None = "noLogin", state: str = "inactive", retake: float | None = None
) -> Account:
    """`days`: how long ago the last login was; `retake`: how long ago the course was completed."""
    courses = () if retake is None else (Training("retake", AT - timedelta(days=retake)),)
    login = None if days is None else AT - timedelta(days=days)
    return Account(
        "u1", "jo", ("jo@agency.org",), state, last_login=login, disabled_reason=reason, trainings=courses
    )


@pytest.mark.parametrize(
    ("case", "one", "allowed"),
    [
        ("1", account(40), True),
        ("1", account(89), True),
        ("1", account(90), True),  # exactly 90 days is Case 1
        ("1", account(91), False),
        ("1", account(40, "midnight"), True),
        ("1", account(200, "midnight"), False),
        ("1", account(12, "administrator"), False),
        ("1", account(None, "neverUsed"), False),
        ("1", account(40, None), False),  # a plain SCIM server cannot say why
        ("1", account(3, None, "locked"), False),
        ("1", account(None, None, "pending"), False),
        ("1", account(3, None, "active"), False),
        ("2", account(200), False),
        ("2", account(200, retake=2), True),
        ("2", account(200, retake=300), False),  # an older RETAKE does not count
        ("2", account(200, "administrator", retake=2), False),
        (AGAIN, account(200, "midnight"), True),
        (AGAIN, account(40), True),
        (AGAIN, account(200), False),
        (AGAIN, account(12, "administrator"), False),
        ("never", account(40), False),
        ("unknown", account(40), False),
        (None, account(40), False),
    ],
)
def test_may_lift(case: str | None, one: Account, allowed: bool) -> None:
    assert may_lift(case, one, AT, POLICY) is allowed


def test_a_reactivation_that_still_holds_may_be_repeated() -> None:
    held = Account(
        "u1",
        "jo",
        (),
        "active",
        AT - timedelta(days=40),
        None,
        AT - timedelta(hours=1),
        AT + timedelta(hours=5),
    )
    assert may_lift("1", held, AT, POLICY)
    assert not may_lift("1", held, AT + timedelta(hours=6), POLICY)


@pytest.mark.parametrize(
    ("case", "days", "recorded"),
    [
        ("1", 90, None),
        ("1", 91, date(2026, 8, 24)),
        ("2", 91, None),
        ("2", 40, date(2026, 10, 14)),
        ("never", 40, None),
    ],
)
def test_contradiction(case: str, days: int, recorded: date | None) -> None:
    assert contradicting_login(case, account(days), AT, POLICY) == recorded


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2026-11-23", "2026-11-24T08:00:00+00:00"),
        ("2026-11-01", "2026-11-02T08:00:00+00:00"),
        ("2026-10-31", "2026-11-01T07:00:00+00:00"),
        ("2026-03-08", "2026-03-09T07:00:00+00:00"),
        ("2026-03-07", "2026-03-08T08:00:00+00:00"),
    ],
)
def test_end_of_day(day: str, end: str) -> None:
    assert end_of(date.fromisoformat(day), POLICY).isoformat() == end


def test_last_day_is_the_day_that_the_midnight_ends() -> None:
    held = Account("u1", "jo", (), "active", log_in_by=datetime(2026, 11, 24, 8, tzinfo=UTC))
    assert last_day(held, AT, POLICY) == date(2026, 11, 23)
    assert last_day(account(40), datetime(2026, 11, 24, 7, 59, tzinfo=UTC), POLICY) == date(2026, 11, 23)


def test_reminder_is_never_in_the_past() -> None:
    late = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    assert reminder_at(date(2026, 11, 23), late, POLICY) == datetime(2026, 11, 24, 7, 45, tzinfo=UTC)
