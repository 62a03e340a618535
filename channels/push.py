"""Who is listening to a conversation, and a bell to ring when there is something new.

A bell may say what is new. A listener takes its word only when that follows what it has seen without a gap,
and else reads the store. A lost ring costs time, never a message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from channels.model import Message

_MOST_NEWS = 50


@dataclass(frozen=True)
class News:
    """Stored by one transaction: at least one message, and whether a turn waited at its end."""

    messages: Sequence[Message]
    pending: bool


class Bell:
    """One listener's. Rings that nobody took yet add up."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._news: list[News] | None = []

    def ring(self, news: News | None) -> None:
        if news is None or self._news is None or len(self._news) >= _MOST_NEWS:
            self._news = None
        else:
            self._news.append(news)
        self._rung.set()

    async def wait(self) -> None:
        await self._rung.wait()

    def take(self) -> list[News] | None:
        """The news since the last time; None: something is new, and only the store knows what."""
        news, self._news = self._news, []
        self._rung.clear()
        return news


class Hub:
    """In this process. Streams also look by themselves at every heartbeat."""

    def __init__(self) -> None:
        self._bells: dict[str, set[Bell]] = {}
        self.closed = False

    @contextmanager
    def listen(self, conversation_id: str) -> Iterator[Bell]:
        bell = Bell()
        listeners = self._bells.setdefault(conversation_id, set())
        listeners.add(bell)
        try:
            yield bell
        finally:
            listeners.discard(bell)
            if not listeners:
                self._bells.pop(conversation_id, None)

    def ring(self, conversation_id: str, news: News | None = None) -> None:
        for bell in self._bells.get(conversation_id, ()):
            bell.ring(news)

    def close(self) -> None:
        """Let every stream end: the process is stopping, and clients come back by themselves."""
        self.closed = True
        for bells in self._bells.values():
            for bell in bells:
                bell.ring(None)


def continued(news: Sequence[News], after: int) -> tuple[list[Message], bool | None] | None:
    """The messages after a seq and whether a turn waits (None: as before), out of the news alone.

    None when there is a gap. Messages without one are in the order of their transactions, so the last news
    with a fresh message knows best what waits.
    """
    messages: list[Message] = []
    pending: bool | None = None
    for one in news:
        fresh = [message for message in one.messages if message.seq > after]
        if not fresh:
            continue
        if fresh[0].seq != after + 1:
            return None
        messages += fresh
        after, pending = fresh[-1].seq, one.pending
    return messages, pending
