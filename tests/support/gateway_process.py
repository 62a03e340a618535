"""A real gateway in a process of its own, for tests that kill it; and one conversation with it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.fake_assistant import SECRET

ROOT = Path(__file__).resolve().parents[2]
INNER_SECRET = "inner-secret-for-tests-0123456789"
GATEWAY_SECRET = "gateway-secret-for-tests-0123456789"
HOWTO = Path(__file__).with_name("howto.json")


def free_ports(count: int) -> list[int]:
    """Different ones: they are held together while choosing."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in probes]


class GatewayProcess:
    """`start()`, `kill()` (-9), `stop()` (SIGTERM, gives the exit code); same ports and files each time."""

    def __init__(self, var: Path, assistant_url: str, **environ: str) -> None:
        self.var = var
        self.port, self.inner_port, *rest = free_ports(5)
        self.log = var / "gateway.log"
        others = dict(zip(("ASSISTANT_PORT", "ACTIONS_PORT", "BACKEND_PORT"), map(str, rest), strict=True))
        self.environ = {
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(var),
            "POLICY_FILE": str(ROOT / "policy.yml"),
            "GATEWAY_HOST": "127.0.0.1",
            "PORT": str(self.port),
            "INNER_PORT": str(self.inner_port),
            "ASSISTANT_URL": assistant_url,
            "DOOR_SECRET": SECRET,
            "INNER_SECRET": INNER_SECRET,
            "GATEWAY_SECRET": GATEWAY_SECRET,
            **others,
            **environ,
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def inner_url(self) -> str:
        return f"http://127.0.0.1:{self.inner_port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "channels.server"],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the gateway did not start:\n{self.log.read_text()}")
            try:
                httpx.get(f"{self.url}/static/page.css", timeout=5)
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"the gateway does not answer:\n{self.log.read_text()}")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()


@contextmanager
def running_gateway(var: Path, assistant_url: str, **environ: str) -> Iterator[GatewayProcess]:
    gateway = GatewayProcess(var, assistant_url, **environ)
    try:
        gateway.start()
        yield gateway
    finally:
        gateway.end()


class Chat:
    """One conversation over the chat API, as a client sees it."""

    def __init__(self, client: httpx.Client, opened: dict[str, Any] | None = None) -> None:
        self.client = client
        if opened is None:
            response = client.post("/api/v1/conversations", json={})
            assert response.status_code == 201, response.text
            opened = response.json()
        self.id: str = opened["conversation_id"]
        self.headers = {"Authorization": f"Bearer {opened['token']}"}
        self.path = f"/api/v1/conversations/{self.id}"

    def say(self, text: str, client_id: str | None = None) -> httpx.Response:
        return self.send({"client_id": client_id or uuid.uuid4().hex, "text": text})

    def send(self, body: Any, **keywords: Any) -> httpx.Response:
        return self.client.post(f"{self.path}/messages", json=body, headers=self.headers, **keywords)

    def history(self, after: int = 0) -> dict[str, Any]:
        response = self.client.get(f"{self.path}/messages?after={after}", headers=self.headers)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def texts(self) -> list[str]:
        return [message["text"] for message in self.history()["messages"]]

    def settled(self, seconds: float = 30) -> list[dict[str, Any]]:
        """All messages, once no answer is on its way any more."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.history()
            if not found["pending"]:
                messages: list[dict[str, Any]] = found["messages"]
                return messages
            time.sleep(0.03)
        raise AssertionError("an answer is still missing")

    def delete(self) -> httpx.Response:
        return self.client.delete(self.path, headers=self.headers)

    def events(self, after: int = 0, timeout: float = 10) -> Generator[tuple[str, Any]]:
        """(name, data) of the stream's events, until the server ends it or the caller has enough."""
        url = f"{self.path}/stream?after={after}"
        with self.client.stream("GET", url, headers=self.headers, timeout=timeout) as response:
            assert response.status_code == 200
            name = ""
            for line in response.iter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    yield name, json.loads(line.removeprefix("data: "))
