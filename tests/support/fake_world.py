"""A ticket desk, SCIM accounts and an inner door in one small server, for tests that look at the wire.

The desk is *not* idempotent: filing twice makes two tickets. That is the desk that clients must be ready for.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

EXTENSION = "urn:hmis-account-help:params:scim:schemas:extension:account:1.0:User"
TOKEN = "token-of-the-fake-world"


class FakeWorld:
    """Tests may read and change `tickets`, `users` and `events`; `requests` is what came over the wire."""

    def __init__(self) -> None:
        self.tickets: list[dict[str, Any]] = []
        self.users: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.gone: set[str] = set()
        self.status_of: dict[str, int] = {}
        self.gate = threading.Event()  # while it is clear, nobody is answered
        self.gate.set()
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.midnight: Callable[[datetime], datetime] | None = None
        self._lock = threading.Lock()
        world = self

        class Handler(_Handler):
            pass

        Handler.world = world
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add_user(self, email: str, **extra: Any) -> dict[str, Any]:
        """`extra`: members of the account extension, such as state, lastLogin, disabledReason."""
        state = extra.get("state", "active")
        user = {
            "id": f"u{len(self.users) + 1}",
            "userName": email,
            "emails": [{"value": email}],
            "active": state == "active",
            EXTENSION: {"state": state, **extra},
        }
        self.users.append(user)
        return user

    def answer(self, ticket_id: int, text: str = "done") -> None:
        """Support answers a ticket."""
        ticket = next(t for t in self.tickets if t["id"] == ticket_id)
        ticket["status"] = "answered"
        ticket["replies"].append({"id": len(ticket["replies"]) + 1, "from": "support", "text": text})

    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]

    # -- what the three systems do ------------------------------------------------------------------

    def post_ticket(self, key: str, draft: dict[str, Any]) -> tuple[int, Any]:
        with self._lock:
            ticket = {**draft, "id": 1001 + len(self.tickets), "key": key, "status": "open", "replies": []}
            self.tickets.append(ticket)
        return 201, {"ticket": ticket}

    def get_tickets(self, query: dict[str, str]) -> tuple[int, Any]:
        found = [
            ticket
            for ticket in self.tickets
            if query.get("key", ticket["key"]) == ticket["key"]
            and query.get("requester", ticket["requester"]["email"]) == ticket["requester"]["email"]
        ]
        return 200, {"tickets": found}

    def post_reply(self, ticket_id: int, body: dict[str, Any]) -> tuple[int, Any]:
        ticket = next((t for t in self.tickets if t["id"] == ticket_id), None)
        if ticket is None:
            return 404, {"error": "no such ticket"}
        if any(reply.get("key") == body["key"] for reply in ticket["replies"]):
            return 200, ticket
        ticket["replies"].append({"id": len(ticket["replies"]) + 1, **body})
        return 201, ticket

    def find_users(self, filter_text: str) -> tuple[int, Any]:
        match = re.fullmatch(r'(userName|emails\.value) eq ("(?:[^"\\]|\\.)*")', filter_text)
        if match is None:
            return 400, {"scimType": "invalidFilter"}
        value = json.loads(match.group(2)).casefold()
        found = []
        for user in self.users:
            values = (
                [user["userName"]] if match.group(1) == "userName" else [e["value"] for e in user["emails"]]
            )
            if value in [one.casefold() for one in values]:
                found.append(user)
        return 200, {"Resources": found, "totalResults": len(found)}

    def patch_user(self, user_id: str) -> tuple[int, Any]:
        user = next((u for u in self.users if u["id"] == user_id), None)
        if user is None:
            return 404, {}
        now = self.now()
        user["active"] = True
        ours = user.get(EXTENSION)
        if ours is not None:
            ours |= {"state": "active", "reactivatedOn": now.isoformat()}
            if self.midnight is not None:
                ours["logInBy"] = self.midnight(now).isoformat()
        return 200, user

    def take_event(self, event: dict[str, Any]) -> tuple[int, Any]:
        if event["conversation_id"] in self.gone:
            return 404, {}
        with self._lock:
            if all(known["event_id"] != event["event_id"] for known in self.events):
                self.events.append(event)
        return 200, {"messages": []}


class _Handler(BaseHTTPRequestHandler):
    world: FakeWorld
    protocol_version = "HTTP/1.1"

    def _do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"null")
        parts = urlsplit(self.path)
        self.world.requests.append((self.command, self.path))
        self.world.gate.wait()
        answer: Any = {}
        forced = next((s for path, s in self.world.status_of.items() if parts.path.startswith(path)), None)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            status = 401
        elif forced is not None:
            status = forced
        else:
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, answer = self._route(self.command, parts.path, query, body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = _do

    def _route(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        world = self.world
        if (method, path) == ("POST", "/tickets"):
            return world.post_ticket(self.headers["Idempotency-Key"], body)
        if (method, path) == ("GET", "/tickets"):
            return world.get_tickets(query)
        if (method, path) == ("GET", "/scim/v2/Users"):
            return world.find_users(query["filter"])
        if (method, path) == ("POST", "/internal/events"):
            return world.take_event(body)
        if match := re.fullmatch(r"/scim/v2/Users/([^/]+)", path):
            return world.patch_user(match.group(1))
        if match := re.fullmatch(r"/tickets/(\d+)(/replies)?", path):
            if match.group(2):
                return world.post_reply(int(match.group(1)), body)
            found = [t for t in world.tickets if t["id"] == int(match.group(1))]
            return (200, found[0]) if found else (404, {})
        return 404, {}

    def log_message(self, *_: Any) -> None:
        """Quiet."""
