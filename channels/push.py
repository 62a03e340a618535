"""Who is listening to a conversation, and a bell to ring when there is something new to read.

A bell carries nothing: whoever hears it reads the store. A lost ring costs time, never a message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Hub:
    """In this process. Streams also look by themselves at every heartbeat."""

    def __init__(self) -> None:
        self._bells: dict[str, set[asyncio.Event]] = {}
        self.closed = False

    @contextmanager
    def listen(self, conversation_id: str) -> Iterator[asyncio.Event]:
        bell = asyncio.Event()
        listeners = self._bells.setdefault(conversation_id, set())
        listeners.add(bell)
        try:
            yield bell
        finally:
            listeners.discard(bell)
            if not listeners:
                self._bells.pop(conversation_id, None)

    def ring(self, conversation_id: str) -> None:
        for bell in self._bells.get(conversation_id, ()):
            bell.set()

    def close(self) -> None:
        """Let every stream end: the process is stopping, and clients come back by themselves."""
        self.closed = True
        for bells in self._bells.values():
            for bell in bells:
                bell.set()
