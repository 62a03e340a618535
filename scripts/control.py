"""`make status | stop | stop-one | start-one | logs` for the run that goes on in VAR_DIR."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
import xmlrpc.client

from common.settings import SettingsError, load
from scripts.programs import PROGRAMS
from scripts.supervision import Place, connect

_NAMES = [program.name for program in PROGRAMS]


class CannotDo(Exception):
    """One line that says why."""


def main(arguments: list[str]) -> int:
    verb, names = (arguments or ["status"])[0], [name for name in arguments[1:] if name]
    try:
        place = Place(load().var_dir)
        if verb == "status":
            _status(place)
        elif verb == "stop":
            _stop(place)
        elif verb in ("stop-one", "start-one"):
            _switch(place, verb, _one(names))
        elif verb == "logs":
            _logs(place, names)
        else:
            raise CannotDo(f"{verb!r} is none of status, stop, stop-one, start-one, logs")
    except (CannotDo, SettingsError) as error:
        print(f"{verb}: {error}", file=sys.stderr)
        return 1
    except OSError:
        print(f"{verb}: nothing is running (make run starts it)", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _one(names: list[str]) -> str:
    if len(names) != 1 or names[0] not in _NAMES:
        raise CannotDo(f"name one program, P={'|'.join(_NAMES)}")
    return names[0]


def _status(place: Place) -> None:
    for state in connect(place).getAllProcessInfo():
        print(f"{state['name']:<10} {state['statename']:<9} {state['description']}")


def _switch(place: Place, verb: str, name: str) -> None:
    supervisor = connect(place)
    try:
        if verb == "stop-one":
            supervisor.stopProcess(name)
        else:
            supervisor.startProcess(name)
    except xmlrpc.client.Fault as fault:
        if fault.faultString.partition(":")[0] not in ("NOT_RUNNING", "ALREADY_STARTED"):
            raise CannotDo(f"{name}: {fault.faultString}") from fault
    state = supervisor.getProcessInfo(name)
    print(f"{name}: {state['statename'].lower()}")


def _stop(place: Place) -> None:
    """Tell the run to end, and wait until its lock is free: then everything is down."""
    with place.lock.open("r", encoding="utf-8") as lock:
        if _take(lock.fileno()):
            raise CannotDo("nothing is running")
        os.kill(int(lock.read()), signal.SIGTERM)
        deadline = time.monotonic() + 45
        while not _take(lock.fileno()):
            if time.monotonic() > deadline:
                raise CannotDo("still stopping after 45 seconds (make status)")
            time.sleep(0.2)
    print("stopped")


def _take(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _logs(place: Place, names: list[str]) -> None:
    chosen = [_one(names)] if names else _NAMES
    files = [str(path) for name in chosen if (path := place.logs / f"{name}.log").exists()]
    if not files:
        raise CannotDo(f"no logs yet in {place.logs}")
    subprocess.run(["tail", "-n", "20", "-F", *files], check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
