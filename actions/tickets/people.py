"""Who a ticket belongs to, and who wrote it. A ticket belongs to the account's owner (How-To boundary).

The slots `requester_…` are always those of the person who writes; `owner_…` are another person's, and count
only while `for_someone_else` is true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Person:
    """`email` as given, not checked; `name` on one line, perhaps empty."""

    email: str
    name: str


@dataclass(frozen=True)
class People:
    """`owner`: the requester of the ticket. `writer`: who writes for them; None where it is the owner."""

    owner: Person
    writer: Person | None = None

    @classmethod
    def from_slots(cls, slots: Mapping[str, Any]) -> People:
        writes = _person(slots, "requester")
        if slots.get("for_someone_else") is not True:
            return cls(writes)
        return cls(_person(slots, "owner"), writes)


def _person(slots: Mapping[str, Any], who: str) -> Person:
    return Person(
        str(slots.get(f"{who}_email") or "").strip(),
        " ".join(str(slots.get(f"{who}_name") or "").split())[:120],
    )
