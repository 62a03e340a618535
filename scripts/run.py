"""`make run`: check, train if needed, start everything under the supervisor, stop it all on Ctrl-C.

One run per VAR_DIR, held by a lock on var/run/lock that the kernel drops however this process ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import IO, Any

import jinja2

from common.settings import Settings, SettingsError, load
from scripts.make_secrets import with_secrets
from scripts.preflight import CannotStart, check
from scripts.programs import ALL_SECRETS, ROOT, programs_for
from scripts.supervision import Place, connect, last_lines, write_config

_UP_WITHIN = 180.0
_QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "PYTHONUNBUFFERED": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}


class Stopped(Exception):
    """Somebody asked for the end: Ctrl-C, `make stop`, the terminal closing."""


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    os.umask(0o077)
    os.chdir(ROOT)
    try:
        with _run_lock(place := Place(load().var_dir)):
            environ = with_secrets(os.environ, place.secrets) | _QUIET
            settings = load(environ)
            check(settings)
            _train(place, environ)
            _serve(place, settings, environ)
    except (CannotStart, SettingsError, PermissionError) as error:
        _say(f"run: {error}", sys.stderr)
        return 1
    except Stopped:
        return 0
    return 1


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def _say(line: str, where: IO[str] | None = None) -> None:
    """A closed terminal must not keep us from stopping in order."""
    with contextlib.suppress(OSError, ValueError):
        print(line, file=where or sys.stdout, flush=True)


@contextlib.contextmanager
def _run_lock(place: Place) -> Iterator[None]:
    try:
        place.make()
        lock = place.lock.open("a+", encoding="utf-8")
    except OSError as error:
        raise CannotStart(f"VAR_DIR {place.var} cannot be written ({error.strerror})") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"already running from {place.var} (make status, make stop)") from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _train(place: Place, environ: Mapping[str, str]) -> None:
    """bot.train decides itself whether anything changed since the last model."""
    log = place.logs / "train.log"
    _say("run: preparing the model (a minute or two after a change)")
    python = str(ROOT / ".venv/bot/bin/python")
    with log.open("wb") as out:
        trainer = subprocess.Popen(
            [python, "-S", "scripts/child.py", python, "-m", "bot.train"],
            env={name: value for name, value in environ.items() if name not in ALL_SECRETS},
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            code = trainer.wait()
        except Stopped:
            trainer.terminate()
            trainer.wait()
            raise
    if code:
        _say("\n".join(last_lines(log, 15)), sys.stderr)
        raise CannotStart(f"training failed (whole output: {log})")


def _serve(place: Place, settings: Settings, environ: Mapping[str, str]) -> None:
    place.prepare_socket()
    write_config(place, programs_for(settings))
    python = str(ROOT / ".venv/app/bin/python")
    command = [python, "-m", "supervisor.supervisord", "-c", str(place.config)]
    supervisor = subprocess.Popen(
        [python, "-S", str(ROOT / "scripts/child.py"), *command],
        cwd=place.var, env=dict(environ), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_until_up(place, settings, supervisor)
        _welcome(place, settings)
        supervisor.wait()
        raise CannotStart(f"the supervisor ended by itself (see {place.logs / 'supervisor.log'})")
    except Stopped:
        _say("run: stopping")
        raise
    finally:
        supervisor.terminate()
        try:
            supervisor.wait(30)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.wait()
        place.socket.unlink(missing_ok=True)


def _wait_until_up(place: Place, settings: Settings, supervisor: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _UP_WITHIN
    host = "127.0.0.1" if settings.gateway_host in ("0.0.0.0", "::") else settings.gateway_host
    said = ""
    while time.monotonic() < deadline:
        if supervisor.poll() is not None:
            raise CannotStart(f"the supervisor did not start (see {place.logs / 'supervisor.log'})")
        if _is_healthy(f"http://{host}:{settings.port}/healthz"):
            return
        _refuse_misconfigured(place)
        if not said:
            _say(said := "run: starting")
        time.sleep(0.5)
    raise CannotStart(f"not up after {_UP_WITHIN:.0f} seconds (make logs; {place.logs})")


def _refuse_misconfigured(place: Place) -> None:
    """A program that ended with 2 has said in one line what is wrong with its configuration."""
    try:
        states: list[dict[str, Any]] = connect(place).getAllProcessInfo()
    except OSError:
        return
    for state in states:
        if state["exitstatus"] == 2 and state["statename"] in ("BACKOFF", "EXITED", "FATAL"):
            line = (last_lines(place.logs / f"{state['name']}.log", 1) or [""])[0]
            raise CannotStart(f"{state['name']} cannot start: {line}")


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def _welcome(place: Place, settings: Settings) -> None:
    console = "sandbox" in (settings.accounts, settings.desk)
    template = jinja2.Template((ROOT / "scripts" / "welcome.txt.jinja").read_text(encoding="utf-8"))
    _say(
        template.render(
            address=f"http://localhost:{settings.port}",
            console=f"http://localhost:{settings.backend_port}/console" if console else "",
            login=f"http://localhost:{settings.backend_port}/login",
            secrets=place.secrets,
            logs=place.logs,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
