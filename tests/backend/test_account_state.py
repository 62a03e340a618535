"""Account states as a table: timestamps and a moment in, state and reason out (Los Angeles wall clock)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.state import DisabledReason, State, Status, Timestamps, needs_retraining, status_of
from common.policy import Policy

LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def la(text: str, *, fold: int = 0) -> datetime:
    """`2026-11-23 10:00` on the wall clock; `fold=1` is the second 01:30 of the night when DST ends."""
    return datetime.fromisoformat(text).replace(tzinfo=LOS_ANGELES, fold=fold).astimezone(UTC)


def times(**moments: str) -> Timestamps:
    found = {name: la(text) for name, text in moments.items()}
    return Timestamps(**{"created_at": la("2025-01-01 09:00"), **found})


# name, timestamps, now, expected state, expected reason
STATES = [
    ("logged in today", times(last_login="2026-11-23 08:00"), "2026-11-23 10:00", "active", None),
    ("30 days ago", times(last_login="2026-10-24 23:59"), "2026-11-23 10:00", "active", None),
    ("30 days ago, last minute", times(last_login="2026-10-24 00:01"), "2026-11-23 23:59", "active", None),
    ("31 days ago", times(last_login="2026-10-23 23:59"), "2026-11-23 00:00", "inactive", "noLogin"),
    ("40 days ago", times(last_login="2026-10-14 10:00"), "2026-11-23 10:00", "inactive", "noLogin"),
    ("ages ago", times(last_login="2019-10-14 10:00"), "2026-11-23 10:00", "inactive", "noLogin"),
    ("made yesterday, not used", times(created_at="2026-11-22 10:00"), "2026-11-23 10:00", "active", None),
    (
        "never used for 31 days",
        times(created_at="2026-10-23 10:00"),
        "2026-11-23 00:00",
        "inactive",
        "neverUsed",
    ),
    (
        "queued long, processed yesterday",
        times(created_at="2026-08-01 10:00", processed_on="2026-11-22 10:00"),
        "2026-11-23 10:00",
        "active",
        None,
    ),
    ("in the queue", times(queued_on="2026-11-21 10:00"), "2026-11-23 10:00", "pending", None),
    (
        "in the queue and old",
        times(created_at="2026-01-01 10:00", queued_on="2026-01-01 10:00"),
        "2026-11-23 10:00",
        "pending",
        None,
    ),
    (
        "disabled",
        times(last_login="2026-11-20 10:00", disabled_on="2026-11-22 10:00"),
        "2026-11-23 10:00",
        "inactive",
        "administrator",
    ),
    (
        "disabled, then reactivated",
        times(
            last_login="2026-11-20 10:00", disabled_on="2026-11-22 10:00", reactivated_on="2026-11-23 09:00"
        ),
        "2026-11-23 10:00",
        "active",
        None,
    ),
    (
        "reactivated, then disabled",
        times(
            last_login="2026-11-20 10:00", reactivated_on="2026-11-22 09:00", disabled_on="2026-11-23 09:00"
        ),
        "2026-11-23 10:00",
        "inactive",
        "administrator",
    ),
    (
        "disabled after the reactivation was used",
        times(
            reactivated_on="2026-11-20 09:00", last_login="2026-11-20 10:00", disabled_on="2026-11-23 09:00"
        ),
        "2026-11-23 10:00",
        "inactive",
        "administrator",
    ),
    (
        "reactivated this morning",
        times(last_login="2026-10-14 10:00", reactivated_on="2026-11-23 09:00"),
        "2026-11-23 23:59",
        "active",
        None,
    ),
    (
        "the midnight after",
        times(last_login="2026-10-14 10:00", reactivated_on="2026-11-23 09:00"),
        "2026-11-24 00:00",
        "inactive",
        "midnight",
    ),
    (
        "midnight whatever the last login was",
        times(
            last_login="2026-11-22 10:00", disabled_on="2026-11-22 11:00", reactivated_on="2026-11-23 09:00"
        ),
        "2026-11-24 00:00",
        "inactive",
        "midnight",
    ),
    (
        "never used, reactivated, not used",
        times(reactivated_on="2026-11-22 09:00"),
        "2026-11-23 10:00",
        "inactive",
        "midnight",
    ),
    (
        "reactivated and used",
        times(reactivated_on="2026-11-22 09:00", last_login="2026-11-22 10:00"),
        "2026-11-23 10:00",
        "active",
        None,
    ),
    (
        "logged in at the very moment",
        times(reactivated_on="2026-11-22 09:00", last_login="2026-11-22 09:00"),
        "2026-11-23 10:00",
        "active",
        None,
    ),
    (
        "reactivated and used, then away",
        times(reactivated_on="2026-10-01 09:00", last_login="2026-10-01 10:00"),
        "2026-11-23 10:00",
        "inactive",
        "noLogin",
    ),
    (
        "locked",
        times(last_login="2026-11-23 08:00", locked_until="2026-11-23 10:30"),
        "2026-11-23 10:29",
        "locked",
        None,
    ),
    (
        "the lock opens by itself",
        times(last_login="2026-11-23 08:00", locked_until="2026-11-23 10:30"),
        "2026-11-23 10:30",
        "active",
        None,
    ),
    (
        "inactive before locked",
        times(last_login="2026-10-14 08:00", locked_until="2026-11-23 10:30"),
        "2026-11-23 10:00",
        "inactive",
        "noLogin",
    ),
    (
        "reactivated, still locked",
        times(
            last_login="2026-10-14 08:00", reactivated_on="2026-11-23 09:55", locked_until="2026-11-23 10:30"
        ),
        "2026-11-23 10:00",
        "locked",
        None,
    ),
    # Daylight saving ends on November 1, 2026, at 2 a.m.: that day has 25 hours.
    (
        "23:59 of the 25-hour day",
        times(last_login="2026-09-14 08:00", reactivated_on="2026-11-01 00:10"),
        "2026-11-01 23:59",
        "active",
        None,
    ),
    (
        "after the 25-hour day",
        times(last_login="2026-09-14 08:00", reactivated_on="2026-11-01 00:10"),
        "2026-11-02 00:00",
        "inactive",
        "midnight",
    ),
    # Daylight saving begins on March 8, 2026: that day has 23 hours.
    (
        "23:59 of the 23-hour day",
        times(last_login="2026-01-14 08:00", reactivated_on="2026-03-08 01:30"),
        "2026-03-08 23:59",
        "active",
        None,
    ),
    (
        "after the 23-hour day",
        times(last_login="2026-01-14 08:00", reactivated_on="2026-03-08 01:30"),
        "2026-03-09 00:00",
        "inactive",
        "midnight",
    ),
    (
        "30 days across the end of DST",
        times(last_login="2026-10-24 23:30"),
        "2026-11-23 23:59",
        "active",
        None,
    ),
]


@pytest.mark.parametrize(("name", "stamps", "now", "state", "reason"), STATES, ids=[row[0] for row in STATES])
def test_state(
    name: str, stamps: Timestamps, now: str, state: str, reason: str | None, policy: Policy
) -> None:
    status = status_of(stamps, la(now), policy)
    assert (status.state, status.disabled_reason) == (state, reason)


def test_names_are_unique() -> None:
    assert len({row[0] for row in STATES}) == len(STATES)


DEADLINES = [
    ("an ordinary day", "2026-11-23 09:00", "2026-11-24 08:00"),
    ("the last minute", "2026-11-23 23:59", "2026-11-24 08:00"),
    ("midnight sharp belongs to the new day", "2026-11-23 00:00", "2026-11-24 08:00"),
    ("summer", "2026-07-04 09:00", "2026-07-05 07:00"),
    ("DST ends: midnight is on winter time", "2026-11-01 00:10", "2026-11-02 08:00"),
    ("the day before DST ends", "2026-10-31 20:00", "2026-11-01 07:00"),
    ("DST begins: midnight is on summer time", "2026-03-08 01:30", "2026-03-09 07:00"),
]


@pytest.mark.parametrize(("name", "reactivated", "utc"), DEADLINES, ids=[row[0] for row in DEADLINES])
def test_log_in_by_is_the_end_of_the_local_day(name: str, reactivated: str, utc: str, policy: Policy) -> None:
    stamps = times(last_login="2026-01-02 10:00", reactivated_on=reactivated)
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert status_of(stamps, la(reactivated), policy).log_in_by == expected


def test_log_in_by_goes_with_the_login_and_with_midnight(policy: Policy) -> None:
    used = times(reactivated_on="2026-11-23 09:00", last_login="2026-11-23 09:30")
    assert status_of(used, la("2026-11-23 10:00"), policy).log_in_by is None
    unused = times(reactivated_on="2026-11-23 09:00")
    assert status_of(unused, la("2026-11-24 00:00"), policy).log_in_by is None


def test_a_locked_reactivated_account_says_both_times(policy: Policy) -> None:
    stamps = times(reactivated_on="2026-11-23 09:00", locked_until="2026-11-23 10:30")
    status = status_of(stamps, la("2026-11-23 10:00"), policy)
    assert status == Status(State.LOCKED, None, la("2026-11-23 10:30"), la("2026-11-24 00:00"))


RETRAINING = [
    (None, "2026-11-23 10:00", False),
    ("2026-08-25 00:00", "2026-11-23 10:00", False),  # 90 days ago is Case 1
    ("2026-08-24 23:59", "2026-11-23 10:00", True),  # 91 days ago is Case 2
    ("2026-08-25 00:00", "2026-11-23 23:59", False),
    ("2026-08-25 23:59", "2026-11-24 00:00", True),
]


@pytest.mark.parametrize(("last_login", "now", "expected"), RETRAINING)
def test_needs_retraining(last_login: str | None, now: str, expected: bool, policy: Policy) -> None:
    stamps = times(**({"last_login": last_login} if last_login else {}))
    assert needs_retraining(stamps, la(now), policy) is expected


_MOMENT = st.datetimes(
    datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC), allow_imaginary=False
)


@given(
    st.builds(
        Timestamps,
        _MOMENT,
        *[st.none() | _MOMENT for _ in range(6)],
    ),
    _MOMENT,
)
def test_every_account_has_one_coherent_state(policy: Policy, stamps: Timestamps, now: datetime) -> None:
    status = status_of(stamps, now, policy)
    assert (status.disabled_reason is not None) == (status.state is State.INACTIVE)
    assert (status.locked_until is not None) == (status.state is State.LOCKED)
    if status.log_in_by is not None:
        assert status.administratively_active and now < status.log_in_by
    if status.disabled_reason is DisabledReason.MIDNIGHT:
        assert stamps.reactivated_on is not None
        assert policy.today(now) > policy.today(stamps.reactivated_on)
    if status.disabled_reason is DisabledReason.NO_LOGIN:
        assert stamps.last_login is not None
        assert now - stamps.last_login > timedelta(days=29)
