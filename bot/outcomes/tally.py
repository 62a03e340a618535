"""What a conversation has come to so far, in each of its rows and as a whole; plain JSON between turns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

WHOLE = "*"
"""The part that stands for the whole conversation; the others are named after their row."""

_AFTER = ("ticket", "said", "recorded")
_PROMISES = frozenset({"kept", "again", "again_kept"})


@dataclass(frozen=True)
class After:
    """How long something took from the part's first turn: whole minutes, and the person's turns."""

    minutes: int
    turns: int


@dataclass(frozen=True)
class Part:
    """One row of the conversation, or the whole of it, since its first turn.

    `day`: that turn's day in the region (ISO); `at`: its moment (ISO); `turn`: its number among the person's;
    `outside`: it lay outside office hours. `flags`: what was met on the way, meanings of table.yml. `ticket`,
    `said`, `recorded`: how long until a ticket was filed, the person said "I'm in", the record showed it.
    """

    day: str
    at: str
    turn: int
    outside: bool
    flags: frozenset[str] = frozenset()
    ticket: After | None = None
    said: After | None = None
    recorded: After | None = None

    @property
    def has_ticket(self) -> bool:
        """A ticket was filed or answered, or is promised to be."""
        return self.ticket is not None or bool(self.flags & _PROMISES)

    def came_to(self, *, went_on: bool) -> str:
        """The one thing that came of it; `went_on`: the conversation has moved to another row since."""
        is_in = self.said is not None or self.recorded is not None
        if self.has_ticket:
            return "ticket_in" if is_in else "ticket"
        if is_in:
            return "in"
        for flag in ("advised", "human", "told", "stopped"):
            if flag in self.flags:
                return flag
        return "went_on" if went_on else "open"

    def after(self, at: datetime, turns: int) -> After:
        """From this part's first turn to a moment; a clock that was set back counts as no time."""
        minutes = int((at - datetime.fromisoformat(self.at)).total_seconds() // 60)
        return After(max(minutes, 0), max(turns - self.turn + 1, 1))


@dataclass(frozen=True)
class Tally:
    """`turns`: the person's so far. `current`: the row under way. `asking`: the slot of the open question.

    `parts` stand in the order in which they were come to last.
    """

    channel: str
    turns: int = 0
    current: str | None = None
    asking: str | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)

    def to_json(self) -> str:
        parts = {name: _to_plain(part) for name, part in self.parts.items()}
        data = {"channel": self.channel, "turns": self.turns, "current": self.current, "asking": self.asking}
        return json.dumps({**data, "parts": parts}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Tally:
        """Raises ValueError, LookupError, TypeError or AttributeError for what no tally is."""
        data = json.loads(text)
        return cls(**{**data, "parts": {name: _to_part(part) for name, part in data["parts"].items()}})


def _to_plain(part: Part) -> dict[str, Any]:
    plain: dict[str, Any] = {"day": part.day, "at": part.at, "turn": part.turn, "outside": part.outside}
    if part.flags:
        plain["flags"] = sorted(part.flags)
    for name in _AFTER:
        after: After | None = getattr(part, name)
        if after is not None:
            plain[name] = [after.minutes, after.turns]
    return plain


def _to_part(data: Mapping[str, Any]) -> Part:
    times = {name: After(*data[name]) for name in _AFTER if name in data}
    return Part(**{**data, **times, "flags": frozenset(data.get("flags", ()))})
