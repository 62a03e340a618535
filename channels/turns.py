"""The queue of turns: one at a time and in order within a conversation, until the assistant has answered.

The queue is the store. This class only holds who is working on which conversation right now, so a restart
(or kill -9) loses nothing: `resume()` picks up whatever is still pending.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from channels.assistant import (
    Assistant,
    AssistantAway,
    AssistantBroken,
    AssistantRefused,
    AssistantUnkept,
)
from channels.model import DONE, REFUSED, Reply, Turn
from channels.options import Options
from channels.push import Hub
from channels.store import Store, UnknownConversation
from channels.threads import Threads
from common.clock import Clock

log = logging.getLogger(__name__)


class TurnQueue:
    """`wake()` after storing a turn; `answered()` to wait for it."""

    def __init__(
        self,
        *,
        store: Store,
        threads: Threads,
        assistant: Assistant,
        hub: Hub,
        clock: Clock,
        options: Options,
        sorry: str,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._threads = threads
        self._assistant = assistant
        self._hub = hub
        self._clock = clock
        self._options = options
        self._sorry = sorry
        self._jitter = jitter
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._waiters: dict[str, set[asyncio.Event]] = {}
        self._at_once = asyncio.Semaphore(options.turns_at_once)
        self._back = asyncio.Event()

    async def resume(self) -> None:
        """Go on with the turns that an earlier process left."""
        waiting = await self._threads.run(self._store.pending_conversations)
        if waiting:
            log.info("going on with the waiting turns of %d conversations", len(waiting))
        for conversation_id in waiting:
            self.wake(conversation_id)

    def wake(self, conversation_id: str) -> None:
        """See to it that someone works on this conversation."""
        if conversation_id in self._workers:
            self._again.add(conversation_id)
            return
        worker = asyncio.create_task(self._drain(conversation_id), name=f"turns {conversation_id}")
        self._workers[conversation_id] = worker
        worker.add_done_callback(lambda _: self._left(conversation_id))

    def busy(self, conversation_id: str) -> bool:
        return conversation_id in self._workers

    async def answered(self, turn_id: str, conversation_id: str, timeout: float) -> None:
        """Wait until the turn is finished, at most so long; read the store afterwards."""
        done = asyncio.Event()
        self._waiters.setdefault(turn_id, set()).add(done)
        try:
            self.wake(conversation_id)
            async with asyncio.timeout(timeout):
                await done.wait()
        except TimeoutError:
            return
        finally:
            waiters = self._waiters.get(turn_id, set())
            waiters.discard(done)
            if not waiters:
                self._waiters.pop(turn_id, None)

    def release(self) -> None:
        """Let nobody wait any longer: the gateway stops, the turns stay stored."""
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.set()

    async def stop(self, within: float) -> None:
        """Let running turns finish for a moment; what does not is still pending at the next start."""
        workers = list(self._workers.values())
        self._back.set()
        if workers:
            _, late = await asyncio.wait(workers, timeout=within)
            for worker in late:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    def _left(self, conversation_id: str) -> None:
        worker = self._workers.pop(conversation_id)
        if not worker.cancelled() and (error := worker.exception()):
            log.error("the queue of a conversation stopped", exc_info=error)
            self._again.add(conversation_id)
        if conversation_id in self._again and not worker.cancelled() and not self._hub.closed:
            self._again.discard(conversation_id)
            self.wake(conversation_id)

    async def _drain(self, conversation_id: str) -> None:
        """Work until nothing is pending. While the gateway stops, no further turn is begun."""
        tries = 0
        while not self._hub.closed:
            self._again.discard(conversation_id)
            finished = False
            try:
                turn = await self._threads.run(self._store.next_pending, conversation_id)
                if turn is None:
                    return
                if finished := await self._try(turn):
                    self._tell(turn)
            except UnknownConversation:
                return
            except SQLAlchemyError:
                log.exception("a turn could not be read or stored; trying again")
            if finished:
                tries = 0
            else:
                await self._pause(tries)
                tries += 1

    async def _try(self, turn: Turn) -> bool:
        """One try. True when the turn is finished for good."""
        channel = await self._threads.run(self._store.channel, turn.conversation_id)
        try:
            async with self._at_once:
                replies = await self._assistant.turn(turn, channel)
            await self._finish(turn, replies, DONE)
        except AssistantUnkept as error:
            self._back.clear()
            log.warning("the assistant did not keep a turn (%s); sending it again", error)
            # A well assistant that never keeps this one turn must not hold up the rest of the conversation.
            if await self._assistant.healthy():
                return await self._failed(turn, self._options.unkept_before_giving_up)
            return False
        except AssistantAway as error:
            self._back.clear()
            log.warning("the assistant is away (%s); the turn is kept", error)
            return False
        except (AssistantBroken, IntegrityError) as error:
            # An integrity error here: message ids that this conversation already has.
            log.error("the assistant broke on a turn (%s)", type(error).__name__)
            return await self._failed(turn, self._options.failures_before_giving_up)
        except AssistantRefused as error:
            log.error("the assistant refused a turn (%s)", error)
            return await self._refuse(turn)
        self._back.set()
        return True

    async def _failed(self, turn: Turn, most: int) -> bool:
        failures = await self._threads.run(self._store.count_failure, turn)
        return failures >= most and await self._refuse(turn)

    async def _refuse(self, turn: Turn) -> bool:
        """Say plainly that this one will get no answer, so that the turns behind it can go on."""
        await self._finish(turn, [Reply(id=f"{turn.turn_id}-sorry", text=self._sorry)], REFUSED)
        return True

    async def _finish(self, turn: Turn, replies: list[Reply], state: str) -> None:
        at = self._clock.now().isoformat()
        await self._threads.run(self._store.finish_turn, turn, replies, at, state)

    def _tell(self, turn: Turn) -> None:
        self._hub.ring(turn.conversation_id)
        for waiter in self._waiters.get(turn.turn_id, ()):
            waiter.set()

    async def _pause(self, tries: int) -> None:
        """Back off, but not past the moment at which another conversation finds the assistant back."""
        longest = min(self._options.retry_first * 2 ** min(tries, 16), self._options.retry_longest)
        self._back.clear()
        try:
            async with asyncio.timeout(longest * (0.5 + self._jitter() / 2)):
                await self._back.wait()
        except TimeoutError:
            return
