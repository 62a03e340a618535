"""What a ticket carries, whatever desk it goes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """One turn of the conversation. `speaker`: person or assistant; `at`: local time, ISO 8601."""

    speaker: str
    at: str
    text: str


@dataclass(frozen=True)
class TicketDraft:
    """A ticket before it has a number.

    `verified` says how the requester's address was proven, None where it was not. `facts` are at most eight
    short lines; `body` is the whole ticket as text for desks that know nothing else. No passwords, no codes.
    """

    subject: str
    email: str
    name: str
    verified: str | None
    row: str
    case: str | None
    facts: tuple[str, ...]
    asked_for: str
    transcript: tuple[Line, ...]
    body: str

    def to_json(self) -> dict[str, Any]:
        """The shape that the sandbox's desk takes, and in which drafts are kept."""
        plain = asdict(self)
        email, name = plain.pop("email"), plain.pop("name")
        plain["facts"] = list(self.facts)
        plain["requester"] = {"email": email, "name": name}
        plain["transcript"] = [
            {"from": line.speaker, "at": line.at, "text": line.text} for line in self.transcript
        ]
        return plain

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TicketDraft:
        """The inverse of `to_json`."""
        return cls(
            subject=value["subject"],
            email=value["requester"]["email"],
            name=value["requester"]["name"],
            verified=value["verified"],
            row=value["row"],
            case=value["case"],
            facts=tuple(value["facts"]),
            asked_for=value["asked_for"],
            transcript=tuple(Line(line["from"], line["at"], line["text"]) for line in value["transcript"]),
            body=value["body"],
        )
