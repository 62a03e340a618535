"""`make run` as a process of its own, in a VAR_DIR of its own, on free ports."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.stack import ROOT, free_ports, python_of, trained_model

UP_WITHIN = 150.0
NAMES = ("PORT", "INNER_PORT", "ASSISTANT_PORT", "ACTIONS_PORT", "BACKEND_PORT", "MAILBOX_PORT")


class LocalRun:
    """One `python -m scripts.run`, as `make run` starts it."""

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


def with_model(var: Path, *, own: bool = False) -> LocalRun:
    """A run that need not train from nothing. `own`: it may train, so it gets copies and no links."""
    var.mkdir()
    model = trained_model()
    for made in ("models", "cache", *(["training-cache"] if own else [])):
        if (model / made).exists():
            if own and made != "cache":
                shutil.copytree(model / made, var / made)
            else:
                (var / made).symlink_to(model / made)
    return LocalRun(var)
