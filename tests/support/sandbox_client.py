"""The sandbox of a stack as its users see it: tickets and accounts over HTTP, the console as a browser."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx

EXTENSION = "urn:hmis-account-help:params:scim:schemas:extension:account:1.0:User"
_FORM_TOKEN = re.compile(r'name="form_token"\s+value="([^"]+)"')


class SandboxClient:
    """`url` is the backend's; `token` its bearer token; `password` the console's."""

    def __init__(self, url: str, token: str, password: str) -> None:
        self._password = password
        headers = {"Authorization": f"Bearer {token}"}
        self._api = httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)
        self._browser = httpx.Client(
            base_url=f"{url}/console",
            headers={"Origin": url},
            timeout=30,
            trust_env=False,
            follow_redirects=True,
        )

    def close(self) -> None:
        self._api.close()
        self._browser.close()

    def tickets(self, requester: str) -> list[dict[str, Any]]:
        """A requester's tickets with their replies, oldest first."""
        found = (
            self._api.get("/tickets", params={"requester": requester}).raise_for_status().json()["tickets"]
        )
        numbers = sorted(ticket["id"] for ticket in found)
        return [self.ticket(number) for number in numbers]

    def all_tickets(self) -> list[dict[str, Any]]:
        """Every ticket of the desk, oldest first: numbers begin at 1001 and have no gaps."""
        found: list[dict[str, Any]] = []
        while (answer := self._api.get(f"/tickets/{1001 + len(found)}")).status_code != 404:
            ticket = answer.raise_for_status().json()["ticket"]
            found.append(ticket | ticket.get("draft", {}))
        return found

    def ticket(self, number: int) -> dict[str, Any]:
        ticket: dict[str, Any] = self._api.get(f"/tickets/{number}").raise_for_status().json()
        return ticket.get("ticket", ticket)

    def account(self, email: str) -> dict[str, Any]:
        """The SCIM user; `state`, `lastLogin`, … of our extension lifted to the top."""
        answer = self._api.get("/scim/v2/Users", params={"filter": f'userName eq "{email}"'})
        found = answer.raise_for_status().json().get("Resources", [])
        if not found:
            raise LookupError(f"the sandbox has no account {email}")
        user: dict[str, Any] = found[0]
        return user | user.get(EXTENSION, {})

    def act_on_account(self, email: str, action: str) -> None:
        """A button of the console: reactivate, unlock, reset-password, disable, log-in, complete-retake, …"""
        self._press(f"/accounts/{self.account(email)['id']}", action)

    def reply(self, number: int, text: str) -> None:
        """Support answers a ticket in its own words."""
        self._press(f"/tickets/{number}", "reply", key=uuid.uuid4().hex, text=text)

    def _press(self, page: str, action: str, **fields: str) -> None:
        shown = self._page(page)
        token = _FORM_TOKEN.search(shown)
        if token is None:
            raise LookupError(f"the console's page {page} has no form")
        answer = self._browser.post(f"{page}/{action}", data={"form_token": token[1], **fields})
        answer.raise_for_status()

    def _page(self, page: str) -> str:
        answer = self._browser.get(page).raise_for_status()
        if "sign-in" in answer.url.path:
            token = _FORM_TOKEN.search(answer.text)
            fields = {"form_token": token[1] if token else "", "password": self._password}
            self._browser.post("/sign-in", data=fields).raise_for_status()
            answer = self._browser.get(page).raise_for_status()
        return answer.text
