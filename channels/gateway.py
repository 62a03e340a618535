"""The gateway's parts, put together once, and what they do together."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import httpx

from channels.assistant import Assistant
from channels.database import Database
from channels.howto import HowTo
from channels.identity import identity_of
from channels.masking import mask
from channels.model import Kept, Said, Turn, event_turn_id, message_turn_id
from channels.options import Options
from channels.push import Hub, News
from channels.ratelimit import Places, RateLimit
from channels.retention import Retention
from channels.store import Store
from channels.threads import Threads
from channels.turns import TurnQueue
from channels.words import Words, filled
from common.clock import Clock
from common.policy import Policy
from common.settings import Settings

log = logging.getLogger(__name__)

_SHORT = 300


@dataclass(frozen=True)
class Limits:
    """Shared by all requests."""

    conversations: RateLimit
    requests: RateLimit
    messages: RateLimit
    streams_per_source: Places
    streams_per_conversation: Places


class UnknownRow(Exception):
    """The How-To has no such row."""


class Gateway:
    """Everything that outlives a request. `wall` is real time, which expiry and retention follow."""

    def __init__(
        self,
        *,
        settings: Settings,
        options: Options,
        words: Words,
        policy: Policy,
        client: httpx.AsyncClient,
        clock: Clock | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.options = options
        self.words = words
        self.policy = policy
        self.clock = clock or settings.clock()
        self.wall = wall
        self.howto = HowTo(settings.var_dir / "howto.json")
        self.hub = Hub()
        self.threads = Threads()
        self.database = Database(settings.gateway_database_url)
        self.store = Store(self.database)
        self.client = client
        self.assistant = Assistant(settings.assistant_url, settings.door_secret, options.turn_timeout)
        self.limits = Limits(
            conversations=RateLimit(options.conversation_rate, options.known_sources),
            requests=RateLimit(options.request_rate, options.known_sources),
            messages=RateLimit(options.message_rate, options.known_sources),
            streams_per_source=Places(options.streams_per_source),
            streams_per_conversation=Places(options.streams_per_conversation),
        )
        self.turns = TurnQueue(
            store=self.store,
            threads=self.threads,
            assistant=self.assistant,
            hub=self.hub,
            clock=self.clock,
            options=options,
            sorry=filled(words.sorry, policy.words()),
        )
        self.retention = Retention(
            store=self.store,
            threads=self.threads,
            assistant=self.assistant,
            turns=self.turns,
            hub=self.hub,
            wall=wall,
            every=options.sweep_every,
        )
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Newest tables, then whatever an earlier process left unfinished."""
        await self.threads.run(self.database.migrate)
        await self.turns.resume()
        self._sweeper = asyncio.create_task(self.retention.run(), name="retention")

    def close(self) -> None:
        """Streams end, and whoever waits for an answer is told that it is kept."""
        self.hub.close()
        self.turns.release()

    async def stop(self) -> None:
        """After the listeners have stopped."""
        self.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        await self.turns.stop(self.options.stop_within)
        self.assistant.close()
        await self.client.aclose()
        self.threads.close()
        self.database.close()

    async def open_conversation(self, channel: str, source: str = "") -> tuple[str, int]:
        """A new conversation whose first turn is the assistant's greeting: (id, expiry)."""
        conversation_id = uuid.uuid4().hex
        now = int(self.wall())
        expires_at = now + int(self.options.retention_days * 86_400)
        greeting = self._turn(
            message_turn_id(conversation_id, "greeting"),
            conversation_id,
            {"event": {"kind": "session_start", "data": {}}},
        )
        kept = await self.threads.run(
            self.store.create_conversation,
            conversation_id,
            channel=channel,
            created_at=now,
            expires_at=expires_at,
            greeting=greeting,
        )
        await self.turns.answered(kept, self.options.greeting_within, source)
        return conversation_id, expires_at

    async def keep_text(self, conversation_id: str, client_id: str, text: str) -> Kept:
        """Store what a person typed, masked. From here on it cannot be lost."""
        # A long text takes milliseconds, in which nobody else would be served here.
        masks = self.words.masks
        shown = mask(text, masks) if len(text) <= _SHORT else await self.threads.run(mask, text, masks)
        turn = self._said(conversation_id, client_id, {"text": shown})
        return await self._keep_said(turn, shown, client_id)

    async def keep_button(self, conversation_id: str, client_id: str, button_id: str) -> Kept:
        """Store a choice; the conversation shows its title. Raises UnknownButton."""
        turn = self._said(conversation_id, client_id, {"button": {"id": button_id}})
        return await self._keep(
            turn,
            partial(
                self.store.add_chosen,
                turn,
                button_id=button_id,
                client_id=client_id,
                most_waiting=self.options.waiting_turns,
            ),
        )

    async def keep_start(self, conversation_id: str, client_id: str, flow: str) -> Kept:
        """Store that a person begins a row; the conversation shows its title. Raises UnknownRow."""
        title = await self.threads.run(self.howto.title, flow)
        if title is None:
            raise UnknownRow
        turn = self._said(conversation_id, client_id, {"start": {"flow": flow, "title": title}})
        return await self._keep_said(turn, title, client_id)

    async def keep_event(
        self, conversation_id: str, event_id: str, kind: str, data: dict[str, object]
    ) -> Kept:
        """Store what happened outside the chat."""
        turn = self._turn(event_turn_id(event_id), conversation_id, {"event": {"kind": kind, "data": data}})
        return await self._keep(turn, partial(self.store.add_turn, turn))

    async def _keep_said(self, turn: Turn, shown: str, client_id: str) -> Kept:
        most = self.options.waiting_turns
        return await self._keep(
            turn,
            partial(self.store.add_said, turn, shown=shown, client_id=client_id, most_waiting=most),
        )

    async def _keep(self, turn: Turn, store: Callable[[], Kept]) -> Kept:
        with self.turns.coming(turn.conversation_id):
            kept = await self.threads.run(store)
        news = None if kept.shown is None else News((kept.shown,), pending=True)
        self.hub.ring(turn.conversation_id, news)
        return kept

    def _said(self, conversation_id: str, client_id: str, said: Said) -> Turn:
        return self._turn(message_turn_id(conversation_id, f"client {client_id}"), conversation_id, said)

    def _turn(self, turn_id: str, conversation_id: str, said: Said) -> Turn:
        return Turn(
            turn_id=turn_id,
            conversation_id=conversation_id,
            said=said,
            identity=identity_of(conversation_id),
            at=self.clock.now().isoformat(),
        )
