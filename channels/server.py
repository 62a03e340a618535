"""`python -m channels.server`: the public listener and the inner door, in one process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from channels import app, inner
from channels.gateway import Gateway
from channels.guard import guarded
from channels.options import Options, load_options
from channels.words import load_words
from common.policy import PolicyError, load_policy
from common.redact import install_logging
from common.settings import SettingsError, load
from common.yaml_lines import YamlError

LOOPBACK = "127.0.0.1"


log = logging.getLogger(__name__)


class StartError(Exception):
    """Why the gateway cannot start; one line for whoever started it."""


class _Listener(uvicorn.Server):
    """uvicorn without its own signal handling: two listeners stop together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main() -> int:
    # What this process writes is for its own user alone.
    os.umask(0o077)
    try:
        settings = load()
        settings.require("DOOR_SECRET", "INNER_SECRET", "GATEWAY_SECRET")
        options = load_options(os.environ)
        policy = load_policy(settings.policy_file, production=settings.production)
        words = load_words()
        sockets = (
            listen(settings.gateway_host, settings.port, "PORT"),
            listen(LOOPBACK, settings.inner_port, "INNER_PORT"),
        )
    except (SettingsError, PolicyError, YamlError, StartError) as error:
        print(error, file=sys.stderr)
        return 2
    install_logging("gateway")
    for chatty in ("httpx", "alembic", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    client = http_client()
    gateway = Gateway(settings=settings, options=options, words=words, policy=policy, client=client)
    try:
        # uvicorn's own choice: uvloop where it is installed.
        factory = uvicorn.Config(gateway).get_loop_factory()  # type: ignore[arg-type]
        asyncio.run(_serve_until_signal(gateway, *sockets), loop_factory=factory)
    except StartError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def http_client() -> httpx.AsyncClient:
    """For the probes of health: no proxy from the environment."""
    return httpx.AsyncClient(trust_env=False)


def listen(host: str, port: int, variable: str) -> socket.socket:
    """A bound socket; raises StartError with the variable that would change it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without the protocol's name asyncio leaves Nagle's algorithm on: 40 ms for every answer.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(2048)
    except OSError as error:
        bound.close()
        reason = os.strerror(error.errno) if error.errno else "unknown address"
        raise StartError(
            f"{variable}: cannot listen on {host}:{port} ({reason}); set another {variable}"
        ) from None
    bound.set_inheritable(True)
    return bound


async def serve(
    gateway: Gateway, public: socket.socket, private: socket.socket, closing: asyncio.Event
) -> None:
    """Until `closing`: streams end, running requests finish, waiting turns stay stored."""
    try:
        await gateway.start()
    except (SQLAlchemyError, OSError) as error:
        await gateway.stop()
        reason = f"the database does not answer ({type(error).__name__})"
        raise StartError(f"GATEWAY_DATABASE_URL: {reason}") from None
    listeners = [
        _listener(app.build(gateway), gateway.options, guarded(gateway.options)),
        _listener(inner.build(gateway), gateway.options),
    ]
    tasks = [
        asyncio.create_task(listener.serve(sockets=[bound]))
        for listener, bound in zip(listeners, (public, private), strict=True)
    ]
    log.info("listening on %s:%d, inner door on %s:%d", *public.getsockname()[:2], *private.getsockname()[:2])
    try:
        closed = asyncio.create_task(closing.wait())
        await asyncio.wait([closed, *tasks], return_when=asyncio.FIRST_COMPLETED)
        gateway.close()
        for listener in listeners:
            listener.should_exit = True
        await asyncio.gather(*tasks)
    finally:
        await gateway.stop()
        log.info("stopped")


async def _serve_until_signal(gateway: Gateway, public: socket.socket, private: socket.socket) -> None:
    closing = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, closing.set)
    await serve(gateway, public, private, closing)


def _listener(application: object, options: Options, protocol: Any = "auto") -> _Listener:
    config = uvicorn.Config(
        application,  # type: ignore[arg-type]
        http=protocol,
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(options.stop_within),
    )
    return _Listener(config)


if __name__ == "__main__":
    sys.exit(main())
