"""Deletion, by a person or by age: here at once, and at the assistant again and again until it is done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from channels.assistant import Assistant, AssistantError
from channels.push import Hub
from channels.store import Store
from channels.threads import Threads
from channels.turns import TurnQueue

SCRUB_EVERY = 3600.0

log = logging.getLogger(__name__)


class Retention:
    """Sweeps every `every` seconds, and at once after `erase`."""

    def __init__(
        self,
        *,
        store: Store,
        threads: Threads,
        assistant: Assistant,
        turns: TurnQueue,
        hub: Hub,
        wall: Callable[[], float],
        every: float,
    ) -> None:
        self._store = store
        self._threads = threads
        self._assistant = assistant
        self._turns = turns
        self._hub = hub
        self._wall = wall
        self._every = every
        self._now = asyncio.Event()
        # An earlier process may have ended between a deletion and its scrubbing.
        self._to_scrub = True
        self._scrubbed_at = 0.0

    async def erase(self, conversation_id: str) -> bool:
        """Delete our copy and promise the deletion of the assistant's."""
        gone = await self._erase(conversation_id)
        self._now.set()
        return gone

    async def _erase(self, conversation_id: str) -> bool:
        gone = await self._threads.run(self._store.erase, conversation_id, int(self._wall()))
        self._to_scrub = True
        self._hub.ring(conversation_id)
        return gone

    async def run(self) -> None:
        """Until cancelled. Unfinished deletions are tried again soon, the expiry every `every` seconds."""
        pause = 1.0
        while True:
            self._now.clear()
            try:
                for conversation_id in await self._threads.run(self._store.expired, int(self._wall())):
                    await self._erase(conversation_id)
                    log.info("an expired conversation was deleted")
                left = await self._scrub() + await self._erase_at_assistant()
            except SQLAlchemyError:
                log.exception("deletions could not be read; trying again")
                left = 1
            except Exception:
                log.exception("an unforeseen error in deletions; trying again")
                left = 1
            pause = min(pause * 2, self._every) if left else 1.0
            try:
                async with asyncio.timeout(pause if left else self._every):
                    await self._now.wait()
            except TimeoutError:
                continue

    async def _scrub(self) -> int:
        """After deletions, and hourly. 1 when it is still to do."""
        if not self._to_scrub and abs(self._wall() - self._scrubbed_at) < SCRUB_EVERY:
            return 0
        self._to_scrub = False
        if not await self._threads.run(self._store.scrub):
            self._to_scrub = True
            return 1
        self._scrubbed_at = self._wall()
        return 0

    async def _erase_at_assistant(self) -> int:
        """How many are still to do. A turn under way ends first: it would write the conversation again."""
        due = await self._threads.run(self._store.erasures_due)
        left = len(due)
        for conversation_id in due:
            if self._turns.busy(conversation_id):
                continue
            try:
                await self._assistant.delete(conversation_id)
            except AssistantError as error:
                log.warning("a deletion is still waiting for the assistant (%s)", error)
                continue
            await self._threads.run(self._store.erasure_done, conversation_id)
            left -= 1
        return left
