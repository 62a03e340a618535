"""Whatever breaks between assistant and desk, one key is one ticket in the end, told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from actions.jobs import promises
from tests.support.actions_tools import Bench, bench, draft
from tests.support.fault_proxy import FAULTS, FaultProxy

NOW = "2026-11-23T10:00:00-08:00"
REFS = {"row": "reactivate_account", "case": "1", "channel": "web", "at": NOW}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[tuple[Bench, FaultProxy]]:
    with bench(tmp_path, NOW) as one:
        yield one, one.proxy


def keep(bench: Bench, key: str = "k1") -> None:
    job = promises.file_ticket(key, "c-1", draft(), may_lift=False, now=bench.clock.now(), refs=REFS)
    bench.store.put([job])


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("times", [1, 3])
def test_one_ticket_in_the_end(rig: tuple[Bench, FaultProxy], fault: str, times: int) -> None:
    bench, proxy = rig
    proxy.plan(fault, "POST", "/tickets", times)
    keep(bench)
    for _ in range(times + 1):
        bench.worker.run_until_idle()
        bench.later(4000)
    bench.worker.run_until_idle()
    assert [ticket["key"] for ticket in bench.world.tickets] == ["k1"]
    assert bench.world.kinds().count("ticket_filed") == 1
    job = bench.store.get("file_ticket:k1")
    assert job is not None and job.state == "done" and job.draft is None


@pytest.mark.parametrize("fault", ["drop_after", "garbage", "status_500_after"])
def test_the_key_is_asked_for_before_filing_again(rig: tuple[Bench, FaultProxy], fault: str) -> None:
    bench, proxy = rig
    proxy.plan(fault, "POST", "/tickets")
    proxy.plan("status_500", "GET", "/tickets?key=", 2)
    keep(bench)
    bench.worker.run_until_idle()
    assert proxy.seen[:3] == ["POST /tickets", "GET /tickets?key=k1", "GET /tickets?key=k1"]
    bench.later(600)
    bench.worker.run_until_idle()
    assert proxy.seen[3] == "GET /tickets?key=k1"
    assert proxy.seen.count("POST /tickets") == 1
    assert len(bench.world.tickets) == 1


def test_a_desk_that_is_away_gets_the_ticket_when_it_is_back(rig: tuple[Bench, FaultProxy]) -> None:
    bench, proxy = rig
    with proxy.refusing():
        keep(bench)
        for _ in range(5):
            bench.worker.run_until_idle()
            bench.later(400)
        assert bench.world.tickets == []
    bench.later(400)
    bench.worker.run_until_idle()
    assert len(bench.world.tickets) == 1
    bench.later(30)
    bench.worker.run_until_idle()
    assert bench.world.events[0]["data"] == {"ticket_id": "1001", "reactivation_ticket_id": "1001"}


def test_after_a_day_a_human_is_asked_for_and_another_yes_still_works(rig: tuple[Bench, FaultProxy]) -> None:
    bench, proxy = rig
    with proxy.refusing():
        keep(bench)
        for _ in range(26):
            bench.worker.run_until_idle()
            bench.later(3600)
    assert bench.world.kinds() == ["needs_human"]
    failed = bench.store.get("file_ticket:k1")
    assert failed is not None and failed.state == "failed" and failed.draft is not None
    keep(bench)
    bench.worker.run_until_idle()
    assert len(bench.world.tickets) == 1


@pytest.mark.parametrize(("status", "state"), [(422, "failed"), (401, "waiting")])
def test_what_a_desk_refuses(tmp_path: Path, status: int, state: str) -> None:
    """A ticket that it will never take ends at once; wrong credentials wait for an operator."""
    with bench(tmp_path, NOW) as one:
        one.world.status_of["/tickets"] = status
        keep(one)
        one.worker.run_until_idle()
        job = one.store.get("file_ticket:k1")
        assert job is not None and job.state == state
        one.later(30)
        one.world.status_of.clear()
        one.worker.run_until_idle()
        assert one.world.kinds() == (["needs_human"] if state == "failed" else [])
        one.later(400)
        one.worker.run_until_idle()
        assert len(one.world.tickets) == (0 if state == "failed" else 1)


def test_news_of_one_conversation_come_in_order(tmp_path: Path) -> None:
    with bench(tmp_path, NOW) as one:
        one.world.add_user(
            "jo@agency.org", state="inactive", lastLogin="2026-10-10T18:00:00Z", disabledReason="noLogin"
        )
        refs = {**REFS}
        one.store.put(
            [promises.file_ticket("k1", "c-1", draft(), may_lift=True, now=one.clock.now(), refs=refs)]
        )
        one.world.status_of["/internal"] = 503
        one.pass_time(timedelta(seconds=25))
        one.pass_time(timedelta(seconds=25))
        one.world.status_of.clear()
        for _ in range(6):
            one.pass_time(timedelta(seconds=60))
        assert one.world.kinds() == ["ticket_filed", "account_reactivated"]
