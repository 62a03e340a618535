"""What one connection may take of the public port, in bytes, in time and in number."""

from __future__ import annotations

import ipaddress
import json
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from channels import errors, guard
from tests.support.gateway_process import Chat


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=15) as opened:
        yield opened


def _until_closed(connection: socket.socket) -> bytes:
    received = b""
    try:
        while chunk := connection.recv(65_536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def _one_answer(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head


GET = b"GET /healthz HTTP/1.1\r\nHost: here\r\n"


@pytest.mark.parametrize("head", [
    GET + b"X-Long: " + b"a" * 100_000,
    GET + b"X-Short: a\r\n" * 10_000,
    b"GET /" + b"a" * 100_000,
], ids=["a long header", "many headers", "a long address"])  # fmt: skip
def test_headers_without_an_end(start: Callable[..., Any], head: bytes) -> None:
    local = start(max_head_bytes=32_768)
    with connected(local.url) as connection:
        try:
            for at in range(0, len(head), 8_192):
                connection.sendall(head[at : at + 8_192])
        except (ConnectionResetError, BrokenPipeError):
            return
        received = _until_closed(connection)
    assert received == b"" or received.startswith(b"HTTP/1.1 431 ")


def test_ordinary_headers_pass(client: httpx.Client) -> None:
    answer = client.get("/static/page.js", headers={"X-Long": "a" * 16_000})
    assert answer.status_code == 200


def test_a_connection_that_says_nothing_is_closed(start: Callable[..., Any]) -> None:
    with connected(start(head_within=0.2).url) as connection:
        assert _until_closed(connection) == b""


@pytest.mark.parametrize("part", [GET, b"\r\n", b"GE"])
def test_a_head_that_never_ends_is_refused(start: Callable[..., Any], part: bytes) -> None:
    with connected(start(head_within=0.2).url) as connection:
        connection.sendall(part)
        assert _until_closed(connection).startswith(b"HTTP/1.1 408 ")


def test_the_next_head_of_a_kept_connection_has_its_time_too(start: Callable[..., Any]) -> None:
    with connected(start(head_within=0.3).url) as connection:
        for _ in range(3):
            connection.sendall(GET + b"\r\n")
            assert b"HTTP/1.1 " in _one_answer(connection)
        connection.sendall(GET)
        assert _until_closed(connection).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_never_comes_is_answered_in_plain_words(
    client: httpx.Client, local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "BODY_WITHIN", 0.2)
    chat = Chat(client)
    head = (
        f"POST {chat.path}/messages HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
        f"Authorization: {chat.headers['Authorization']}\r\nContent-Length: 100\r\n\r\n"
    )
    with connected(local.url) as connection:
        connection.sendall(head.encode() + b'{"client_id"')
        received = _until_closed(connection)
    assert received.startswith(b"HTTP/1.1 408 ")
    assert json.loads(received.partition(b"\r\n\r\n")[2])["error"]["code"] == "too_slow"


def test_a_body_that_nobody_reads_does_not_keep_the_connection(start: Callable[..., Any]) -> None:
    with connected(start(body_within=0.2).url) as connection:
        connection.sendall(GET + b"Content-Length: 1000\r\n\r\n")
        assert _until_closed(connection).startswith(b"HTTP/1.1 ")


def test_a_long_answer_is_not_cut(start: Callable[..., Any]) -> None:
    local = start(head_within=0.2, body_within=0.2, heartbeat=0.1)
    with httpx.Client(base_url=local.url, timeout=15) as client:
        chat = Chat(client)
        chat.settled()
        with client.stream("GET", f"{chat.path}/stream", headers=chat.headers) as stream:
            beats = 0
            for line in stream.iter_lines():
                beats += line == ": still here"
                if beats == 8:
                    return
    pytest.fail("the stream ended")


@pytest.mark.parametrize("limit", ["connections", "connections_per_source"])
def test_connections_are_counted_and_given_back(start: Callable[..., Any], limit: str) -> None:
    local = start(**{limit: 2})
    with connected(local.url) as one, connected(local.url) as two:
        for connection in (one, two):
            connection.sendall(GET + b"\r\n")
            _one_answer(connection)
        with connected(local.url) as three:
            assert _until_closed(three).startswith(b"HTTP/1.1 503 ")
    for _ in range(100):
        with connected(local.url) as again:
            again.sendall(GET + b"Connection: close\r\n\r\n")
            if b"Too many" not in _until_closed(again):
                return
    pytest.fail("places were not given back")


def test_a_trusted_proxy_brings_many(start: Callable[..., Any]) -> None:
    local = start(connections_per_source=1, trusted_proxies=(ipaddress.ip_network("127.0.0.0/8"),))
    with connected(local.url) as one, connected(local.url) as two:
        for connection in (one, two):
            connection.sendall(GET + b"\r\n")
            assert b" 503 Refused" not in _one_answer(connection)


@pytest.mark.parametrize(
    ("soft", "hard", "room"),
    [(20_000, 20_000, 2_000), (1_024, 20_000, 2_000), (1_024, 1_024, 768),
     (1_024, resource.RLIM_INFINITY, 2_000), (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 2_000)],
)  # fmt: skip
def test_there_are_files_for_every_connection(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, room: int
) -> None:
    given: list[tuple[int, int]] = [(soft, hard)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: given[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: given.append(limits))
    assert guard.room_for(2_000) == room
    assert given[-1][0] == resource.RLIM_INFINITY or given[-1][0] >= room + 256
