"""The conversation as a ticket shows it, made from the tracker's events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from actions.tickets import Line
from actions.tickets.readable import readable
from common.policy import Policy

_LONGEST_LINE = 2000
_MOST_LINES = 200
_MOST_CHARACTERS = 60_000
_FOR_OTHERS = "for_someone_else"
# A compacted tracker (bot/stored_tracker.py) dates the slots that it restores before every real event.
_RESTORED_UNTIL = 1.0


@dataclass(frozen=True)
class Transcript:
    """`cut`: older turns exist that are not among the lines."""

    lines: tuple[Line, ...]
    cut: bool


def to_transcript(events: Iterable[Mapping[str, Any]], policy: Policy) -> Transcript:
    """The newest part of what was said, oldest line first, in local time.

    A turn's moment (`at` in the metadata of the person's message) also dates the assistant's replies in it:
    the tracker's own timestamps are machine time. Slots that a compacted tracker restores say that its older
    turns are elsewhere; those that Rasa sets when a session starts say nothing. Turns in which the person
    wrote for somebody else, and all before them, are left out: other people's names stand there.
    """
    lines: list[Line] = []
    moment: datetime | None = None
    cut = for_others = of_others = False
    for event in events:
        kind = event.get("event")
        if kind == "slot":
            cut = cut or _is_restored(event)
            for_others = event.get("value") is True if event.get("name") == _FOR_OTHERS else for_others
        if kind == "user":
            moment = turn_moment(event) or _machine_moment(event)
            of_others = for_others
        if for_others or of_others:  # the message that said so too: the slot is set in its turn
            lines, cut = [], True
        elif kind in ("user", "bot") and (text := _clean(event.get("text"))):
            when = policy.local(moment or _machine_moment(event))
            speaker = "person" if kind == "user" else "assistant"
            lines.append(Line(speaker, when.isoformat(timespec="seconds"), text))
    kept = _newest(lines)
    return Transcript(tuple(kept), cut or len(kept) < len(lines))


def turn_moment(event: Mapping[str, Any]) -> datetime | None:
    """The `at` of a turn, if its message carries one."""
    metadata = event.get("metadata")
    at = metadata.get("at") if isinstance(metadata, Mapping) else None
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _machine_moment(event: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(float(event.get("timestamp") or 0), UTC)


def _is_restored(event: Mapping[str, Any]) -> bool:
    timestamp = event.get("timestamp")
    return isinstance(timestamp, int | float) and timestamp <= _RESTORED_UNTIL


def _clean(text: Any) -> str:
    """Readable text, a very long message shortened with a mark."""
    if not isinstance(text, str):
        return ""
    clean = readable(text).strip()
    return clean if len(clean) <= _LONGEST_LINE else clean[:_LONGEST_LINE] + " […]"


def _newest(lines: list[Line]) -> list[Line]:
    room = _MOST_CHARACTERS
    kept: list[Line] = []
    for line in reversed(lines[-_MOST_LINES:]):
        room -= len(line.text)
        if room < 0:
            break
        kept.append(line)
    return kept[::-1]
