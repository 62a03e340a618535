"""Deletion, by a person or by age: here at once, and of the other copies again and again until it is done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from channels.assistant import AssistantError
from channels.forget import NotForgotten
from channels.push import Hub
from channels.store import Store
from channels.threads import Threads
from channels.turns import TurnQueue

log = logging.getLogger(__name__)


class Copy(Protocol):
    """Someone else who keeps something of a conversation."""

    async def delete(self, conversation_id: str) -> None: ...


class Retention:
    """Sweeps every `every` seconds, and at once after `erase`."""

    def __init__(
        self,
        *,
        store: Store,
        threads: Threads,
        copies: Sequence[Copy],
        turns: TurnQueue,
        hub: Hub,
        wall: Callable[[], float],
        every: float,
    ) -> None:
        self._store = store
        self._threads = threads
        self._copies = copies
        self._turns = turns
        self._hub = hub
        self._wall = wall
        self._every = every
        self._now = asyncio.Event()

    async def erase(self, conversation_id: str) -> bool:
        """Delete our copy and promise the deletion of the others."""
        gone = await self._threads.run(self._store.erase, conversation_id, int(self._wall()))
        self._hub.ring(conversation_id)
        self._now.set()
        return gone

    async def run(self) -> None:
        """Until cancelled. Unfinished deletions are tried again soon, the expiry every `every` seconds."""
        pause = 1.0
        while True:
            self._now.clear()
            try:
                for conversation_id in await self._threads.run(self._store.expired, int(self._wall())):
                    await self.erase(conversation_id)
                    log.info("an expired conversation was deleted")
                left = await self._erase_elsewhere()
            except SQLAlchemyError:
                log.exception("deletions could not be read; trying again")
                left = 1
            self._now.clear()
            pause = min(pause * 2, self._every) if left else 1.0
            try:
                async with asyncio.timeout(pause if left else self._every):
                    await self._now.wait()
            except TimeoutError:
                continue

    async def _erase_elsewhere(self) -> int:
        """How many are still to do. A turn under way ends first: it would write the conversation again."""
        due = await self._threads.run(self._store.erasures_due)
        left = len(due)
        for conversation_id in due:
            if self._turns.busy(conversation_id):
                continue
            try:
                for copy in self._copies:
                    await copy.delete(conversation_id)
            except (AssistantError, NotForgotten) as error:
                log.warning("a deletion still waits (%s: %s)", type(error).__name__, error)
                continue
            await self._threads.run(self._store.erasure_done, conversation_id)
            left -= 1
        return left
