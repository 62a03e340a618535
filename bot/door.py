"""The assistant's only input channel: one turn per request, kept or refused, never done twice.

`POST /webhooks/door/turn`, `DELETE /webhooks/door/conversations/{id}`, `GET /webhooks/door/healthz`. A turn
that was kept is in the tracker's log under its `turn_id`; asking for it again reads the replies from there. A
turn that was not kept gets a 503: the gateway sends the same turn again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.action_endpoint import ActionEndpoint
from bot.door_request import LARGEST_BODY, BadTurn, Turn, to_turn
from bot.payloads import parse_payload
from bot.question import pressed
from bot.replies import said_in, to_messages
from bot.tracker_store import EventLogTrackerStore
from bot.understanding import ready, understand
from common.bearer import bearer_matches

logger = logging.getLogger(__name__)
TURN_SECONDS = 45.0
"""Longest turn. Rasa's lock lives 60 s; an action is given up after 10 s, and a turn runs a few at most."""


class NotReady(Exception):
    """No model is loaded, or the store is not ours; the message names what is missing."""


class Collector(OutputChannel):  # type: ignore[misc]
    """Takes bot messages in order; its name is the person's channel, so responses may differ by channel."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.said: list[dict[str, Any]] = []

    def name(self) -> str:
        return self.channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.said.append(message)


class Door(InputChannel):  # type: ignore[misc]
    """Configured in credentials.yml as `bot.door.Door: {secret: …}`."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ValueError("bot.door.Door needs a secret in credentials.yml")
        self._secret = secret
        self._running: dict[tuple[str, str], asyncio.Task[list[dict[str, Any]]]] = {}
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @classmethod
    def name(cls) -> str:
        return "door"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Door:
        return cls(str((credentials or {}).get("secret") or ""))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Sanic writes attributes onto handlers, so they are functions and not methods."""

        async def turn(request: Request) -> HTTPResponse:
            return await self.turn(request)

        async def delete(request: Request, conversation_id: str) -> HTTPResponse:
            return await self.delete(request, unquote(conversation_id))

        async def healthz(request: Request) -> HTTPResponse:
            return await self.healthz(request)

        door = Blueprint("door")
        door.add_route(turn, "/turn", methods=["POST"])
        door.add_route(delete, "/conversations/<conversation_id:str>", methods=["DELETE"])
        door.add_route(healthz, "/healthz", methods=["GET"])
        return door

    # Handlers

    async def turn(self, request: Request) -> HTTPResponse:
        """One turn: 200 with the replies, 400, 401, 413, or 503 when it was not kept."""
        if not self._admits(request):
            return _error(401, "wrong or missing bearer secret")
        if len(request.body) > LARGEST_BODY:
            return _error(413, f"the body is larger than {LARGEST_BODY} bytes")
        try:
            turn = to_turn(request.body)
        except BadTurn as error:
            return _error(400, str(error))
        try:
            messages = await self._once(turn, request.app.ctx.agent)
        except Exception as error:
            logger.exception("a turn was not kept")
            return _error(503, f"not kept ({type(error).__name__}); send the same turn again")
        return response.json({"messages": messages})

    async def delete(self, request: Request, conversation_id: str) -> HTTPResponse:
        """Forget a conversation, here and in the action server's drafts: 204, also when there is none."""
        if not self._admits(request):
            return _error(401, "wrong or missing bearer secret")
        try:
            agent = request.app.ctx.agent
            store = store_of(agent)
            async with self._alone(conversation_id):
                if isinstance(agent.action_endpoint, ActionEndpoint):
                    await agent.action_endpoint.forget(conversation_id)
                await store.delete(conversation_id)
        except Exception as error:
            logger.exception("a conversation was not deleted")
            return _error(503, f"not deleted ({type(error).__name__}); ask again")
        return response.empty(204)

    async def healthz(self, request: Request) -> HTTPResponse:
        """`ok` only when a turn can be answered and kept."""
        agent = getattr(request.app.ctx, "agent", None)
        down = []
        if agent is None or agent.processor is None:
            down.append("model")
        try:
            if agent is not None:
                await store_of(agent).check()
        except Exception:
            logger.exception("the tracker store does not answer")
            down.append("tracker store")
        if down:
            return response.json({"status": "down", "down": down}, status=503)
        return response.json({"status": "ok"})

    def _admits(self, request: Request) -> bool:
        return bearer_matches(request.headers.get("authorization"), self._secret)

    # A turn

    async def _once(self, turn: Turn, agent: Agent) -> list[dict[str, Any]]:
        """The turn's replies. Requests for a turn that is under way wait for the same task.

        The task is shielded: Sanic cancels a handler whose caller hangs up, and the turn must go on.
        """
        key = (turn.conversation_id, turn.turn_id)
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._take(turn, agent))
            self._running[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    def _forget(self, key: tuple[str, str], task: asyncio.Task[list[dict[str, Any]]]) -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            task.exception()  # taken note of; when the caller is gone, nobody else reads it

    async def _take(self, turn: Turn, agent: Agent) -> list[dict[str, Any]]:
        store = store_of(agent)
        async with self._alone(turn.conversation_id):
            logged = await store.turn(turn.conversation_id, turn.turn_id)
            if logged is not None:
                return to_messages(turn.turn_id, said_in(logged))
            collector = Collector(turn.channel)
            message = await to_user_message(turn, agent, collector)
            await asyncio.wait_for(agent.handle_message(message), TURN_SECONDS)
            return to_messages(turn.turn_id, collector.said)

    @asynccontextmanager
    async def _alone(self, conversation_id: str) -> AsyncIterator[None]:
        """One turn of a conversation at a time, in order of arrival. Rasa's own lock polls once a second."""
        lock, waiting = self._locks.get(conversation_id, (asyncio.Lock(), 0))
        self._locks[conversation_id] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._locks[conversation_id]
            if waiting == 1:
                del self._locks[conversation_id]
            else:
                self._locks[conversation_id] = (lock, waiting - 1)


def store_of(agent: Agent) -> EventLogTrackerStore:
    """The agent's tracker store; raises NotReady unless it is ours, bare of Rasa's fail-safe wrapper."""
    if agent is None or agent.processor is None:
        raise NotReady("no model is loaded")
    store = agent.processor.tracker_store
    if not isinstance(store, EventLogTrackerStore):
        raise NotReady(f"the tracker store is {type(store).__name__}")
    return store


async def to_user_message(turn: Turn, agent: Agent, collector: Collector) -> UserMessage:
    """The turn as Rasa takes it, with ready parse data: nothing typed is ever read as a command."""
    message = UserMessage(
        text=turn.text,
        output_channel=collector,
        sender_id=turn.conversation_id,
        input_channel=turn.channel,
        message_id=turn.turn_id,
        metadata=turn.metadata,
    )
    if turn.text is not None:
        message.text = turn.text  # Rasa strips it; the tracker keeps what was typed
        message.parse_data = understand(agent.processor, message)
    elif turn.button is not None:
        message.parse_data = await _pressed(turn, agent)
        message.text = message.parse_data["text"]
    elif turn.start is not None:
        # as a button of the engine's own would: whatever is open, nothing is confirmed by it
        message.text = turn.title
        message.parse_data = ready(turn.title or "", commands=[{"command": "start flow", "flow": turn.start}])
    else:
        message.text = ""
        intent = turn.event if turn.event == "session_start" else f"event_{turn.event}"
        message.parse_data = ready("", intent, event=dict(turn.data or {}))
    return message


async def _pressed(turn: Turn, agent: Agent) -> dict[str, Any]:
    """Parse data of a pressed button; of one that is not the open question's, only that it is not."""
    tracker = await store_of(agent).retrieve(turn.conversation_id)
    button = pressed(tracker, turn.button or "") if tracker is not None else None
    if button is None:
        return ready("", commands=[{"command": "cannot handle", "reason": "question_done"}])
    try:
        meant = parse_payload(str(button.get("payload", "")))
    except ValueError:
        logger.exception("a response has a button that nobody can press")
        return ready("", commands=[{"command": "cannot handle", "reason": "question_done"}])
    return ready(str(button.get("title", "")), meant["intent"], commands=meant["commands"])


def _error(status: int, message: str) -> HTTPResponse:
    return response.json({"error": message}, status=status)
