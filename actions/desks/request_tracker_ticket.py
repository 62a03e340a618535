"""Between our tickets and Request Tracker's JSON: pure functions of draft, words and answers."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from actions.tickets import Line, TicketDraft
from actions.wording import render

_LONGEST_KEY = 100
_TAME = str.maketrans('"\\<>', "'/()")


@dataclass(frozen=True)
class Fields:
    """Names of RT's custom fields for what a ticket is about; None where a desk has no such field."""

    row: str | None = None
    case: str | None = None


def to_link(key: str) -> str:
    """What a ticket refers to, so that its key can be searched.

    A link is written in the same database transaction as the ticket, needs neither configuration nor a right
    of its own, and stays when Support edits the subject or merges the ticket into another one.
    """
    safe = quote(key, safe="")
    return f"urn:hmis-account-help:{safe if len(safe) <= _LONGEST_KEY else _digest(key)}"


def to_mark(key: str) -> str:
    """What the subject of a reply ends with. RT keeps the subject as the transaction's `Data`."""
    return f"[{_digest(key)[:16]}]"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def to_rt_ticket(
    queue: str, key: str, draft: TicketDraft, fields: Fields, words: Mapping[str, Any]
) -> dict[str, Any]:
    """The body of `POST /ticket`: the text first, the conversation attached, the key as a link."""
    about = {fields.row: draft.row, fields.case: draft.case}
    body: dict[str, Any] = {
        "Queue": queue,
        "Subject": draft.subject,
        "Requestor": to_mailbox(draft.name, draft.email),
        "Content": draft.body,
        "ContentType": "text/plain",
        "RefersTo": [to_link(key)],
        "CustomFields": {name: value for name, value in about.items() if name and value},
    }
    if draft.transcript:
        body["Attachments"] = [_attachment(draft.transcript, words["transcript"])]
    return body


def to_mailbox(name: str, email: str) -> str:
    """An address with its name (RFC 5322 section 3.4); no part of the name can be read as an address."""
    tame = " ".join(name.translate(_TAME).split())
    return f'"{tame}" <{email}>' if tame else email


def _attachment(lines: Iterable[Line], words: Mapping[str, Any]) -> dict[str, str]:
    said = "".join(
        render(words["line"], {"at": line.at, "speaker": words["speakers"][line.speaker], "text": line.text})
        + "\n"
        for line in lines
    )
    return {
        "FileName": words["file"],
        "FileType": "text/plain; charset=utf-8",
        "FileContent": base64.b64encode(said.encode()).decode(),
    }


def to_number(value: Any) -> str | None:
    """A ticket's or transaction's number as text; RT writes both 7 and "7". None for anything else."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdigit() else None


def requestors_of(item: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """User names and e-mail addresses of a ticket's requestors; users made from mail are named by address."""
    people = [one for one in item.get("Requestor") or [] if isinstance(one, Mapping)]
    names = [str(one["id"]) for one in people if one.get("id")]
    emails = [str(one.get("EmailAddress") or one.get("id") or "") for one in people]
    return names, [email for email in emails if "@" in email]


def field_value(item: Mapping[str, Any], name: str | None) -> str | None:
    """The first value of a custom field."""
    for field in item.get("CustomFields") or []:
        if isinstance(field, Mapping) and name and field.get("name") == name and field.get("values"):
            return str(field["values"][0])
    return None
