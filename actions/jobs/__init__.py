"""Promises: what the assistant said that it will do, kept in a table until it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

KINDS = ("file_ticket", "reply_ticket", "reactivate", "notify", "watch_ticket", "remind_login", "watch_login")


@dataclass(frozen=True)
class NewJob:
    """A promise to write down. `key` is unique for ever: the same key again is the same promise.

    `due_at`: the clock's time, movable in the sandbox. `refs`: facts without personal data. `draft`: personal
    data, kept apart and deleted with the job. `hold`: real seconds in which the worker leaves it alone.
    `reopen`: states of an older job with this key that let it begin anew.
    """

    key: str
    kind: str
    conversation_id: str
    due_at: datetime
    refs: Mapping[str, Any] = field(default_factory=dict)
    draft: Mapping[str, Any] | None = None
    hold: float = 0.0
    reopen: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """Something that reports count; `day` is the region's, as ISO text. Empty text: not known."""

    day: str
    outcome: str
    row: str = ""
    ticket_case: str = ""
    channel: str = ""


@dataclass(frozen=True)
class Job:
    """A job that this process holds the lease of, or has looked at.

    `state`: waiting, done, dropped or failed. `attempts` counts the current one.
    `first_tried`: real seconds since 1970.
    """

    id: int
    key: str
    kind: str
    state: str
    conversation_id: str
    due_at: datetime
    attempts: int
    first_tried: float
    refs: Mapping[str, Any]
    result: Mapping[str, Any]
    draft: Mapping[str, Any] | None = field(repr=False)
    owner: str | None = None
