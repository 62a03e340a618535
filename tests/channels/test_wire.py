"""The client of the assistant's door on the wire: kept connections, and every way an answer can fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from channels.wire import Wire, WireError

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers each request with the next of `answers` (the last one for ever); None hangs up."""

    def __init__(self) -> None:
        self.answers: list[bytes | None] = [FINE]
        self.requests: list[bytes] = []
        self.connections = 0
        self.url = ""
        self._open: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if answer is None:
                    break
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        self.hang_up()

    def hang_up(self) -> None:
        for writer in self._open:
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    listener = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/door"
    yield made
    listener.close()
    made.hang_up()


@pytest.fixture
async def wire(server: Server) -> AsyncIterator[Wire]:
    made = Wire(server.url, [("authorization", "Bearer x")], most_bytes=1000)
    yield made
    made.close()


async def test_one_connection_for_many_requests(server: Server, wire: Wire) -> None:
    for _ in range(3):
        answer = await wire.ask("POST", "/turn", b"{}", timeout=5)
        assert (answer.status, answer.body) == (200, b"ok")
    assert server.connections == 1
    head = server.requests[0].lower()
    assert head.startswith(b"post /door/turn http/1.1\r\n") and head.endswith(b"\r\n\r\n{}")
    assert b"authorization: bearer x" in head and b"content-type: application/json" in head


async def test_requests_at_the_same_time_have_a_connection_each(server: Server, wire: Wire) -> None:
    await asyncio.gather(*(wire.ask("POST", "/turn", b"{}", timeout=5) for _ in range(3)))
    await asyncio.gather(*(wire.ask("POST", "/turn", b"{}", timeout=5) for _ in range(3)))
    assert server.connections == 3


async def test_a_closed_connection_is_not_used_again(server: Server, wire: Wire) -> None:
    await wire.ask("GET", "/healthz", timeout=5)
    server.hang_up()
    await asyncio.sleep(0.05)
    assert (await wire.ask("GET", "/healthz", timeout=5)).status == 200
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n", 503, b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + FINE, 200, b"ok"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
    ],
)
async def test_answers(server: Server, wire: Wire, answer: bytes, status: int, body: bytes) -> None:
    server.answers = [answer, FINE]
    found = await wire.ask("POST", "/turn", b"{}", timeout=5)
    assert (found.status, found.body) == (status, body)
    assert (await wire.ask("POST", "/turn", b"{}", timeout=5)).body == b"ok"
    assert server.connections == (2 if b"close" in answer else 1)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
    ],
)
async def test_no_whole_answer_is_an_error(server: Server, wire: Wire, answer: bytes | None) -> None:
    server.answers = [answer, FINE]
    with pytest.raises(WireError):
        await wire.ask("POST", "/turn", b"{}", timeout=0.2)
    assert len(server.requests) == 1
    assert (await wire.ask("POST", "/turn", b"{}", timeout=5)).body == b"ok"


async def test_nobody_there(unused_tcp_port_factory: Callable[[], int]) -> None:
    with pytest.raises(WireError):
        await Wire(f"http://127.0.0.1:{unused_tcp_port_factory()}", []).ask("GET", "/", timeout=1)


@pytest.mark.parametrize("url", ["", "ftp://x", "127.0.0.1:80", "http://"])
def test_only_http_addresses(url: str) -> None:
    with pytest.raises(ValueError):
        Wire(url, [])
