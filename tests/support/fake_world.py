"""A ticket desk, SCIM accounts and an inner door in one small server, for tests that look at the wire.

The desk is *not* idempotent: filing twice makes two tickets. That is the desk that clients must be ready for.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.support.json_server import Asked, JsonServer

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
        self._server = JsonServer(self._answer)
        self.url = self._server.url

    def close(self) -> None:
        self._server.close()

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
        if "@" not in draft["requester"]["email"]:
            return 422, {"error": "no address"}
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
        ticket["status"] = "open"
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

    def _answer(self, asked: Asked) -> tuple[int, Any]:
        self.requests.append((asked.method, asked.target))
        self.gate.wait()
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {}
        forced = next((s for path, s in self.status_of.items() if asked.path.startswith(path)), None)
        return (forced, {}) if forced is not None else self._route(asked)

    def _route(self, asked: Asked) -> tuple[int, Any]:
        called = (asked.method, asked.path)
        if called == ("POST", "/tickets"):
            return self.post_ticket(asked.headers["Idempotency-Key"], asked.body)
        if called == ("GET", "/tickets"):
            return self.get_tickets(asked.query)
        if called == ("GET", "/scim/v2/Users"):
            return self.find_users(asked.query["filter"])
        if called == ("POST", "/internal/events"):
            return self.take_event(asked.body)
        if match := re.fullmatch(r"/scim/v2/Users/([^/]+)", asked.path):
            return self.patch_user(match.group(1))
        if match := re.fullmatch(r"/tickets/(\d+)(/replies)?", asked.path):
            if match.group(2):
                return self.post_reply(int(match.group(1)), asked.body)
            found = [t for t in self.tickets if t["id"] == int(match.group(1))]
            return (200, found[0]) if found else (404, {})
        return 404, {}
