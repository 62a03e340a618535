"""Request Tracker 5 over REST 2.0. RT knows no idempotency: a ticket's key is a link of the ticket, a reply's
key the end of its subject, and both are asked for before anything is sent again.

"Ours" are the transactions of the user whose token we hold; that user must be the assistant's alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.desks import Ticket
from actions.desks.request_tracker_ticket import (
    Fields,
    field_value,
    requestors_of,
    to_link,
    to_mark,
    to_number,
    to_rt_ticket,
)
from actions.desks.ticket_sql import quoted
from actions.http import Answer, CallHuman, HttpClient, NotFound, TellPerson, Uncertain
from actions.identity import is_address
from actions.tickets import TicketDraft
from actions.wording import load_words

# Every lifecycle of RT sorts its states into these two; their names are each desk's own.
_SETS = (("__Active__", "open"), ("__Inactive__", "closed"))
_LONGEST_LIST = 20
_NEWEST_FIRST = {"orderby": "id", "order": "DESC"}
_LONGEST_NUMBER = 18


class RequestTrackerDesk:
    """`client`: its base address ends in /REST/2.0."""

    def __init__(self, client: HttpClient, queue: str, fields: Fields | None = None) -> None:
        """Raises WordsError."""
        self._client = client
        self._queue = queue
        self._fields = fields or Fields()
        self._words = load_words("request_tracker")

    def create(self, key: str, draft: TicketDraft) -> Ticket:
        # RT takes a user's name for a requestor, and files a ticket of nobody for anything else.
        if not is_address(draft.email):
            raise TellPerson(f"{self._client.name}: the requester has no e-mail address")
        body = to_rt_ticket(self._queue, key, draft, self._fields, self._words)
        answer = self._post("/ticket", "/ticket", body)
        number = to_number(answer.json.get("id")) if isinstance(answer.json, Mapping) else None
        if number is None:
            raise Uncertain(f"{self._client.name}: no ticket number")
        return Ticket(number, "open", draft.email, draft.row if self._fields.row else None)

    def find(self, key: str) -> Ticket | None:
        found = self._look(f"RefersTo = {quoted(to_link(key))}")
        return self._with_answers(*found[0]) if found else None

    def search(self, requester: str) -> list[Ticket]:
        """The newest twenty."""
        if not is_address(requester):
            return []
        found = self._look(f"Requestor.EmailAddress = {quoted(requester)}", every=True)
        newest = sorted(found, key=lambda one: -int(one[0]["id"]))[:_LONGEST_LIST]
        return [self._with_answers(item, state) for item, state in newest]

    def status(self, ticket_id: str) -> Ticket:
        number = self._number(ticket_id)
        if found := self._look(f"id = {number}"):
            return self._with_answers(*found[0])
        record = self._record(number)  # searches leave out merged and deleted tickets
        real = to_number(record.get("id"))
        if real not in (None, number) and (found := self._look(f"id = {real}")):
            return self._with_answers(*found[0], merged=number)
        _, emails = requestors_of(record)
        return Ticket(number, "closed", emails[0] if emails else "", field_value(record, self._fields.row))

    def reply(self, ticket_id: str, key: str, text: str) -> None:
        asked, mark = self._number(ticket_id), to_mark(key)
        number = to_number(self._record(asked).get("id"))  # where a merged ticket went
        if number is None:
            raise Uncertain(f"{self._client.name}: no ticket number")
        ours = self._correspondence({asked, number}, "=")
        if any(str(one.get("Data") or "").strip().endswith(mark) for one in ours):
            return
        subject = f"{self._words['reply_subject']} {mark}"
        body = {"Subject": subject, "Content": text, "ContentType": "text/plain"}
        self._post(f"/ticket/{number}/correspond", "/ticket/{id}/correspond", body)

    def close(self) -> None:
        self._client.close()

    def _post(self, path: str, route: str, body: Mapping[str, Any]) -> Answer:
        """RT takes whatever people write: what it refuses (400 without a right) an operator must mend."""
        try:
            return self._client.call("POST", path, route=route, body=body, expect=(201,))
        except TellPerson as error:
            raise CallHuman(f"{error}; has the token's user the rights it needs?") from None

    def _number(self, ticket_id: str) -> str:
        if not (ticket_id.isascii() and ticket_id.isdigit() and len(ticket_id) <= _LONGEST_NUMBER):
            raise NotFound(f"{self._client.name}: not a ticket number")
        return str(int(ticket_id))

    def _look(self, condition: str, *, every: bool = False) -> list[tuple[Mapping[str, Any], str]]:
        """Tickets and whether they are open or closed, open ones first; only those unless `every`."""
        found: list[tuple[Mapping[str, Any], str]] = []
        for states, state in _SETS:
            if every or not found:
                query = f"{condition} AND Status = '{states}'"
                fields = {"fields": "Requestor,CustomFields", "fields[Requestor]": "EmailAddress"}
                found += [(item, state) for item in self._items("/tickets", query, _LONGEST_LIST, fields)]
        return found

    def _with_answers(self, item: Mapping[str, Any], state: str, merged: str | None = None) -> Ticket:
        """Answers are what neither the requestor nor we wrote; answered: nobody wrote after the last one.

        `merged`: the number of a ticket that went into this one; RT leaves what was written with it.
        """
        number = str(to_number(item["id"]))
        numbers = {number, merged or number}
        names, emails = requestors_of(item)
        others = self._correspondence(numbers, "!=")
        answers = [int(one["id"]) for one in others if _creator(one) not in names]
        if answers and state == "open":
            asked = [one for one in others if _creator(one) in names] + self._correspondence(numbers, "=")
            state = "answered" if all(int(one["id"]) < max(answers) for one in asked) else "open"
        return Ticket(
            id=number,
            status=state,
            requester=emails[0] if emails else "",
            row=field_value(item, self._fields.row),
            answers=tuple(map(str, sorted(answers))),
        )

    def _correspondence(self, numbers: set[str], ours: str) -> list[Mapping[str, Any]]:
        """What requestors can read of tickets, newest first: ours (`=`) or that of others (`!=`)."""
        tickets = " OR ".join(f"TicketId = {number}" for number in sorted(numbers))
        query = f"({tickets}) AND Type = 'Correspond' AND Creator {ours} '__CurrentUser__'"
        return self._items("/transactions", query, 100, {"fields": "Creator,Data"})

    def _items(self, path: str, query: str, at_most: int, more: Mapping[str, str]) -> list[Mapping[str, Any]]:
        params = {"query": query, "per_page": str(at_most), **_NEWEST_FIRST, **more}
        try:
            answer = self._client.call("GET", path, params=params, harmless=True)
        except TellPerson as error:  # the queries are ours: nothing that a person could say otherwise
            raise CallHuman(str(error)) from None
        items = self._object(answer).get("items")
        if not isinstance(items, list) or not all(_is_numbered(item) for item in items):
            raise Uncertain(f"{self._client.name}: not a list of {path.strip('/')}")
        return items

    def _record(self, number: str) -> Mapping[str, Any]:
        """A ticket by number, also a merged or deleted one.

        Raises NotFound, also for a ticket that our user may not see: nobody is told that it exists.
        """
        path = f"/ticket/{number}"
        expect = (200, 403)
        answer = self._client.call("GET", path, route="/ticket/{id}", expect=expect, harmless=True)
        if answer.status == 403:
            raise NotFound(f"{self._client.name}: a ticket that is not ours to see")
        return self._object(answer)

    def _object(self, answer: Answer) -> Mapping[str, Any]:
        if not isinstance(answer.json, Mapping):
            raise Uncertain(f"{self._client.name}: not a JSON object")
        return answer.json


def _is_numbered(item: Any) -> bool:
    return isinstance(item, Mapping) and to_number(item.get("id")) is not None


def _creator(transaction: Mapping[str, Any]) -> str:
    creator = transaction.get("Creator")
    return str(creator.get("id") or "") if isinstance(creator, Mapping) else ""
