"""Accounts over SCIM 2.0 (RFC 7643, RFC 7644) with our read-only extension where a server has it.

A plain SCIM server says only `active`. Without the extension's `disabledReason` nobody can tell an account
that lapsed from one that an administrator switched off, so callers then leave reactivation to Support.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from actions.accounts import Account, Training
from actions.http import CallHuman, HttpClient, TellPerson, Uncertain
from actions.identity import same_address

EXTENSION = "urn:hmis-account-help:params:scim:schemas:extension:account:1.0:User"
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_STATES = ("active", "inactive", "locked", "pending")


class ScimAccounts:
    """Looks accounts up by user name, then by e-mail address; reactivates with PATCH `active`."""

    keeps_records = True

    def __init__(self, client: HttpClient) -> None:
        """`client`: its base address is the SCIM root, its Accept `application/scim+json`."""
        self._client = client

    def find(self, email: str) -> Account | None:
        """Raises CallHuman when an address belongs to several accounts: no guess is made."""
        found = self._query(f"userName eq {quoted(email)}")
        if not found:
            try:
                found = self._query(f"emails.value eq {quoted(email)}")
            except TellPerson:  # RFC 7644 section 3.4.2.2: a server may refuse filters on some attributes
                return None
        # RFC 7644 lets a server answer a filter loosely; only an account with this very address counts.
        mine = [account for account in found if _belongs(account, email)]
        if len(mine) > 1:
            raise CallHuman(f"{self._client.name}: one address, {len(mine)} accounts")
        return mine[0] if mine else None

    def reactivate(self, account_id: str) -> Account:
        path = f"/Users/{quote(account_id, safe='')}"
        patch = {
            "schemas": [_PATCH],
            "Operations": [{"op": "replace", "path": "active", "value": True}],
        }
        answer = self._client.call(
            "PATCH",
            path,
            route="/Users/{id}",
            body=patch,
            headers={"Content-Type": "application/scim+json"},
            expect=(200, 204),
            harmless=True,
        )
        if answer.json is None:  # RFC 7644 section 3.5.2: 204 without the resource is allowed
            answer = self._client.call("GET", path, route="/Users/{id}", harmless=True)
        return to_account(answer.json)

    def close(self) -> None:
        self._client.close()

    def _query(self, filter_text: str) -> list[Account]:
        answer = self._client.call(
            "GET", "/Users", params={"filter": filter_text, "count": "10"}, harmless=True
        )
        resources = answer.json.get("Resources", []) if isinstance(answer.json, Mapping) else None
        if not isinstance(resources, list) or _LIST not in (answer.json.get("schemas") or [_LIST]):
            raise Uncertain(f"{self._client.name}: not a SCIM list")
        return [to_account(resource) for resource in resources]


def quoted(value: str) -> str:
    """A filter value; RFC 7644 section 3.4.2.2 writes them as JSON strings."""
    return json.dumps(value, ensure_ascii=False)


def to_account(resource: Any) -> Account:
    """A SCIM User as an Account; raises Uncertain for what is none."""
    if not isinstance(resource, Mapping) or not isinstance(resource.get("id"), str):
        raise Uncertain("not a SCIM user")
    extra = resource.get(EXTENSION)
    ours: Mapping[str, Any] = extra if isinstance(extra, Mapping) else {}
    active = resource.get("active") is True
    state = ours.get("state")
    return Account(
        id=resource["id"],
        user_name=str(resource.get("userName") or ""),
        emails=tuple(
            entry["value"]
            for entry in resource.get("emails") or []
            if isinstance(entry, Mapping) and isinstance(entry.get("value"), str)
        ),
        state=state if state in _STATES else ("active" if active else "inactive"),
        last_login=_moment(ours.get("lastLogin")),
        disabled_reason=_text(ours.get("disabledReason")),
        reactivated_on=_moment(ours.get("reactivatedOn")),
        log_in_by=_moment(ours.get("logInBy")),
        trainings=tuple(_trainings(ours.get("trainings"))),
    )


def _belongs(account: Account, email: str) -> bool:
    return any(same_address(address, email) for address in (account.user_name, *account.emails))


def _trainings(value: Any) -> list[Training]:
    entries = value if isinstance(value, list) else []
    completed = [
        (str(entry.get("course")), _moment(entry.get("completedAt")))
        for entry in entries
        if isinstance(entry, Mapping)
    ]
    return [Training(course, moment) for course, moment in completed if moment is not None]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _moment(value: Any) -> datetime | None:
    """A SCIM dateTime (RFC 7643 section 2.3.5); without an offset it is UTC, nonsense is unknown."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
