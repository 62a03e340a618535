"""The sandbox's ticket desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from actions.desks import Ticket
from actions.http import HttpClient, NotFound, Uncertain
from actions.tickets import TicketDraft

_STATUSES = ("open", "answered", "closed")


class SandboxDesk:
    """Idempotent by itself (`Idempotency-Key`, keyed replies); `find` is used all the same."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def create(self, key: str, draft: TicketDraft) -> Ticket:
        answer = self._client.call(
            "POST",
            "/tickets",
            body=draft.to_json(),
            headers={"Idempotency-Key": key},
            expect=(200, 201),
        )
        return _to_ticket(_member(answer.json, "ticket"))

    def find(self, key: str) -> Ticket | None:
        found = self._list({"key": key})
        return found[0] if found else None

    def search(self, requester: str) -> list[Ticket]:
        return sorted(self._list({"requester": requester}), key=lambda ticket: -int(ticket.id))

    def status(self, ticket_id: str) -> Ticket:
        answer = self._client.call("GET", _path(ticket_id), route="/tickets/{id}", harmless=True)
        return _to_ticket(_member(answer.json, "ticket"))

    def reply(self, ticket_id: str, key: str, text: str) -> None:
        self._client.call(
            "POST",
            _path(ticket_id) + "/replies",
            route="/tickets/{id}/replies",
            body={"key": key, "from": "requester", "text": text},
            expect=(200, 201),
            harmless=True,
        )

    def close(self) -> None:
        self._client.close()

    def _list(self, params: Mapping[str, str]) -> list[Ticket]:
        answer = self._client.call("GET", "/tickets", params=params, harmless=True)
        tickets = answer.json.get("tickets") if isinstance(answer.json, Mapping) else None
        if not isinstance(tickets, list):
            raise Uncertain("sandbox desk: not a list of tickets")
        return [_to_ticket(ticket) for ticket in tickets]


def _path(ticket_id: str) -> str:
    if not (ticket_id.isascii() and ticket_id.isdigit()):
        raise NotFound("sandbox desk: not a ticket number")
    return f"/tickets/{quote(ticket_id, safe='')}"


def _member(value: Any, name: str) -> Any:
    """The ticket of an answer, whether it is wrapped in `{"ticket": …}` or stands by itself."""
    return value[name] if isinstance(value, Mapping) and name in value else value


def _to_ticket(value: Any) -> Ticket:
    if not isinstance(value, Mapping) or not isinstance(value.get("id"), int):
        raise Uncertain("sandbox desk: not a ticket")
    requester = value.get("requester")
    replies = value.get("replies") or []
    return Ticket(
        id=str(value["id"]),
        status=value["status"] if value.get("status") in _STATUSES else "open",
        requester=str(requester.get("email") or "") if isinstance(requester, Mapping) else "",
        row=value.get("row"),
        answers=tuple(
            str(reply.get("id"))
            for reply in replies
            if isinstance(reply, Mapping) and reply.get("from") == "support"
        ),
    )
