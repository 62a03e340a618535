"""Request Tracker's REST 2.0 as far as the assistant uses it: it answers as RT 5.0.3 was seen to.

It is not idempotent, takes any requestor, ignores custom fields that it does not have, and hides what the
token's user may not see. The same tests run against it and against a real RT where one is installed.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.json_server import Asked, JsonServer

QUEUE, ROW_FIELD, CASE_FIELD = "HMIS Support", "How-To row", "Case"
OWN_USER, TOKEN = "account-help", "1-27-0123456789abcdef0123456789abcdef"
_INACTIVE = ("resolved", "rejected", "deleted")
# A value in quotes, in which a backslash takes the next character as it is, or a bare number.
_CONDITION = re.compile(r"([\w.]+) (=|!=) (?:'((?:\\.|[^'\\])*)'|(\d+))")
_TICKETS = re.compile(r"\(TicketId = \d+(?: OR TicketId = \d+)*\) AND ")
_MAILBOX = re.compile(r'(?:"([^"]*)" )?<?([^<>"\s]+@[^<>"\s]+)>?')


@dataclass
class RtTicket:
    """A ticket as RT holds it. `people`: requestors as (address, name); `texts`: the first text, attachments;
    `replies`: (user, text)."""

    id: str
    subject: str
    status: str
    people: list[tuple[str, str | None]]
    links: list[str]
    fields: dict[str, str]
    texts: list[str]
    replies: list[tuple[str, str]]


@dataclass
class _Kept(RtTicket):
    queue: str = QUEUE
    into: str | None = None  # merged into
    transactions: list[dict[str, Any]] = field(default_factory=list)


class FakeRequestTracker:
    """`url` and `token` as those of a real one; `requests` is what came over the wire."""

    token = TOKEN

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self._tickets: list[_Kept] = []
        self._last = 100
        self._lock = threading.Lock()
        self._server = JsonServer(self._answer)
        self.url = self._server.url

    def close(self) -> None:
        self._server.close()

    # -- Support's doing ---------------------------------------------------------------------------

    def tickets(self) -> list[RtTicket]:
        """All tickets, newest first."""
        return list(reversed(self._tickets))

    def answer(self, number: int | str, text: str) -> None:
        self._correspond(self._load(str(number)), "root", text, "No Subject")

    def write(self, number: int | str, user: str, text: str) -> None:
        """Somebody's mail arrives at the ticket."""
        self._correspond(self._load(str(number)), user, text, "Re: Reactivate account")

    def change(self, number: int | str, **fields: str) -> None:
        ticket = self._load(str(number))
        ticket.status = fields.get("Status", ticket.status)
        if into := fields.get("MergeInto"):
            ticket.into = into
            self._load(into).links.extend(ticket.links)

    def file_elsewhere(self, requestor: str) -> str:
        return self._create({"Queue": "General", "Subject": "Salary", "Requestor": requestor})["id"]

    # -- REST 2.0 ----------------------------------------------------------------------------------

    def _answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("Authorization") != f"token {TOKEN}":
            return 401, {"message": "Unauthorized"}
        if not asked.path.startswith("/REST/2.0/"):
            return 404, {"message": "Not Found"}
        return self._serve(asked.method, asked.path.removeprefix("/REST/2.0"), asked.query, asked.body)

    def _serve(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        with self._lock:
            self.requests.append(f"{method} {path}")
            if (method, path) == ("POST", "/ticket"):
                self.bodies.append(body)
                if body.get("Queue") != QUEUE:
                    return 403, {"message": f"No permission to create tickets in the queue '{body['Queue']}'"}
                return 201, self._create(body)
            if (method, path) in (("GET", "/tickets"), ("GET", "/transactions")):
                return self._search(path, query)
            if match := re.fullmatch(r"/ticket/(\d+)(/correspond)?", path):
                ticket = self._load(match[1])
                if match[2]:
                    return self._post_message(ticket, body)
                if ticket is None:
                    return 404, {"message": "Not Found"}
                return (200, _shown(ticket)) if ticket.queue == QUEUE else (403, {"message": "Forbidden"})
        return 404, {"message": "Not Found"}

    def _load(self, number: str) -> Any:
        """RT follows a merge to its end."""
        ticket = next((one for one in self._tickets if one.id == number), None)
        return self._load(ticket.into) if ticket and ticket.into else ticket

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        number = str(len(self._tickets) + 1)
        match = _MAILBOX.fullmatch(body.get("Requestor", ""))
        fields = {n: v for n, v in body.get("CustomFields", {}).items() if n in (ROW_FIELD, CASE_FIELD)}
        attached = [base64.b64decode(one["FileContent"]).decode() for one in body.get("Attachments", [])]
        ticket = _Kept(
            number, body["Subject"], "new", [(match[2], match[1])] if match else [],
            list(body.get("RefersTo", [])), fields, [body.get("Content", ""), *attached], [],
            queue=body["Queue"],
        )  # fmt: skip
        self._tickets.append(ticket)
        return {"id": number, "type": "ticket", "_url": f"{self.url}/REST/2.0/ticket/{number}"}

    def _post_message(self, ticket: _Kept | None, body: dict[str, Any]) -> tuple[int, Any]:
        if ticket is None or ticket.queue != QUEUE:
            return 400, {"message": "Permission Denied"}
        self._correspond(ticket, OWN_USER, body["Content"], body["Subject"] + "\n")
        return 201, ["Correspondence added"]

    def _correspond(self, ticket: _Kept, user: str, text: str, data: str) -> None:
        self._last += 2
        ticket.transactions.append({"id": self._last, "Creator": user, "Data": data})
        ticket.replies.append((user, text))
        ticket.status = "open"  # RT's own rule: correspondence opens a ticket

    def _search(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        text = query["query"]
        group = _TICKETS.match(text)
        conditions = _parsed(text[group.end() :] if group else text)
        if conditions is None:
            return 400, {"message": "Incomplete query"}
        visible = [one for one in self._tickets if one.queue == QUEUE]
        if path == "/tickets":
            found = [one for one in visible if one.status != "deleted" and not one.into]
            items = [_shown(one) for one in found if _is_meant(one, conditions)]
        else:
            numbers = re.findall(r"\d+", group[0]) if group else []
            found = [one for one in visible if one.id in numbers]
            items = [
                {**one, "id": str(one["id"]), "Type": "Correspond", "Creator": {"id": one["Creator"]}}
                for ticket in found
                for one in ticket.transactions
                if _creator_fits(one, conditions)
            ]
        items.sort(key=lambda item: int(item["id"]), reverse=query.get("order") == "DESC")
        items = items[: int(query.get("per_page", "20"))]
        return 200, {"count": len(items), "page": 1, "per_page": 20, "items": items}


def _parsed(text: str) -> list[tuple[str, str, str]] | None:
    """`field operator value` joined by AND; None for what does not parse to its end."""
    conditions = []
    place = 0
    while match := _CONDITION.match(text, place):
        value = match[4] if match[3] is None else re.sub(r"\\(.)", r"\1", match[3])
        conditions.append((match[1], match[2], value))
        place = match.end()
        if place == len(text):
            return conditions
        if not text.startswith(" AND ", place):
            return None
        place += len(" AND ")
    return None


def _is_meant(ticket: RtTicket, conditions: list[tuple[str, str, str]]) -> bool:
    active = "__Inactive__" if ticket.status in _INACTIVE else "__Active__"
    tests: dict[str, Callable[[str], bool]] = {
        "id": lambda value: ticket.id == value,
        "Status": lambda value: value == active,
        "RefersTo": lambda value: value in ticket.links,
        "Requestor.EmailAddress": lambda value: (
            value.lower() in [address.lower() for address, _ in ticket.people]
        ),
    }
    return all(tests[name](value) for name, _, value in conditions)


def _creator_fits(transaction: dict[str, Any], conditions: list[tuple[str, str, str]]) -> bool:
    wanted = next(operator for name, operator, _ in conditions if name == "Creator")
    return (transaction["Creator"] == OWN_USER) is (wanted == "=")


def _shown(ticket: _Kept) -> dict[str, Any]:
    return {
        "type": "ticket",
        "id": ticket.id,
        "Status": ticket.status,
        "Subject": ticket.subject,
        "Requestor": [
            {"type": "user", "id": address, "EmailAddress": address} for address, _ in ticket.people
        ],
        "CustomFields": [
            {"type": "customfield", "name": name, "values": [value] if value else []}
            for name, value in ((name, ticket.fields.get(name)) for name in (ROW_FIELD, CASE_FIELD))
        ],
    }
