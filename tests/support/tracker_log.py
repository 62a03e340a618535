"""The assistant's own record of a conversation, read from its SQLite log without writing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STACK = "flow_stack"


@dataclass(frozen=True)
class LoggedTurn:
    """One turn: its events, the slots when it ended, and every dialogue stack from before it to its end."""

    events: Sequence[Mapping[str, Any]]
    slots: Mapping[str, Any]
    stacks: Sequence[Sequence[Mapping[str, Any]]]

    def slots_set(self) -> dict[str, list[Any]]:
        """Values that slots took in this turn, in order."""
        taken: dict[str, list[Any]] = {}
        for event in self.events:
            if event["event"] == "slot":
                taken.setdefault(event["name"], []).append(event["value"])
        return taken

    def actions(self) -> list[str]:
        return [event["name"] for event in self.events if event["event"] == "action" and event["name"]]

    def utterances(self) -> list[Mapping[str, Any]]:
        """Bot messages: `text`, `data` (with buttons and payloads), `metadata` (with `utter_action`)."""
        return [event for event in self.events if event["event"] == "bot"]

    def flows_started(self) -> list[str]:
        before = {frame["frame_id"] for frame in self.stacks[0]}
        return _flows(frame for frame in self._frames() if frame["frame_id"] not in before)

    def flows_cancelled(self) -> list[str]:
        cancelled = self._cancelled_frames()
        return _flows(frame for frame in self._frames() if frame["frame_id"] in cancelled)

    def flows_completed(self) -> list[str]:
        """Flows that were under way and are over, without having been cancelled."""
        gone = {frame["frame_id"] for frame in self._frames()} - {
            frame["frame_id"] for frame in self.stacks[-1]
        }
        gone -= self._cancelled_frames()
        return _flows(frame for frame in self._frames() if frame["frame_id"] in gone)

    def flows_offered(self) -> list[str]:
        """What a clarification of this turn offered to choose from."""
        offers = (
            frame["context"].get("clarification_options", [])
            for stack in self.stacks[1:]
            for frame in stack
            if frame["flow_id"] == "pattern_clarification"
        )
        return list(dict.fromkeys(str(option["flow_id"]) for options in offers for option in options))

    def _frames(self) -> Iterable[Mapping[str, Any]]:
        return [frame for stack in self.stacks for frame in stack]

    def _cancelled_frames(self) -> set[str]:
        return {
            frame_id
            for frame in self._frames()
            if frame["flow_id"] == "pattern_cancel_flow"
            for frame_id in frame["context"].get("canceled_frames", [])
        }


def _flows(frames: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(frame["flow_id"] for frame in frames if frame["kind"] != "pattern"))


class TrackerLog:
    """`path` is the SQLite file of TRACKER_DATABASE_URL."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def turn(self, conversation: str, turn_id: str) -> LoggedTurn:
        """What the log holds of this turn. Raises LookupError if it was never kept."""
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=10)) as database:
            rows = database.execute(
                "SELECT turn, turn_id, data FROM tracker_events WHERE conversation = ? ORDER BY seq",
                (conversation,),
            ).fetchall()
        number = next((turn for turn, its_id, _ in rows if its_id == turn_id), None)
        if number is None:
            raise LookupError(f"the assistant's log has no turn {turn_id}")
        slots: dict[str, Any] = {}
        for turn, _, data in rows:
            if turn < number:
                _apply(slots, json.loads(data))
        stacks = [slots.get(STACK) or []]
        events = [json.loads(data) for turn, _, data in rows if turn == number]
        for event in events:
            _apply(slots, event)
            if event["event"] == "slot" and event["name"] == STACK:
                stacks.append(event["value"] or [])
        return LoggedTurn(events, slots, stacks)

    def begin(self, conversation: str, slots: Mapping[str, Any]) -> None:
        """A conversation that starts with these slots: written as its first events, before the first turn."""
        events = [{"event": "slot", "timestamp": 0.0, "name": name, "value": slots[name]} for name in slots]
        with closing(sqlite3.connect(self._path, timeout=10)) as database, database:
            database.execute(
                "INSERT INTO tracker_conversations (id, events, turns) VALUES (?, ?, 0)",
                (conversation, len(events)),
            )
            database.executemany(
                "INSERT INTO tracker_events (conversation, seq, turn, turn_id, type, data)"
                " VALUES (?, ?, 0, NULL, 'slot', ?)",
                [(conversation, seq, json.dumps(event)) for seq, event in enumerate(events, 1)],
            )


def _apply(slots: dict[str, Any], event: Mapping[str, Any]) -> None:
    if event["event"] == "slot":
        slots[event["name"]] = event["value"]
    elif event["event"] in ("restart", "reset_slots"):
        slots.clear()
