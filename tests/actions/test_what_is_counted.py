"""What jobs count for reports: on which day, how often, and under which row."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from actions.jobs.tables import outcomes
from tests.actions.test_until_login import file, lapsed, log_in
from tests.support.actions_tools import Bench, bench

MORNING = "2026-11-23T10:00:00-08:00"


def counted(one: Bench) -> dict[str, int]:
    """`day outcome` → how often; all are of row 2, in the web channel."""
    with one.store._database.read() as connection:
        rows = connection.execute(select(outcomes)).all()
    assert {(row.row, row.channel) for row in rows} <= {("reactivate_account", "web")}
    return {f"{row.day} {row.outcome}": row.n for row in rows}


def test_supports_first_answer_and_each_further_one(tmp_path: Path) -> None:
    with bench(tmp_path, MORNING) as one:
        file(one, case="2")
        one.world.answer(1001)
        one.pass_time(timedelta(minutes=10))
        assert counted(one) == {"2026-11-23 ticket_filed": 1, "2026-11-23 ticket_answered": 1}
        one.world.answer(1001)
        one.world.answer(1001)
        one.pass_time(timedelta(minutes=10))
        assert counted(one)["2026-11-23 ticket_answered"] == 1
        assert counted(one)["2026-11-23 answered_again"] == 2


def test_two_answers_between_two_looks(tmp_path: Path) -> None:
    with bench(tmp_path, MORNING) as one:
        file(one, case="2")
        one.world.answer(1001)
        one.world.answer(1001)
        one.pass_time(timedelta(minutes=10))
        assert counted(one) == {
            "2026-11-23 ticket_filed": 1,
            "2026-11-23 ticket_answered": 1,
            "2026-11-23 answered_again": 1,
        }


def test_a_missed_midnight_belongs_to_the_day_that_ended(tmp_path: Path) -> None:
    with bench(tmp_path, MORNING) as one:
        lapsed(one)
        file(one)
        one.pass_time(timedelta(hours=14, minutes=11))
        assert counted(one) == {
            "2026-11-23 ticket_filed": 1,
            "2026-11-23 reactivated": 1,
            "2026-11-23 not_logged_in": 1,
        }


def test_days_are_the_regions_and_a_login_counts_once(tmp_path: Path) -> None:
    with bench(tmp_path, "2026-11-23T17:00:00-08:00") as one:  # the next day in UTC
        lapsed(one)
        file(one)
        log_in(one)
        for _ in range(3):
            one.pass_time(timedelta(minutes=10))
        assert counted(one) == {
            "2026-11-23 ticket_filed": 1,
            "2026-11-23 reactivated": 1,
            "2026-11-23 logged_in": 1,
        }
