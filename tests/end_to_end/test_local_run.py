"""`make run` from start to end: all up, one line for each mistake, nothing left behind however it ends."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.local_run import LocalRun, gone, with_model


@pytest.fixture
def run(tmp_path: Path) -> Iterator[LocalRun]:
    started = with_model(tmp_path / "var of mine")
    yield started
    started.end()


def test_up_healed_and_down_again(run: LocalRun) -> None:
    process = run.start()
    run.up()
    health = httpx.get(f"http://127.0.0.1:{run.ports['PORT']}/healthz", trust_env=False)
    assert health.json() == {"status": "ok"}
    secrets = run.var / "secrets.env"
    assert secrets.stat().st_mode & 0o077 == 0
    assert not any(line.split("=", 1)[1] in run.said() for line in secrets.read_text().splitlines())

    second = LocalRun(run.var)
    second.output = run.output.with_name("second.txt")
    assert second.start().wait(30) == 1
    assert "already running" in second.said()

    before = run.pids()
    assert set(before) == {"backend", "actions", "worker", "assistant", "gateway"}
    os.kill(before["gateway"], signal.SIGKILL)
    run.wait(
        lambda: run.pids().get("gateway", before["gateway"]) != before["gateway"], 30, "not started again"
    )

    assert run.control("stop-one", "backend").returncode == 0
    assert "backend" not in run.pids()
    assert run.control("stop-one", "backend").returncode == 0
    assert run.control("start-one", "backend").returncode == 0
    assert run.pids().keys() == before.keys()
    assert run.control("stop-one", "nothing").returncode == 1

    pids = [*run.pids().values(), run.supervisor()]
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert all(map(gone, pids))
    assert run.listening() == []
    assert "nothing is running" in run.control("status").stderr


@pytest.mark.parametrize("ending", ["terminal closes", "make stop", "supervisor is killed", "run is killed"])
def test_nothing_is_left_half_up(run: LocalRun, ending: str) -> None:
    process = run.start()
    run.up()
    pids = [*run.pids().values(), run.supervisor()]
    if ending == "terminal closes":
        process.send_signal(signal.SIGHUP)
    elif ending == "make stop":
        assert run.control("stop").stdout == "stopped\n"
    elif ending == "supervisor is killed":
        os.kill(run.supervisor(), signal.SIGKILL)
    else:
        process.kill()
    process.wait(60)
    run.process = None
    run.wait(lambda: all(map(gone, pids)) and not run.listening(), 45, f"left: {run.listening()}")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"PORT": "many"}, "PORT is 'many'"),
        ({"MODE": "production"}, "sandbox is refused with MODE=production"),
        ({"POLICY_FILE": "tests/nowhere.yml"}, "tests/nowhere.yml: no such file"),
        ({"VAR_DIR": "/proc/nowhere"}, "VAR_DIR /proc/nowhere cannot be written"),
    ],
)
def test_a_mistake_is_one_line_before_anything_starts(
    run: LocalRun, environ: dict[str, str], message: str
) -> None:
    assert run.start(**environ).wait(60) == 1
    assert message in run.said()
    assert len(run.said().splitlines()) == 1
    assert run.listening() == []


def test_a_busy_port_is_named(run: LocalRun) -> None:
    with socket.create_server(("127.0.0.1", run.ports["PORT"])):
        assert run.start().wait(60) == 1
    assert (
        run.said() == f"run: PORT {run.ports['PORT']} is in use by another program; set PORT to a free port\n"
    )
