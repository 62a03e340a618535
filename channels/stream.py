"""`GET …/stream`: new messages as server-sent events, read with fetch (a token goes in a header).

`event: message` with `id:` = seq; `event: state` `{"pending": bool}` whenever that changes; `event: gone`
when the conversation was deleted. A comment line is the heartbeat.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import StreamingResponse

from channels.api import after_of, gateway_of, opened, source
from channels.errors import ApiError
from channels.gateway import Gateway
from channels.model import Message
from channels.push import News, continued
from channels.ratelimit import Places
from channels.store import UnknownConversation


async def stream(request: Request) -> StreamingResponse:
    """Never ends by itself; it does when the conversation goes or the gateway stops."""
    gateway = gateway_of(request)
    conversation_id = opened(request)
    after = after_of(request)
    try:
        await gateway.threads.run(gateway.store.channel, conversation_id)
    except UnknownConversation:
        raise ApiError(404, "gone") from None
    held = (
        (gateway.limits.streams_per_source, source(request)),
        (gateway.limits.streams_per_conversation, conversation_id),
    )
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        _held(gateway, conversation_id, after, held), media_type="text/event-stream", headers=headers
    )


async def _held(
    gateway: Gateway, conversation_id: str, after: int, held: tuple[tuple[Places, str], ...]
) -> AsyncIterator[bytes]:
    """The events, holding a place for as long as they last."""
    entered = []
    try:
        for places, key in held:
            if not places.enter(key):
                yield event("busy", {})
                return
            entered.append((places, key))
        async for part in events(gateway, conversation_id, after):
            yield part
    finally:
        for places, key in entered:
            places.leave(key)


async def events(gateway: Gateway, conversation_id: str, after: int) -> AsyncIterator[bytes]:
    """Takes the bell's word where it can; reads the store else, first of all, and at every heartbeat."""
    pending: bool | None = None
    news: list[News] | None = None
    with gateway.hub.listen(conversation_id) as bell:
        yield b": open\n\n"
        while not gateway.hub.closed:
            told = None if news is None else continued(news, after)
            more = False
            if told is None:
                bell.take()
                try:
                    messages, more, now_pending = await gateway.threads.run(
                        gateway.store.history, conversation_id, after, gateway.options.history_page
                    )
                except UnknownConversation:
                    yield event("gone", {})
                    return
                except SQLAlchemyError:
                    return
                told = messages, None if more else now_pending
            for message in told[0]:
                yield _message(message)
                after = message.seq
            if more:
                continue
            if told[1] not in (None, pending):
                pending = told[1]
                yield event("state", {"pending": pending})
            try:
                async with asyncio.timeout(gateway.options.heartbeat):
                    await bell.wait()
                news = bell.take()
            except TimeoutError:
                news = None
                yield b": still here\n\n"


def event(name: str, data: object, event_id: int | None = None) -> bytes:
    """One server-sent event (WHATWG HTML, section 9.2.5); JSON has no line breaks of its own."""
    number = "" if event_id is None else f"id: {event_id}\n"
    return f"{number}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _message(message: Message) -> bytes:
    return event("message", message.to_json(), message.seq)
