"""What can be wrong before anything starts, each as one line: settings, policy, ports, environments."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from common.policy import PolicyError, load_policy
from common.settings import Settings
from scripts.programs import PROGRAMS, ROOT, programs_for

_INNER = ("INNER_PORT", "ASSISTANT_PORT", "ACTIONS_PORT")
_SANDBOX = ("BACKEND_PORT", "MAILBOX_PORT")


class CannotStart(Exception):
    """One line that says what is wrong and what to do."""


def check(settings: Settings) -> None:
    """Raise CannotStart for the first thing that would keep the programs from starting."""
    for program in PROGRAMS:
        if not program.python.exists():
            raise CannotStart(f"{program.python.relative_to(ROOT)} is missing; run make setup")
    try:
        load_policy(settings.policy_file, production=settings.production)
    except PolicyError as error:
        raise CannotStart(str(error)) from error
    for name, host, port in _listeners(settings):
        if not _is_free(host, port):
            raise CannotStart(f"{name} {port} is in use by another program; set {name} to a free port")


def _listeners(settings: Settings) -> Iterator[tuple[str, str, int]]:
    yield "PORT", settings.gateway_host, settings.port
    sandbox = any(program.name == "backend" for program in programs_for(settings))
    for name in (*_INNER, *(_SANDBOX if sandbox else ())):
        yield name, "127.0.0.1", getattr(settings, name.lower())


def _is_free(host: str, port: int) -> bool:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise CannotStart(f"GATEWAY_HOST {host} is no address of this machine") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError as error:
            raise CannotStart(f"port {port} needs more rights; choose one above 1023") from error
        except OSError:
            return False
    return True
