"""What a ticket is: the draft as it was filed, its replies, its status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Status = Literal["open", "answered", "closed"]
Author = Literal["requester", "support"]
Case = Literal["1", "2", "never", "unknown"]

FIRST_NUMBER = 1001

_Line = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
Address = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=320, pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Requester(_Part):
    email: Address
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class Line(_Part):
    """One line of the transcript."""

    author: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(alias="from")
    at: AwareDatetime | None = None
    text: Annotated[str, StringConstraints(max_length=10_000)]


class TicketDraft(_Part):
    """A ticket before it is filed; `verified` says how the requester was, null if not."""

    subject: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250)]
    requester: Requester
    verified: Annotated[str, StringConstraints(max_length=200)] | None = None
    row: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    case: Case | None = None
    facts: list[_Line] = Field(default_factory=list, max_length=8)
    asked_for: Annotated[str, StringConstraints(max_length=2000)] = ""
    transcript: list[Line] = Field(default_factory=list, max_length=2000)
    body: Annotated[str, StringConstraints(max_length=50_000)] = ""

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True)


class ReplyDraft(_Part):
    """A reply before it is kept."""

    key: Key
    author: Author = Field(alias="from")
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


@dataclass(frozen=True)
class Reply:
    """One message on a ticket; support's text is what the mail said, without any password."""

    id: int
    author: Author
    text: str
    at: datetime

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "from": self.author, "text": self.text, "at": _iso(self.at)}


@dataclass(frozen=True)
class Ticket:
    """`number` is what people and the API call it; `waiting_since` is when it was last the desk's turn."""

    number: int
    key: str
    status: Status
    draft: TicketDraft
    created_at: datetime
    waiting_since: datetime
    replies: tuple[Reply, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.number,
            "key": self.key,
            "status": self.status,
            "created_at": _iso(self.created_at),
            **self.draft.to_json(),
            "replies": [reply.to_json() for reply in self.replies],
        }


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
