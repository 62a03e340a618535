"""The real system on free loopback ports: assistant, actions, worker, sandbox, gateway, each a process.

    with Stack(tmp_path) as stack:
        stack.clock.set("2026-11-23T10:00-08:00")
        stack.kill("actions")

`python -m tests.support.stack` starts one by hand and prints its addresses; Ctrl-C ends it.
Every process ends with this one, however this one ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx

from common.clock import write_offset
from common.settings import SECRETS

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime.fromisoformat("2026-11-23T10:00:00-08:00")
MODULES = {
    "backend": ("app", "backend.server"),
    "actions": ("app", "actions.server"),
    "worker": ("app", "actions.worker"),
    "assistant": ("bot", "bot.server"),
    "gateway": ("app", "channels.server"),
}
PORTS = ("PORT", "INNER_PORT", "ASSISTANT_PORT", "ACTIONS_PORT", "BACKEND_PORT", "MAILBOX_PORT")
UP_WITHIN = 120.0
DOWN_WITHIN = 20.0


class StackError(Exception):
    """The system is not as it should be; the message ends with the logs' last lines."""


def free_ports(names: Sequence[str]) -> dict[str, int]:
    """Different free ports; held together while choosing."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {name: probe.getsockname()[1] for name, probe in zip(names, probes, strict=True)}


def python_of(environment: str) -> str:
    return str(ROOT / ".venv" / environment / "bin" / "python")


@functools.cache
def trained_model() -> Path:
    """A VAR_DIR with the model of what is checked out, trained at most once however many ask at a time."""
    folder = Path(os.environ.get("TEST_MODEL_DIR") or ROOT / "var" / "test")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "training.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        environ = os.environ | {"VAR_DIR": str(folder)}
        done = subprocess.run(
            [python_of("bot"), "-m", "bot.train"], cwd=ROOT, env=environ, capture_output=True, text=True
        )
    if done.returncode:
        raise StackError(f"training failed\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return folder


class StackClock:
    """The clock that all processes share. It starts at MONDAY and goes on from wherever it is set."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(timezone.utc) + self._offset

    def set(self, moment: datetime | str) -> None:
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        self._move_to(moment - datetime.now(timezone.utc))

    def advance(self, by: timedelta) -> None:
        self._move_to(self._offset + by)

    def _move_to(self, offset: timedelta) -> None:
        self._offset = offset
        write_offset(self._path, offset.total_seconds())


