"""The queue of turns: one at a time and in order within a conversation, until the assistant has answered.

The queue is the store. This class only holds who is working on which conversation right now, so a restart
(or kill -9) loses nothing: `resume()` picks up whatever is still pending.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from channels.assistant import (
    Assistant,
    AssistantAway,
    AssistantBroken,
    AssistantRefused,
    AssistantUnkept,
)
from channels.model import DONE, REFUSED, Finished, Kept, Message, Reply, Turn
from channels.options import Options
from channels.places import FairPlaces
from channels.push import Hub, News
from channels.store import Store
from channels.threads import Threads
from common.clock import Clock

log = logging.getLogger(__name__)


class TurnQueue:
    """`with coming():` around storing a turn, then `wake()`, or `answered()` to wait for it."""

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
        self._coming: Counter[str] = Counter()
        self._waiters: dict[str, set[asyncio.Future[tuple[Message, ...] | None]]] = {}
        self._places = FairPlaces(options.turns_at_once, options.turns_per_source)
        self._sources: dict[str, str] = {}
        self._back = asyncio.Event()

    async def resume(self) -> None:
        """Go on with the turns that an earlier process left."""
        waiting = await self._threads.run(self._store.pending_conversations)
        if waiting:
            log.info("going on with the waiting turns of %d conversations", len(waiting))
        for conversation_id in waiting:
            self.wake(conversation_id)

    @contextmanager
    def coming(self, conversation_id: str) -> Iterator[None]:
        """While a turn is being stored, its conversation counts as busy."""
        self._coming[conversation_id] += 1
        try:
            yield
        finally:
            self._coming[conversation_id] -= 1
            if not self._coming[conversation_id]:
                del self._coming[conversation_id]

    def wake(self, conversation_id: str, first: Turn | None = None, source: str = "") -> None:
        """See to it that someone works on this conversation; `first` saves looking for the oldest turn.

        `first` may be finished by now: asking the assistant again then gives the same answer, stored once.
        `source` is the address that shares its places; without one there is no such limit.
        """
        if source:
            self._sources[conversation_id] = source
        if conversation_id in self._workers:
            self._again.add(conversation_id)
            return
        worker = asyncio.create_task(self._drain(conversation_id, first), name=f"turns {conversation_id}")
        self._workers[conversation_id] = worker
        worker.add_done_callback(lambda _: self._left(conversation_id))

    def busy(self, conversation_id: str) -> bool:
        """Whether a turn runs or is being stored."""
        return conversation_id in self._workers or conversation_id in self._coming

    async def answered(self, kept: Kept, timeout: float, source: str = "") -> tuple[Message, ...] | None:
        """Wait until the turn is finished, at most so long: its answer as stored. None: read the store."""
        turn_id = kept.turn.turn_id
        done: asyncio.Future[tuple[Message, ...] | None] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(turn_id, set()).add(done)
        try:
            self.wake(kept.turn.conversation_id, kept.turn if kept.first else None, source)
            async with asyncio.timeout(timeout):
                return await done
        except TimeoutError:
            return None
        finally:
            waiters = self._waiters.get(turn_id, set())
            waiters.discard(done)
            if not waiters:
                self._waiters.pop(turn_id, None)

    def release(self) -> None:
        """Let nobody wait any longer: the gateway stops, the turns stay stored."""
        for turn_id in self._waiters:
            self._answer(turn_id, None)

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
        source = self._sources.pop(conversation_id, "")
        again = conversation_id in self._again
        self._again.discard(conversation_id)
        if worker.cancelled() or self._hub.closed:
            return
        if error := worker.exception():
            log.error("the queue of a conversation stopped; it goes on later", exc_info=error)
            loop = asyncio.get_running_loop()
            loop.call_later(self._options.retry_longest, self._go_on, conversation_id, source)
        elif again:
            self.wake(conversation_id, source=source)

    def _go_on(self, conversation_id: str, source: str) -> None:
        if not self._hub.closed:
            self.wake(conversation_id, source=source)

    async def _drain(self, conversation_id: str, turn: Turn | None) -> None:
        """Work until nothing is pending. While the gateway stops, no further turn is begun."""
        tries = 0
        while not self._hub.closed:
            self._again.discard(conversation_id)
            finished = None
            try:
                turn = turn or await self._threads.run(self._store.next_pending, conversation_id)
                if turn is None:
                    return
                if finished := await self._try(turn):
                    self._tell(turn, finished)
            except SQLAlchemyError:
                log.exception("a turn could not be read or stored; trying again")
            except Exception:
                log.exception("a turn could not be read, or its end not be told")
            if finished is None:
                turn = None
                await self._pause(tries)
                tries += 1
                continue
            turn, tries = finished.following, 0
            if turn is None:
                return

    async def _try(self, turn: Turn) -> Finished | None:
        """One try; None when the turn is to be tried again."""
        try:
            async with self._places.held(self._sources.get(turn.conversation_id, "")):
                replies = await self._assistant.turn(turn)
            finished = await self._finish(turn, replies, DONE)
        except AssistantUnkept as error:
            self._back.clear()
            log.warning("the assistant did not keep a turn (%s); sending it again", error)
            # A well assistant that never keeps this one turn must not hold up the rest of the conversation.
            if await self._assistant.healthy():
                return await self._failed(turn, self._options.unkept_before_giving_up)
            return None
        except AssistantAway as error:
            self._back.clear()
            log.warning("the assistant is away (%s); the turn is kept", error)
            return None
        except (AssistantBroken, IntegrityError) as error:
            # An integrity error here: message ids that this conversation already has.
            log.error("the assistant broke on a turn (%s)", type(error).__name__)
            return await self._failed(turn, self._options.failures_before_giving_up)
        except AssistantRefused as error:
            log.error("the assistant refused a turn (%s)", error)
            return await self._refuse(turn)
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("a turn met an unforeseen error")
            return await self._failed(turn, self._options.failures_before_giving_up)
        self._back.set()
        return finished

    async def _failed(self, turn: Turn, most: int) -> Finished | None:
        failures = await self._threads.run(self._store.count_failure, turn)
        return await self._refuse(turn) if failures >= most else None

    async def _refuse(self, turn: Turn) -> Finished:
        """Say plainly that this one will get no answer, so that the turns behind it can go on."""
        return await self._finish(turn, [Reply(id=f"{turn.turn_id}-sorry", text=self._sorry)], REFUSED)

    async def _finish(self, turn: Turn, replies: list[Reply], state: str) -> Finished:
        at = self._clock.now().isoformat()
        return await self._threads.run(self._store.finish_turn, turn, replies, at, state)

    def _tell(self, turn: Turn, finished: Finished) -> None:
        self._answer(turn.turn_id, finished.messages)
        news = News(finished.messages, finished.following is not None) if finished.messages else None
        self._hub.ring(turn.conversation_id, news)

    def _answer(self, turn_id: str, messages: tuple[Message, ...] | None) -> None:
        for waiter in self._waiters.get(turn_id, ()):
            if not waiter.done():
                waiter.set_result(messages)

    async def _pause(self, tries: int) -> None:
        """Back off, but not past the moment at which another conversation finds the assistant back."""
        longest = min(self._options.retry_first * 2 ** min(tries, 16), self._options.retry_longest)
        self._back.clear()
        try:
            async with asyncio.timeout(longest * (0.5 + self._jitter() / 2)):
                await self._back.wait()
        except TimeoutError:
            return
