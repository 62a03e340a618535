"""Requests to one server over kept HTTP/1.1 connections, for calls that come with every message.

asyncio streams, and h11 for what is on the wire (RFC 9112): 0.1 ms a request where httpx takes 0.7.
No redirects, no cookies, no proxies. What fails on the way raises WireError; nothing is sent twice by itself.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

_CHUNK = 65_536
# Shorter than servers usually keep one (5 s and more): a request must not meet a connection that is closing.
_KEPT_SECONDS = 4.0
_HUNG_UP = (OSError, EOFError, h11.ProtocolError)


class WireError(Exception):
    """No whole answer. The server may have done what was asked."""


@dataclass(frozen=True)
class Answer:
    """`body` is complete."""

    status: int
    body: bytes


class Wire:
    """`url` is http or https, with or without a path. Connections wait for the next request."""

    def __init__(self, url: str, headers: Sequence[tuple[str, str]], *, most_bytes: int = 4_194_304) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no http address")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._host, self._port = parts.hostname, parts.port or (443 if self._tls else 80)
        self._path = parts.path.rstrip("/")
        self._headers = [("host", parts.netloc.rpartition("@")[2]), *headers]
        self._most_bytes = most_bytes
        self._idle: list[_Connection] = []
        self._closed = False

    async def ask(
        self, method: str, path: str, body: bytes = b"", *, timeout: float, connect_timeout: float = 2.0
    ) -> Answer:
        """`timeout` is for the whole answer, in seconds. A body is JSON."""
        headers = [*self._headers, ("content-length", str(len(body)))]
        if body:
            headers.append(("content-type", "application/json"))
        request = h11.Request(method=method, target=self._path + path, headers=headers)
        connection: _Connection | None = None
        try:
            async with asyncio.timeout(timeout):
                connection = self._kept() or await self._connect(connect_timeout)
                answer = await connection.exchange(request, body, self._most_bytes)
        except TimeoutError:
            raise WireError("no answer in time") from None
        except _HUNG_UP as error:
            raise WireError(type(error).__name__) from None
        else:
            if connection.reusable and not self._closed:
                connection.idle_since = time.monotonic()
                self._idle.append(connection)
                connection = None
            return answer
        finally:
            if connection is not None:
                connection.close()

    def close(self) -> None:
        """Connections in use close after their answer."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> _Connection | None:
        """The connection used last, unless the server has closed it."""
        while self._idle:
            connection = self._idle.pop()
            if connection.alive:
                return connection
            connection.close()
        return None

    async def _connect(self, within: float) -> _Connection:
        async with asyncio.timeout(within):
            streams = await asyncio.open_connection(self._host, self._port, ssl=self._tls)
        return _Connection(*streams)


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT)
        self.reusable = False
        self.idle_since = 0.0

    @property
    def alive(self) -> bool:
        if time.monotonic() - self.idle_since > _KEPT_SECONDS:
            return False
        return not self._reader.at_eof() and not self._writer.is_closing()

    async def exchange(self, request: h11.Request, body: bytes, most: int) -> Answer:
        parts = (request, h11.Data(body), h11.EndOfMessage())
        self._writer.write(b"".join(self._http.send(part) or b"" for part in parts))
        await self._writer.drain()
        status, received = 0, bytearray()
        while not isinstance(event := await self._next(), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                received += event.data
                if len(received) > most:
                    raise h11.RemoteProtocolError("a longer answer than allowed")
            elif isinstance(event, h11.ConnectionClosed):
                raise EOFError
        self.reusable = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        if self.reusable:
            self._http.start_next_cycle()
        return Answer(status, bytes(received))

    async def _next(self) -> object:
        """The next h11 event of the answer."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(_CHUNK))
        return event

    def close(self) -> None:
        self._writer.close()
