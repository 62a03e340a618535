"""An assistant that speaks exactly the protocol of the real one's door, and breaks on demand.

Faults (`fail(kind, times)`): `503` (not kept), `500`, `refuse` (400), `shape` (200 with something else),
`hang_up` (closes without an answer, nothing done), `die` (does the turn, then closes without an answer),
`slow` (does the turn after `delay` seconds). `times` counts turns, None means until `mend()`.
`stop()` and `start()` take the listener away and bring it back on the same port.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DOOR = "/webhooks/door"
SECRET = "door-secret-for-tests-0123456789"
FIELDS = {"turn_id", "at", "conversation_id", "channel", "identity", "text", "button", "start", "event"}

Answer = list[dict[str, Any]]
Script = Callable[[dict[str, Any]], list[dict[str, Any]]]


def echo(turn: dict[str, Any]) -> list[dict[str, Any]]:
    """Messages without ids: `{"text", "titles"}`. Says back what came in."""
    if "event" in turn:
        if turn["event"]["kind"] == "session_start":
            return [
                {
                    "text": "Hello! I am the **HMIS account assistant**, a bot. What do you see?",
                    "titles": ["Account is inactive", "Account is locked", "Forgot my password"],
                }
            ]
        return [{"text": f"Event: {turn['event']['kind']}", "titles": []}]
    if "button" in turn:
        return [{"text": f"Chosen: {turn['button']['id']}", "titles": []}]
    if "start" in turn:
        return [{"text": f"Begun: {turn['start']['flow']}", "titles": []}]
    return [{"text": f"You said: {turn['text']}", "titles": []}]


class FakeAssistant:
    """`with FakeAssistant() as fake: … fake.url`; `fake.turns` holds every turn done, in order."""

    def __init__(self, script: Script = echo, secret: str = SECRET) -> None:
        self.script = script
        self.secret = secret
        self.delay = 0.0
        self.requests: list[dict[str, Any]] = []
        self.turns: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.healthy = True
        self._answers: dict[tuple[str, str], Answer] = {}
        self._fault: str | None = None
        self._left: int | None = None
        self._lock = threading.Lock()
        self._in_turn: dict[str, threading.Lock] = {}
        self._server: _Server | None = None
        self.overlaps = 0
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> FakeAssistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = _Server(("127.0.0.1", self._port), handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up_all()
            self._server = None

    def fail(self, kind: str, times: int | None = None) -> None:
        with self._lock:
            self._fault, self._left = kind, times

    def mend(self) -> None:
        with self._lock:
            self._fault, self._left = None, None

    def take_fault(self) -> str | None:
        with self._lock:
            fault = self._fault
            if self._left is not None:
                self._left -= 1
                if self._left <= 0:
                    self._fault, self._left = None, None
            return fault

    def answer(self, turn: dict[str, Any]) -> Answer:
        """The same turn id gives the same answer, and the script sees each turn once."""
        key = (turn["conversation_id"], turn["turn_id"])
        with self._lock:
            alone = self._in_turn.setdefault(turn["conversation_id"], threading.Lock())
        if not alone.acquire(blocking=False):
            self.overlaps += 1
            alone.acquire()
        try:
            if key not in self._answers:
                self.turns.append(turn)
                self._answers[key] = [
                    _message(turn["turn_id"], place, said) for place, said in enumerate(self.script(turn))
                ]
            return self._answers[key]
        finally:
            alone.release()

    def texts(self) -> list[str]:
        return [turn["text"] for turn in self.turns if "text" in turn]


def _message(turn_id: str, place: int, said: dict[str, Any]) -> dict[str, Any]:
    message_id = f"{turn_id}-{place}"
    return {
        "id": message_id,
        "text": said["text"],
        "buttons": [
            {"id": f"{message_id}.{n}", "title": title} for n, title in enumerate(said.get("titles", ()))
        ],
        "image": said.get("image"),
        "custom": None,
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A gateway that was killed leaves broken connections; that is what is tested."""

    def hang_up_all(self) -> None:
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: FakeAssistant

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        if self.path != f"{DOOR}/healthz":
            return self._send(404, {"error": "unknown path"})
        if self.fake.healthy:
            return self._send(200, {"status": "ok"})
        return self._send(503, {"status": "down", "down": ["tracker store"]})

    def do_DELETE(self) -> None:
        if not self._admitted():
            return None
        if (fault := self.fake.take_fault()) in ("hang_up", "die"):
            return self._hang_up()
        if fault == "503":
            return self._send(503, {"error": "not deleted"})
        self.fake.deleted.append(self.path.removeprefix(f"{DOOR}/conversations/"))
        return self._send(204, None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not self._admitted():
            return None
        if self.path != f"{DOOR}/turn":
            return self._send(404, {"error": "unknown path"})
        if len(body) > 65_536:
            return self._send(413, {"error": "too large"})
        turn = json.loads(body)
        if problem := _problem(turn):
            return self._send(400, {"error": problem})
        self.fake.requests.append(turn)
        fault = self.fake.take_fault()
        if fault in ("503", "500", "refuse"):
            status = 400 if fault == "refuse" else int(fault)
            return self._send(status, {"error": "not kept; send the same turn again"})
        if fault == "shape":
            return self._send(200, {"messages": "none"})
        if fault == "hang_up":
            return self._hang_up()
        if fault == "slow":
            time.sleep(self.fake.delay)
        messages = self.fake.answer(turn)
        if fault == "die":
            return self._hang_up()
        return self._send(200, {"messages": messages})

    def _admitted(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {self.fake.secret}":
            return True
        self._send(401, {"error": "wrong or missing bearer secret"})
        return False

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, content: object) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


def _problem(turn: Any) -> str | None:
    """What the real door would refuse; None when the turn is well-formed."""
    if not isinstance(turn, dict) or set(turn) - FIELDS:
        return "unknown field"
    if len([kind for kind in ("text", "button", "start", "event") if turn.get(kind) is not None]) != 1:
        return "expected exactly one of text, button, start and event"
    if not 1 <= len(str(turn.get("turn_id", ""))) <= 120 or not turn.get("conversation_id"):
        return "turn_id, conversation_id"
    try:
        if datetime.fromisoformat(turn["at"]).tzinfo is None:
            return "at has no offset"
    except (KeyError, TypeError, ValueError):
        return "at"
    identity = turn.get("identity")
    if not isinstance(identity, dict) or set(identity) != {"level", "email"}:
        return "identity"
    return None
