"""`make run` from start to end: all up, one line for each mistake, nothing left behind however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.stack import ROOT, free_ports, python_of, trained_model

UP_WITHIN = 150.0
NAMES = ("PORT", "INNER_PORT", "ASSISTANT_PORT", "ACTIONS_PORT", "BACKEND_PORT")


class LocalRun:
    """One `python -m scripts.run`, as `make run` starts it, in a VAR_DIR with a space in its name."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.ports = free_ports(NAMES)
        self.environ = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **{name: str(port) for name, port in self.ports.items()},
            "VAR_DIR": str(var),
            "GATEWAY_HOST": "127.0.0.1",
        }
        self.output = var.parent / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **environ: str) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [python_of("app"), "-m", "scripts.run"],
                cwd=ROOT, env=self.environ | environ, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        return self.process

    def up(self) -> None:
        self.wait(lambda: "Ctrl-C" in self.said(), UP_WITHIN, "it did not come up")

    def wait(self, holds: Callable[[], bool], within: float, otherwise: str) -> None:
        deadline = time.monotonic() + within
        while not holds():
            assert self.process is None or self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, f"{otherwise}\n{self.said()}"
            time.sleep(0.1)

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def control(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python_of("app"), "-m", "scripts.control", *words],
            cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def pids(self) -> dict[str, int]:
        """Program → process id, from `make status`."""
        lines = [line.split() for line in self.control("status").stdout.splitlines()]
        return {line[0]: int(line[3].rstrip(",")) for line in lines if line[1] == "RUNNING"}

    def supervisor(self) -> int:
        return int((self.var / "run" / "supervisord.pid").read_text())

    def listening(self) -> list[str]:
        """Ports on which somebody still answers."""
        return [name for name, port in self.ports.items() if _accepts(port)]

    def end(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[LocalRun]:
    var = tmp_path / "var of mine"
    var.mkdir()
    model = trained_model()
    for made in ("models", "cache"):
        if (model / made).exists():
            (var / made).symlink_to(model / made)
    started = LocalRun(var)
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
