"""A small action server on loopback that records what it gets and fails as it is told."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Plan:
    """What one action answers:

    `events`, `responses`; or `status`; each after `seconds`. `drop` closes the line.
    """

    events: list[dict[str, Any]] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    seconds: float = 0.0
    drop: bool = False


def slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value}


class FakeActions:
    """`plans` by action name; `calls` are the bodies received, `headers` those of the latest one."""

    def __init__(self) -> None:
        self.plans: dict[str, Plan] = {}
        self.calls: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.forgotten: list[str] = []
        self.forget_status = 204
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.headers = {name.lower(): value for name, value in self.headers.items()}
                fake.calls.append(body)
                plan = fake.plans.get(body["next_action"], Plan())
                time.sleep(plan.seconds)
                if plan.drop:
                    self.close_connection = True
                    self.connection.close()
                    return
                content = json.dumps({"events": plan.events, "responses": plan.responses}).encode()
                self.send_response(plan.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_DELETE(self) -> None:
                fake.headers = {name.lower(): value for name, value in self.headers.items()}
                fake.forgotten.append(self.path)
                self.send_response(fake.forget_status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def names(self) -> list[str]:
        return [call["next_action"] for call in self.calls]

    def reset(self, **plans: Plan) -> None:
        self.plans = dict(plans)
        self.calls.clear()
        self.forgotten.clear()
        self.forget_status = 204

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
