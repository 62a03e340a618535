"""A gateway in this process with turned-down limits, in front of the fake assistant."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels import server
from channels.gateway import Gateway
from channels.options import Options
from channels.words import load_words
from common.clock import FixedClock
from common.policy import load_policy
from common.settings import Settings, load
from tests.support.fake_assistant import SECRET, FakeAssistant
from tests.support.gateway_process import GATEWAY_SECRET, INNER_SECRET, ROOT

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
QUICK = Options(
    answer_within=1.0,
    event_answer_within=1.0,
    turn_timeout=5.0,
    retry_first=0.02,
    retry_longest=0.1,
    heartbeat=0.2,
    sweep_every=0.2,
    stop_within=2.0,
)


class LocalGateway:
    """Both listeners of one gateway on a thread; `wall` (real time) can be moved."""

    def __init__(self, settings: Settings, options: Options) -> None:
        self.settings = settings
        self.clock = FixedClock(AT)
        self.late = 0.0
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started = threading.Event()
        self._sockets: tuple[socket.socket, socket.socket] | None = None

    def start(self) -> None:
        self._sockets = (
            server.listen("127.0.0.1", 0, "PORT"),
            server.listen("127.0.0.1", 0, "INNER_PORT"),
        )
        self.url, self.inner_url = (f"http://127.0.0.1:{bound.getsockname()[1]}" for bound in self._sockets)
        self._thread.start()
        assert self._started.wait(20)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        assert self._sockets is not None
        self._closing = asyncio.Event()
        self.gateway = Gateway(
            settings=self.settings,
            options=self._options,
            words=load_words(),
            policy=load_policy(ROOT / "policy.yml"),
            client=server.http_client(),
            clock=self.clock,
            wall=lambda: time.time() + self.late,
        )
        self._started.set()
        await server.serve(self.gateway, *self._sockets, self._closing)


def settings_for(var: Path, assistant_url: str, **environ: str) -> Settings:
    return load(
        {
            "VAR_DIR": str(var),
            "POLICY_FILE": str(ROOT / "policy.yml"),
            "ASSISTANT_URL": assistant_url,
            "ACTIONS_URL": "http://127.0.0.1:9",
            "BACKEND_URL": "http://127.0.0.1:9",
            "DOOR_SECRET": SECRET,
            "INNER_SECRET": INNER_SECRET,
            "GATEWAY_SECRET": GATEWAY_SECRET,
            **environ,
        }
    )


@pytest.fixture
def fake() -> Iterator[FakeAssistant]:
    with FakeAssistant() as assistant:
        yield assistant


@pytest.fixture
def start(tmp_path: Path, fake: FakeAssistant) -> Iterator[Callable[..., LocalGateway]]:
    """`start(**changes)`: a gateway with these options changed, over one database for the whole test."""
    running: list[LocalGateway] = []

    def begin(environ: dict[str, str] | None = None, **changes: Any) -> LocalGateway:
        options = dataclasses.replace(QUICK, **changes)
        local = LocalGateway(settings_for(tmp_path, fake.url, **(environ or {})), options)
        local.start()
        running.append(local)
        return local

    yield begin
    for local in running:
        if local._thread.is_alive():
            local.stop()


@pytest.fixture
def local(start: Callable[..., LocalGateway]) -> LocalGateway:
    return start()


@pytest.fixture
def client(local: LocalGateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=local.url, timeout=15, trust_env=False) as opened:
        yield opened


@pytest.fixture
def inner(local: LocalGateway) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {INNER_SECRET}"}
    with httpx.Client(base_url=local.inner_url, timeout=15, headers=headers, trust_env=False) as opened:
        yield opened