class Stack:
    """`names` are started by `with`; `environ` changes any setting. `var` keeps databases and logs."""

    def __init__(
        self,
        var: Path,
        *,
        names: Sequence[str] = tuple(MODULES),
        environ: Mapping[str, str] | None = None,
        model: Path | None = None,
    ) -> None:
        self.var = var.absolute()
        self.names = tuple(names)
        self.secrets = {name: secrets.token_urlsafe(32) for name in SECRETS}
        ports = free_ports(PORTS)
        self.urls = {
            "gateway": f"http://127.0.0.1:{ports['PORT']}",
            "inner": f"http://127.0.0.1:{ports['INNER_PORT']}",
            "assistant": f"http://127.0.0.1:{ports['ASSISTANT_PORT']}",
            "actions": f"http://127.0.0.1:{ports['ACTIONS_PORT']}",
            "backend": f"http://127.0.0.1:{ports['BACKEND_PORT']}",
            "mailbox": f"smtp://127.0.0.1:{ports['MAILBOX_PORT']}",
        }
        self.environ = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ},
            **{name: str(port) for name, port in ports.items()},
            **self.secrets,
            "GATEWAY_HOST": "127.0.0.1",
            "VAR_DIR": str(self.var),
            "PYTHONUNBUFFERED": "1",
            "RASA_TELEMETRY_ENABLED": "false",
            **(environ or {}),
        }
        self.clock = StackClock(self.var / "clock.json")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._model = model
        self.http = httpx.Client(timeout=60, trust_env=False)

    def __enter__(self) -> Stack:
        self.var.mkdir(parents=True, exist_ok=True)
        (self.var / "log").mkdir(exist_ok=True)
        if "assistant" in self.names:
            self._link_model(self._model or trained_model())
        self.clock.set(MONDAY)
        try:
            for name in self.names:
                self._spawn(name)
            self.wait_healthy()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End everything; what does not stop is killed."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(DOWN_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
        self.http.close()

    def _link_model(self, folder: Path) -> None:
        for made in ("models", "howto.json", "cache"):
            place = self.var / made
            if (folder / made).exists() and not place.exists():
                place.symlink_to((folder / made).absolute())

    # -- single processes ----------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Start one and wait until it answers."""
        self._spawn(name)
        self._wait(name)

    def stop(self, name: str) -> int:
        """SIGTERM; the exit code."""
        return self._end(name, signal.SIGTERM)

    def kill(self, name: str) -> None:
        """SIGKILL: nothing is flushed, nothing says good-bye."""
        self._end(name, signal.SIGKILL)

    def restart(self, name: str) -> None:
        self.stop(name)
        self.start(name)

    def runs(self, name: str) -> bool:
        process = self.processes.get(name)
        return process is not None and process.poll() is None

    def _spawn(self, name: str) -> None:
        if self.runs(name):
            raise StackError(f"{name} runs already")
        environment, module = MODULES[name]
        python = python_of(environment)
        with self.log_file(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [python_of("app"), "-S", "scripts/child.py", python, "-m", module],
                cwd=ROOT, env=self.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def _end(self, name: str, number: signal.Signals) -> int:
        process = self.processes.pop(name, None)
        if process is None:
            raise StackError(f"{name} does not run")
        process.send_signal(number)
        try:
            return process.wait(DOWN_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise StackError(f"{name} did not stop within {DOWN_WITHIN:.0f} s\n{self.logs()}") from None

    # -- health and logs -----------------------------------------------------------------------

    def wait_healthy(self) -> None:
        """Until every started process answers. Raises StackError with the logs."""
        for name in self.names:
            self._wait(name)

    def _wait(self, name: str) -> None:
        self.until(lambda: self._is_up(name), f"{name} does not answer", within=UP_WITHIN, needs=name)

    def _is_up(self, name: str) -> bool:
        url = {
            "backend": f"{self.urls['backend']}/healthz",
            "assistant": f"{self.urls['assistant']}/webhooks/door/healthz",
            "actions": f"{self.urls['actions']}/healthz",
        }.get(name)
        if name == "gateway":  # its own health names whatever else is down, on purpose perhaps
            return self._accepts("gateway")
        if url is None:
            return self.runs(name)
        try:
            return self.http.get(url, timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def _accepts(self, name: str) -> bool:
        try:
            return self.http.get(f"{self.urls[name]}/healthz", timeout=10).status_code in (200, 503)
        except httpx.HTTPError:
            return False

    def until(
        self, holds: Callable[[], bool], otherwise: str, *, within: float = 20.0, needs: str | None = None
    ) -> None:
        """Wait until something holds. Raises StackError with the logs when it does not in time."""
        deadline = time.monotonic() + within
        while not holds():
            if needs and not self.runs(needs):
                raise StackError(f"{needs} ended\n{self.logs(needs)}")
            if time.monotonic() > deadline:
                raise StackError(f"{otherwise} (waited {within:.0f} s)\n{self.logs()}")
            time.sleep(0.05)

    def log_file(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def logs(self, *names: str, lines: int = 25) -> str:
        """The last lines of these logs, of all by default."""
        return "\n".join(f"--- {name}\n{tail}" for name, tail in self._tails(names or MODULES, lines))

    def _tails(self, names: Sequence[str] | Mapping[str, object], lines: int) -> Iterator[tuple[str, str]]:
        for name in names:
            path = self.log_file(name)
            if path.exists():
                written = path.read_text(encoding="utf-8", errors="replace").splitlines()
                yield name, "\n".join(written[-lines:])


def main() -> None:
    def end(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    with (
        contextlib.suppress(KeyboardInterrupt),
        tempfile.TemporaryDirectory(prefix="hmis-stack-") as folder,
        Stack(Path(folder)) as stack,
    ):
        for name, url in stack.urls.items():
            print(f"{name:<10} {url}")
        print(f"{'password':<10} {stack.secrets['CONSOLE_PASSWORD']}\n{'files':<10} {folder}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
