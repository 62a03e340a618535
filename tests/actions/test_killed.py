"""kill -9 in the middle of a job: the promise is still kept, and it is one ticket."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from common.clock import write_offset
from tests.support.actions_process import AT, ROOT, ActionsRig, moment, new_key, wait_for
from tests.support.fake_world import EXTENSION, TOKEN, FakeWorld
from tests.support.fault_proxy import FaultProxy

EMAIL = "jo@agency.org"
SLOTS: dict[str, Any] = {
    "row": "reactivate_account",
    "ticket_case": "1",
    "requester_email": EMAIL,
    "requester_name": "Jo Doe",
    "last_login_window": "within",
}


class Scene:
    def __init__(self, folder: Path) -> None:
        self.world = FakeWorld()
        start = moment(AT)
        self.offset = start.timestamp() - time.time()
        self.clock = folder / "clock.json"
        write_offset(self.clock, self.offset)
        self.world.now = lambda: start
        self.proxy = FaultProxy(self.world.url, delay=30)
        self.rig = ActionsRig(folder, backend=self.proxy.url, inner=self.world.url, token=TOKEN)

    def end_leases(self) -> None:
        """What waiting would do: leases and rests are over."""
        with self.rig.store()._database.write() as connection:
            connection.execute(text("UPDATE jobs_queue SET held_until = 0"))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    one = Scene(tmp_path)
    yield one
    one.rig.close()
    one.proxy.close()
    one.world.close()


def lost_call(rig: ActionsRig, slots: dict[str, Any]) -> threading.Thread:
    """An action call whose server dies under it."""

    def call() -> None:
        with pytest.raises(httpx.TransportError):
            rig.call("action_file_ticket", slots)

    thread = threading.Thread(target=call)
    thread.start()
    return thread


def test_the_server_dies_after_the_desk_took_the_ticket(scene: Scene) -> None:
    scene.world.add_user(EMAIL, state="inactive", lastLogin="2026-10-10T18:00:00Z", disabledReason="noLogin")
    scene.rig.start()
    scene.proxy.plan("delay_after", "POST", "/tickets")
    key = new_key()
    call = lost_call(scene.rig, {**SLOTS, "ticket_key": key})
    wait_for(lambda: scene.world.tickets)
    scene.rig.kill("server")
    call.join()
    scene.rig.start("worker")
    scene.end_leases()
    wait_for(lambda: len(scene.world.events) >= 2)
    assert scene.world.kinds() == ["ticket_filed", "account_reactivated"]
    assert [ticket["key"] for ticket in scene.world.tickets] == [key]
    scene.rig.start()
    again = scene.rig.call("action_file_ticket", {**SLOTS, "ticket_key": key})
    assert (again["file_ticket_outcome"], again["ticket_id"]) == ("ok", "1001")
    assert len(scene.world.tickets) == 1


def test_the_worker_dies_and_another_goes_on(scene: Scene) -> None:
    scene.rig.start()
    key = new_key()
    with scene.proxy.refusing():
        assert (
            scene.rig.call("action_file_ticket", {**SLOTS, "ticket_key": key})["file_ticket_outcome"]
            == "retry"
        )
    scene.proxy.plan("delay_after", "POST", "/tickets")
    scene.end_leases()
    scene.rig.start("worker")
    wait_for(lambda: scene.world.tickets)
    scene.rig.kill("worker")
    scene.rig.start("worker")
    scene.end_leases()
    wait_for(lambda: (job := scene.rig.store().get(f"file_ticket:{key}")) and job.state == "done")
    scene.end_leases()
    wait_for(lambda: scene.world.events)
    assert scene.world.kinds() == ["ticket_filed"]
    assert [ticket["key"] for ticket in scene.world.tickets] == [key]
    assert scene.rig.http.get("/healthz").json() == {"status": "ok", "worker": "ok"}
    assert scene.rig.stop("worker") == 0
    assert scene.rig.stop("server") == 0


def test_two_workers_and_a_clock_that_moves(scene: Scene) -> None:
    """The whole road with real processes: filed, reactivated, reminded in the evening, logged in."""
    scene.world.add_user(EMAIL, state="inactive", lastLogin="2026-10-10T18:00:00Z", disabledReason="noLogin")
    scene.rig.start()
    first = ActionsRig(scene.rig.folder, backend=scene.proxy.url, inner=scene.world.url, token=TOKEN)
    try:
        for rig in (scene.rig, first):
            rig.start("worker")
        made = scene.rig.call("action_file_ticket", {**SLOTS, "ticket_key": new_key()})
        assert made["reactivation_state"] == "reactivated"
        write_offset(scene.clock, scene.offset + 11.5 * 3600)
        wait_for(lambda: scene.world.events)
        assert scene.world.kinds() == ["reminder_due"]
        scene.world.users[0][EXTENSION]["lastLogin"] = "2026-11-23T21:40:00-08:00"
        wait_for(lambda: len(scene.world.events) == 2)
        assert scene.world.kinds() == ["reminder_due", "logged_in"]
    finally:
        first.close()
    for private in (EMAIL, "Jo Doe", TOKEN):
        assert private not in scene.rig.log


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [
        ("server", {"ACTIONS_SECRET": ""}, "ACTIONS_SECRET"),
        ("server", {"BACKEND_TOKEN": ""}, "BACKEND_TOKEN"),
        ("worker", {"INNER_SECRET": ""}, "INNER_SECRET"),
        ("worker", {"DESK": "zendesk"}, "DESK"),
        ("worker", {"ACCOUNTS": "scim"}, "SCIM_URL"),
        ("worker", {"POLICY_FILE": "nowhere.yml"}, "nowhere.yml"),
    ],
)
def test_a_configuration_error_is_one_line_and_code_2(
    scene: Scene, name: str, changes: dict[str, str], told: str
) -> None:
    scene.rig.environ |= changes
    with (scene.rig.folder / "out.log").open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", f"actions.{name}"], cwd=ROOT, env=scene.rig.environ, stderr=out, stdout=out
        )
    lines = scene.rig.log.strip().splitlines()
    assert done.returncode == 2
    assert len(lines) == 1 and told in lines[0]
