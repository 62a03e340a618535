"""The real action server and worker as processes, and action calls as Rasa makes them.

rig = ActionsRig(tmp_path, desk=world.url)
slots = rig.call("action_prepare_ticket", slots={...})
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from actions.database import Database
from actions.jobs.store import JobStore

ROOT = Path(__file__).resolve().parents[2]
SECRET = "secret-of-the-action-server-under-test"
AT = "2026-11-23T10:00:00-08:00"


def tracker_of(
    slots: Mapping[str, Any],
    *,
    conversation: str = "c-1",
    at: str = AT,
    identity: Mapping[str, Any] | None = None,
    said: tuple[str, ...] = ("It says my account is inactive",),
    events: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """A tracker in the shape that Rasa sends."""
    metadata = {
        "turn_id": "t-1",
        "at": at,
        "channel": "web",
        "identity": identity or {"level": "anonymous", "email": None},
    }
    made: list[dict[str, Any]] = []
    for text in said:
        made.append({"event": "user", "text": text, "timestamp": 1.0e9, "metadata": metadata})
        made.append({"event": "bot", "text": "I see.", "timestamp": 1.0e9, "metadata": {}})
    return {"sender_id": conversation, "slots": dict(slots), "events": made if events is None else events}


class ActionsRig:
    """`environ` changes any setting; everything lives in `folder`."""

    def __init__(self, folder: Path, *, backend: str, inner: str, token: str, **environ: str) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(folder),
            "POLICY_FILE": str(ROOT / "policy.yml"),
            "ACTIONS_PORT": str(self.port),
            "ACTIONS_SECRET": SECRET,
            "BACKEND_URL": backend,
            "BACKEND_TOKEN": token,
            "INNER_URL": inner,
            "INNER_SECRET": token,
            **environ,
        }
        self.http = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {SECRET}"}, timeout=30, trust_env=False
        )
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def log(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def store(self) -> JobStore:
        """The jobs table that the processes use."""
        url = self.environ.get("JOBS_DATABASE_URL") or f"sqlite:///{self.folder}/jobs.db"
        return JobStore(Database(url))

    def start(self, name: str = "server") -> None:
        """`server` or `worker`; waits until the server answers."""
        with (self.folder / f"{name}.log").open("ab") as out:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-W", "error:::actions", "-m", f"actions.{name}"],
                cwd=ROOT,
                env=self.environ,
                stdout=out,
                stderr=out,
            )
        while name == "server":
            assert self.processes[name].poll() is None, self.log
            try:
                if self.http.get("/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)

    def kill(self, name: str) -> None:
        """SIGKILL: no last words."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes.pop(name).wait(timeout=20)

    def stop(self, name: str) -> int:
        process = self.processes.pop(name)
        process.terminate()
        return process.wait(timeout=20)

    def close(self) -> None:
        for name in list(self.processes):
            self.kill(name)
        self.http.close()

    def post(self, action: str, tracker: Mapping[str, Any]) -> httpx.Response:
        call = {
            "next_action": action,
            "sender_id": tracker["sender_id"],
            "tracker": tracker,
            "version": "3.6.21",
        }
        return self.http.post("/webhook", json=call)

    def call(self, action: str, slots: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """The slots that an action sets."""
        answer = self.post(action, tracker_of(slots, **more))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["responses"] == []
        outcomes = [e["name"] for e in body["events"] if e["name"].endswith("_outcome")]
        assert outcomes == [action.removeprefix("action_") + "_outcome"], body
        return {event["name"]: event["value"] for event in body["events"]}


def wait_for(what: Any, seconds: float = 30.0) -> Any:
    """The first true answer of `what()`; fails loudly when none comes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := what():
            return answer
        time.sleep(0.05)
    raise AssertionError("it never happened")


def new_key() -> str:
    return secrets.token_hex(16)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
