"""The fixture assistant as a real process:

trained, started, stopped and started again, spoken to over its door.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "tests/bot/rasa/fixtures/assistant"
SECRET = "door-secret-for-tests-0123456789"
AT = "2026-11-23T10:00:00-08:00"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class AssistantProcess:
    """`var` holds its model, its database and its log."""

    def __init__(self, var: Path, actions_url: str, assistant: Path = FIXTURE, **environ: str) -> None:
        self.var = var
        self.port = free_port()
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")},
            "VAR_DIR": str(var),
            "ASSISTANT_DIR": str(assistant),
            "POLICY_FILE": str(ROOT / "policy.yml"),
            "ASSISTANT_PORT": str(self.port),
            "ACTIONS_URL": actions_url,
            "ACTIONS_SECRET": "actions-secret-for-tests-0123456789",
            "DOOR_SECRET": SECRET,
            "PYTHONPATH": str(ROOT),
            **environ,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def train(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("bot.train", *arguments)

    def run(self, module: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=self.environ,
            input=given,
            capture_output=True,
            text=True,
            timeout=240,
        )

    def start(self) -> None:
        with open(self.var / "assistant.log", "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot.server"], cwd=ROOT, env=self.environ, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the assistant ended at once: {self.log()[-2000:]}")
            try:
                if self.call("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the assistant does not answer: {self.log()[-2000:]}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def log(self) -> str:
        return (self.var / "assistant.log").read_text(encoding="utf-8", errors="replace")

    def call(
        self, method: str, path: str, body: Any = None, secret: str | None = SECRET, timeout: float = 60
    ) -> tuple[int, Any]:
        """Status and JSON; raises OSError when nobody answers, TimeoutError when it takes longer."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/webhooks/door{path}", data=data, method=method
        )
        if secret is not None:
            request.add_header("Authorization", f"Bearer {secret}")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, _json(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _json(error.read())

    def conversation(self, **more: Any) -> Conversation:
        return Conversation(self, **more)


class Conversation:
    """One person talking to the assistant; each call is one turn and returns its messages."""

    def __init__(
        self, assistant: AssistantProcess, channel: str = "web", conversation_id: str | None = None
    ) -> None:
        self.assistant = assistant
        self.id = conversation_id or uuid.uuid4().hex
        self.channel = channel
        self.turns = 0

    def body(self, turn_id: str | None = None, at: str = AT, **content: Any) -> dict[str, Any]:
        self.turns += turn_id is None
        return {
            "turn_id": turn_id or f"{self.id}:{self.turns}",
            "at": at,
            "conversation_id": self.id,
            "channel": self.channel,
            "identity": {"level": "anonymous", "email": None},
            **content,
        }

    def post(self, body: dict[str, Any], timeout: float = 60) -> tuple[int, Any]:
        return self.assistant.call("POST", "/turn", body, timeout=timeout)

    def turn(self, **content: Any) -> list[dict[str, Any]]:
        status, answer = self.post(self.body(**content))
        assert status == 200, answer
        return list(answer["messages"])

    def say(self, text: str) -> list[str]:
        return texts(self.turn(text=text))

    def press(self, button: dict[str, Any]) -> list[str]:
        return texts(self.turn(button={"id": button["id"]}))

    def tell(self, kind: str, **data: Any) -> list[str]:
        return texts(self.turn(event={"kind": kind, "data": data}))


def texts(messages: list[dict[str, Any]]) -> list[str]:
    return [message["text"] for message in messages]


def _json(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode(errors="replace")
