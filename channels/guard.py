"""What one connection may take of the public port: bytes of headers, time, and a place among the others.

uvicorn with httptools bounds none of these.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from channels.options import Network, Options
from channels.ratelimit import Places
from channels.source import is_trusted, source_of

# For files, databases and connections of our own.
_OTHER_FILES = 256


@dataclass(frozen=True)
class Guard:
    """Shared by all connections of one listener; `trusted` proxies bring many people over one address."""

    places: Places
    places_per_source: Places
    trusted: Sequence[Network]
    most_head_bytes: int
    head_within: float
    body_within: float


def guarded(options: Options) -> Any:
    """What uvicorn takes as its `http`."""
    guard = Guard(
        places=Places(room_for(options.connections)),
        places_per_source=Places(options.connections_per_source),
        trusted=options.trusted_proxies,
        most_head_bytes=options.max_head_bytes,
        head_within=options.head_within,
        body_within=options.body_within,
    )
    return partial(GuardedProtocol, guard=guard)


def room_for(connections: int) -> int:
    """So many connections, or as many as this process may have; its limit is raised where that is allowed."""
    wanted = connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(soft - _OTHER_FILES, 16)


class GuardedProtocol(HttpToolsProtocol):
    """A request's head has its time, and so has its body; what is answered already is not cut."""

    def __init__(self, *args: Any, guard: Guard, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._guard = guard
        self._held: list[tuple[Places, str]] = []
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_body = False
        self._complete = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if not self._enter(self.client[0] if self.client else None):
            self._refuse(503, b"Too many connections. Please try again in a moment.", b"retry-after: 5\r\n")
            return
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        for places, key in self._held:
            places.leave(key)
        self._held = []
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._complete = False
        if not self._in_body:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._complete:
            return
        if self._head_bytes > self._guard.most_head_bytes:
            self._refuse(431, b"Too many or too long headers.")
        elif self._deadline is None:
            self._arm()

    def on_message_begin(self) -> None:
        self._complete = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._disarm()
        self._in_body, self._head_bytes = True, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._disarm()
        self._in_body, self._complete = False, True
        super().on_message_complete()

    def _enter(self, peer: str | None) -> bool:
        guard = self._guard
        wanted = [(guard.places, "all")]
        if not is_trusted(peer, guard.trusted):
            wanted.append((guard.places_per_source, source_of(peer, None, ())))
        for places, key in wanted:
            if not places.enter(key):
                return False
            self._held.append((places, key))
        return True

    def _arm(self) -> None:
        within = self._guard.body_within if self._in_body else self._guard.head_within
        self._deadline = self.loop.call_later(within, self._late)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        """The rest did not come in time. An answer that is still being given ends first."""
        self._deadline = None
        if not self._in_body and self.cycle is not None and not self.cycle.response_complete:
            self._arm()
        elif self._head_bytes:
            self._refuse(408, b"The request did not come in time.")
        else:
            self.transport.close()

    def _refuse(self, status: int, words: bytes, more: bytes = b"") -> None:
        self._disarm()
        head = b"HTTP/1.1 %d Refused\r\ncontent-type: text/plain; charset=utf-8\r\n" % status
        self.transport.write(
            b"%b%bcontent-length: %d\r\nconnection: close\r\n\r\n%b" % (head, more, len(words), words)
        )
        self.transport.close()
