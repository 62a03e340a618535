"""From reactivation to the login: midnight, the reminder before it, days of 23 and 25 hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from actions.jobs import promises
from tests.support.actions_tools import Bench, bench, draft
from tests.support.fake_world import EXTENSION

EMAIL = "jo@agency.org"


def lapsed(bench: Bench, days: int = 40, reason: str = "noLogin", **more: object) -> None:
    login = bench.clock.now() - timedelta(days=days)
    bench.world.add_user(EMAIL, state="inactive", lastLogin=login.isoformat(), disabledReason=reason, **more)


def file(bench: Bench, *, case: str = "1", may_lift: bool = True) -> None:
    now = bench.clock.now()
    refs = {
        "row": "reactivate_account",
        "case": case,
        "channel": "web",
        "at": now.isoformat(),
    }
    ticket = draft(EMAIL, case=case)
    bench.store.put([promises.file_ticket("k1", "c-1", ticket, may_lift=may_lift, now=now, refs=refs)])
    bench.worker.run_until_idle()
    bench.later(25)
    bench.worker.run_until_idle()
    bench.later(25)
    bench.worker.run_until_idle()


def log_in(bench: Bench) -> None:
    bench.world.users[0][EXTENSION]["lastLogin"] = bench.clock.now().isoformat()


def when_reminded(bench: Bench, until: str) -> datetime | None:
    """Moves on in steps of twenty minutes; when the reminder came."""
    while bench.clock.now() < datetime.fromisoformat(until):
        bench.pass_time(timedelta(minutes=20))
        if "reminder_due" in bench.world.kinds():
            return bench.clock.now()
    return None


@pytest.mark.parametrize(
    ("now", "day", "reminded"),
    [
        # ordinary day
        ("2026-11-23T10:00:00-08:00", "2026-11-23", "2026-11-23T21:00:00-08:00"),
        # the evening before UTC's next day
        ("2026-11-23T16:30:00-08:00", "2026-11-23", "2026-11-23T21:00:00-08:00"),
        # clocks go back: the day has 25 hours
        ("2026-11-01T00:20:00-07:00", "2026-11-01", "2026-11-01T21:00:00-08:00"),
        # clocks go forward: the day has 23 hours
        ("2026-03-08T00:20:00-08:00", "2026-03-08", "2026-03-08T21:00:00-07:00"),
        # late in the evening: halfway to midnight
        ("2026-11-23T22:00:00-08:00", "2026-11-23", "2026-11-23T23:00:00-08:00"),
    ],
)
def test_reminded_on_the_day(tmp_path: Path, now: str, day: str, reminded: str) -> None:
    with bench(tmp_path, now) as one:
        lapsed(one)
        file(one)
        assert one.world.kinds() == ["ticket_filed", "account_reactivated"]
        assert one.world.events[1]["data"] == {"ticket_id": "1001", "log_in_by": day}
        due = datetime.fromisoformat(reminded)
        at = when_reminded(one, f"{day}T23:59:00-08:00")
        assert at is not None and due <= at <= due + timedelta(minutes=20)
        assert one.world.kinds() == ["ticket_filed", "account_reactivated", "reminder_due"]


def test_no_reminder_once_in_and_the_login_is_noticed_once(tmp_path: Path) -> None:
    with bench(tmp_path, "2026-11-23T10:00:00-08:00") as one:
        lapsed(one)
        file(one)
        one.clock.advance(timedelta(hours=2))
        log_in(one)
        assert when_reminded(one, "2026-11-24T12:00:00-08:00") is None
        assert one.world.kinds() == ["ticket_filed", "account_reactivated", "logged_in"]
        assert one.world.events[-1]["data"] == {}


def test_a_login_in_the_last_minute_counts(tmp_path: Path) -> None:
    with bench(tmp_path, "2026-11-23T10:00:00-08:00") as one:
        lapsed(one)
        file(one)
        one.clock.advance(timedelta(hours=13, minutes=59))
        log_in(one)
        one.pass_time(timedelta(minutes=5))
        assert "logged_in" in one.world.kinds()


def test_a_clock_that_jumps_over_midnight_reminds_nobody(tmp_path: Path) -> None:
    with bench(tmp_path, "2026-11-23T10:00:00-08:00") as one:
        lapsed(one)
        file(one)
        one.pass_time(timedelta(days=2))
        assert one.world.kinds() == ["ticket_filed", "account_reactivated"]


def test_support_reactivates_and_it_is_told_once(tmp_path: Path) -> None:
    """Case 2 without a recorded RETAKE is Support's; what they do is told with the last day to log in."""
    with bench(tmp_path, "2026-11-23T10:00:00-08:00") as one:
        lapsed(one, days=200)
        file(one, case="2")
        assert one.world.kinds() == ["ticket_filed"]
        one.pass_time(timedelta(days=1))
        one.world.patch_user("u1")
        one.world.answer(1001)
        for _ in range(3):
            one.pass_time(timedelta(minutes=10))
        assert one.world.kinds() == ["ticket_filed", "ticket_answered", "account_reactivated"]
        assert one.world.events[-1]["data"] == {"ticket_id": "1001", "log_in_by": "2026-11-24"}


def test_two_answers_are_told_twice_and_their_text_never(tmp_path: Path) -> None:
    with bench(tmp_path, "2026-11-23T10:00:00-08:00", accounts="none") as one:
        file(one)
        for text in ("temporary password: hunter2", "more"):
            one.world.answer(1001, text)
            one.pass_time(timedelta(minutes=10))
        assert one.world.kinds() == ["ticket_filed", "ticket_answered", "ticket_answered"]
        assert "hunter2" not in str(one.world.events)


def test_without_an_account_system_the_answer_starts_the_day(tmp_path: Path) -> None:
    with bench(tmp_path, "2026-11-23T10:00:00-08:00", accounts="none") as one:
        file(one)
        one.world.answer(1001)
        at = when_reminded(one, "2026-11-23T23:50:00-08:00")
        assert at is not None
        assert one.world.kinds() == ["ticket_filed", "ticket_answered", "reminder_due"]
        assert not any("/scim" in path for _, path in one.world.requests)


def test_an_identity_that_proves_nothing_leaves_the_account_alone(tmp_path: Path) -> None:
    with bench(tmp_path, "2026-11-23T10:00:00-08:00") as one:
        lapsed(one)
        file(one, may_lift=False)
        one.pass_time(timedelta(hours=1))
        assert one.world.kinds() == ["ticket_filed"]
        assert not any("/scim" in path for _, path in one.world.requests)


def test_a_deleted_conversation_is_forgotten(tmp_path: Path) -> None:
    with bench(tmp_path, "2026-11-23T10:00:00-08:00") as one:
        lapsed(one)
        one.world.gone.add("c-1")
        file(one)
        assert one.world.events == []
        assert one.store.get("watch_ticket:c-1:1001") is None
        assert one.store.get("file_ticket:k1") is None


def test_a_closed_ticket_is_watched_no_more(tmp_path: Path) -> None:
    with bench(tmp_path, "2026-11-23T10:00:00-08:00", accounts="none") as one:
        file(one)
        one.world.answer(1001)
        one.world.tickets[0]["status"] = "closed"
        one.pass_time(timedelta(minutes=10))
        watch = one.store.get("watch_ticket:c-1:1001")
        assert watch is not None and watch.state == "done"
        assert one.world.kinds() == ["ticket_filed", "ticket_answered"]
