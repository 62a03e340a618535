"""What happens to accounts, without database or server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.accounts import verbs
from backend.accounts.account import Account
from backend.accounts.state import State, Timestamps
from common.policy import Policy

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
MADE = datetime(2025, 1, 1, tzinfo=UTC)
RECENT = NOW - timedelta(days=3)
LONG_AGO = NOW - timedelta(days=50)


def account(**moments: datetime) -> Account:
    stamps = Timestamps(**{"created_at": MADE, **moments})
    return Account(id="a", profile={"userName": "a@agency.example"}, times=stamps, modified_at=MADE)


ACTIVE = account(last_login=RECENT)
INACTIVE = account(last_login=LONG_AGO)
DISABLED = account(last_login=RECENT, disabled_on=NOW - timedelta(days=1))
LOCKED = account(last_login=RECENT, locked_until=NOW + timedelta(minutes=10))
PENDING = account(queued_on=RECENT)

# verb, account, state afterwards (None: nothing changes)
TABLE = [
    (verbs.reactivate, INACTIVE, "active"),
    (verbs.reactivate, DISABLED, "active"),
    (verbs.reactivate, ACTIVE, None),
    (verbs.reactivate, LOCKED, None),
    (verbs.reactivate, PENDING, None),
    (verbs.disable, ACTIVE, "inactive"),
    (verbs.disable, LOCKED, "inactive"),
    (verbs.disable, INACTIVE, None),
    (verbs.disable, PENDING, None),
    (verbs.log_in, ACTIVE, "active"),
    (verbs.log_in, INACTIVE, None),
    (verbs.log_in, DISABLED, None),
    (verbs.log_in, LOCKED, None),
    (verbs.log_in, PENDING, None),
    (verbs.unlock, LOCKED, "active"),
    (verbs.unlock, ACTIVE, None),
    (verbs.process, PENDING, "active"),
    (verbs.process, ACTIVE, None),
    (verbs.enter_wrong_password, ACTIVE, "active"),
    (verbs.enter_wrong_password, LOCKED, None),
    (verbs.enter_wrong_password, INACTIVE, None),
]


@pytest.mark.parametrize(("verb", "before", "state"), TABLE)
def test_verb(verb: verbs.Verb, before: Account, state: str | None, policy: Policy) -> None:
    after = verb(before, NOW, policy)
    assert (after and after.status(NOW, policy).state) == state


def test_reactivating_again_keeps_the_first_day(policy: Policy) -> None:
    once = verbs.reactivate(INACTIVE, NOW, policy)
    assert once is not None
    assert verbs.reactivate(once, NOW + timedelta(hours=3), policy) is None
    again = verbs.reactivate(once, NOW + timedelta(days=1), policy)
    assert again is not None and again.times.reactivated_on == NOW + timedelta(days=1)


def test_reactivating_does_not_unlock(policy: Policy) -> None:
    locked = account(last_login=LONG_AGO, locked_until=NOW + timedelta(minutes=10))
    after = verbs.reactivate(locked, NOW, policy)
    assert after is not None and after.status(NOW, policy).state is State.LOCKED


def test_a_login_makes_the_account_stay(policy: Policy) -> None:
    reactivated = verbs.reactivate(INACTIVE, NOW, policy)
    assert reactivated is not None
    used = verbs.log_in(reactivated, NOW + timedelta(hours=1), policy)
    assert used is not None
    assert used.status(NOW + timedelta(days=2), policy).state is State.ACTIVE
    assert reactivated.status(NOW + timedelta(days=2), policy).state is State.INACTIVE


def test_the_last_wrong_password_locks_for_an_hour(policy: Policy) -> None:
    tried = ACTIVE
    for _ in range(verbs.WRONG_PASSWORDS_THAT_LOCK):
        after = verbs.enter_wrong_password(tried, NOW, policy)
        assert after is not None
        tried = after
    assert tried.times.locked_until == NOW + timedelta(minutes=60)
    assert tried.status(NOW + timedelta(minutes=59), policy).state is State.LOCKED
    assert tried.status(NOW + timedelta(minutes=60), policy).state is State.ACTIVE


def test_a_login_forgets_wrong_passwords(policy: Policy) -> None:
    tried = verbs.enter_wrong_password(ACTIVE, NOW, policy)
    assert tried is not None and tried.wrong_passwords == 1
    after = verbs.log_in(tried, NOW, policy)
    assert after is not None and after.wrong_passwords == 0
