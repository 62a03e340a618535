"""The last restored state of the conversations under way, so that a turn reads only what is new in the log.

What is kept was made from the log, never from a turn's own objects, and each use is checked against the log:
by another process's turns, a deletion or a restart nothing changes but the time it takes.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from rasa.shared.core.domain import Domain

from bot.stored_tracker import StoredTracker

KEPT = 64
"""Conversations; a long one takes half a megabyte."""


@dataclass(frozen=True)
class Restored:
    """A tracker as restored, under `domain`, from the snapshot after `base_turn` and the log up to `newest`.

    `newest` is that row as the log has it; the tracker is never handed out or changed, only copied.
    """

    tracker: StoredTracker
    domain: Domain
    base_turn: int
    newest: str


class RecentTrackers:
    """Used by several threads at a time."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._lock = Lock()
        self._by_id: OrderedDict[str, Restored] = OrderedDict()

    def get(self, conversation_id: str) -> Restored | None:
        with self._lock:
            return self._by_id.get(conversation_id)

    def put(self, conversation_id: str, restored: Restored) -> None:
        with self._lock:
            self._by_id[conversation_id] = restored
            self._by_id.move_to_end(conversation_id)
            while len(self._by_id) > self._kept:
                self._by_id.popitem(last=False)

    def drop(self, conversation_id: str) -> None:
        with self._lock:
            self._by_id.pop(conversation_id, None)
