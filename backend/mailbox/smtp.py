"""The mailbox as an SMTP listener on 127.0.0.1: whatever arrives is kept to be read, nothing is sent on."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from backend.mailbox import repository
from backend.mailbox.arriving import LONGEST_ADDRESS, read
from backend.mailbox.repository import Mail
from backend.words import say
from backend.world import World

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
LARGEST_MAIL = 2 * 1024 * 1024  # bytes; announced as SIZE (RFC 1870)
MOST_RECIPIENTS = 100  # RFC 5321 section 4.5.3.1.8
MOST_CONNECTIONS = 50
# What one connection may send at all: a line that never ends would otherwise be held in memory.
_MOST_BYTES = 8 * LARGEST_MAIL
_SECONDS = 60.0
_TRY_AGAIN = "451 4.3.0 "


class PortTaken(Exception):
    """Another program listens there."""


class _Keeper:
    """aiosmtpd's handler: takes any recipient, keeps one mail for each."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 " + say("smtp_recipients", limit=MOST_RECIPIENTS)
        if "@" not in address or len(address) > LONGEST_ADDRESS or not address.isprintable():
            return "553 5.1.3 " + say("smtp_address")
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        await asyncio.to_thread(self._keep, envelope)
        return "250 OK"

    async def handle_exception(self, error: Exception) -> str:
        """Most likely the database; the sender tries again. Nothing tells what was in the mail."""
        log.error("a mail was not kept: %s", type(error).__name__)
        return _TRY_AGAIN + say("smtp_failed")

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        arrived, now = read(content), self._world.clock.now()
        sender = arrived.sender or (envelope.mail_from or "")[:LONGEST_ADDRESS]
        with self._world.database.write() as connection:
            for to in dict.fromkeys(envelope.rcpt_tos):
                mail = Mail(to, arrived.subject, arrived.text, now, sender=sender)
                repository.add(connection, mail, _key(arrived.message_id, to, content))
        log.info("kept a mail of %d kB for %d recipients", len(content) // 1024, len(envelope.rcpt_tos))


def _key(message_id: str, to: str, content: bytes) -> str | None:
    """A sender that lost our answer sends the same mail again; without a Message-ID nobody can tell."""
    if not message_id:
        return None
    digest = hashlib.sha256("\n".join((message_id, to)).encode() + content).hexdigest()
    return f"smtp:{digest}"


class _Bounded(SMTP):
    """One connection, cut off when it sends without end or when too many are open."""

    line_length_limit = 64 * 1024  # more than RFC 5321 asks for: some programs do not wrap what they send

    def __init__(self, handler: _Keeper, connections: set[SMTP], **options: Any) -> None:
        super().__init__(handler, **options)
        self._connections = connections
        self._bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connections.add(self)
        if len(self._connections) > MOST_CONNECTIONS and isinstance(transport, asyncio.Transport):
            transport.write(f"421 4.3.2 {say('smtp_busy')}\r\n".encode())
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        self._bytes += len(data)
        if self._bytes > _MOST_BYTES and isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
            return
        super().data_received(data)


class _Listener(Controller):
    """aiosmtpd's thread, on a socket that is bound already: a busy port is then known at once."""

    def __init__(self, world: World, bound: socket.socket) -> None:
        super().__init__(_Keeper(world), hostname=HOST, port=bound.getsockname()[1])
        self._bound = bound
        self._connections: set[SMTP] = set()

    def factory(self) -> SMTP:
        return _Bounded(
            self.handler,
            self._connections,
            hostname="localhost",
            ident=say("smtp_greeting"),
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            timeout=_SECONDS,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
        )

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._bound)


@contextmanager
def listening(world: World, port: int) -> Iterator[int]:
    """Take mail until the block ends; gives the port (`port` 0: any free one). Raises PortTaken."""
    # The library's log names every address; ours names none.
    logging.getLogger("mail.log").disabled = True
    try:
        bound = socket.create_server((HOST, port))
    except OSError as error:
        raise PortTaken from error
    listener = _Listener(world, bound)
    listener.start()
    try:
        yield listener.port
    finally:
        listener.stop()
