"""A reverse proxy on loopback that hurts: it stands between a client and a real server and breaks calls.

Faults apply to requests that a test chooses (method and path prefix), once each unless told otherwise.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

# What can go wrong; "upstream" says whether the real server got the request.
FAULTS = (
    "drop_after",  # upstream answers, the connection dies before the client hears it
    "drop_before",  # the connection dies, upstream never sees it
    "delay_after",  # upstream answers, the client has hung up by then
    "status_500",  # an error page, upstream never sees it
    "status_500_after",  # upstream does it, the client gets an error page
    "status_503",
    "status_429",
    "garbage",  # upstream does it, the answer is no JSON
    "half",  # upstream does it, the answer stops in the middle
    "drip",  # upstream does it, the answer comes byte by byte
)
# Refusals that no client should try again at once.
REFUSALS = ("refuse_401", "refuse_429")
RETRY_AFTER = 7


@dataclass
class _Planned:
    fault: str
    method: str
    prefix: str
    times: int


class FaultProxy:
    """`seen` lists every request that arrived, as "METHOD path"."""

    def __init__(self, upstream: str, *, delay: float = 8.0) -> None:
        self.upstream = urlsplit(upstream)
        self.delay = delay
        self.seen: list[str] = []
        self._plans: list[_Planned] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._serve(0)

    def _serve(self, port: int) -> None:
        proxy = self

        class Handler(_Handler):
            pass

        Handler.proxy = proxy
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def plan(self, fault: str, method: str = "POST", prefix: str = "/", times: int = 1) -> None:
        assert fault in (*FAULTS, *REFUSALS), fault
        self._plans.append(_Planned(fault, method, prefix, times))

    def clear(self) -> None:
        self._plans.clear()

    def take(self, method: str, path: str) -> str | None:
        with self._lock:
            self.seen.append(f"{method} {path}")
            for plan in self._plans:
                if plan.times and plan.method == method and path.startswith(plan.prefix):
                    plan.times -= 1
                    return plan.fault
        return None

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Nobody listens on the port."""
        self._shut()
        try:
            yield
        finally:
            self._serve(self.port)

    def _shut(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def close(self) -> None:
        self._stop.set()
        self._shut()

    def rest(self, seconds: float) -> None:
        self._stop.wait(seconds)


class _Handler(BaseHTTPRequestHandler):
    proxy: FaultProxy

    def _do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        fault = self.proxy.take(self.command, self.path)
        if fault == "drop_before":
            return self._drop()
        if fault in ("status_500", "status_503", "status_429", *REFUSALS):
            after = RETRY_AFTER if fault == "refuse_429" else None
            return self._answer(int(fault[-3:]), b"<html>error</html>", after)
        status, content = self._forward(body)
        if fault == "drop_after":
            return self._drop()
        if fault == "delay_after":
            self.proxy.rest(self.proxy.delay)
            return self._drop()
        if fault == "status_500_after":
            return self._answer(500, b"<html>error</html>")
        if fault == "garbage":
            return self._answer(status, b"<html>fine</html>")
        if fault == "half":
            self._head(status, len(content))
            self.wfile.write(content[: len(content) // 2])
            return self._drop()
        if fault == "drip":
            self._head(status, len(content))
            for place in range(len(content)):
                self.wfile.write(content[place : place + 1])
                self.wfile.flush()
                self.proxy.rest(0.2)
            return None
        return self._answer(status, content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do

    def _forward(self, body: bytes) -> tuple[int, bytes]:
        upstream = self.proxy.upstream
        connection = http.client.HTTPConnection(upstream.hostname or "", upstream.port, timeout=20)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        connection.request(self.command, self.path, body=body or None, headers=headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, content

    def _head(self, status: int, length: int, retry_after: int | None = None) -> None:
        self.send_response(status)
        if retry_after is not None:
            self.send_header("Retry-After", str(retry_after))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _answer(self, status: int, content: bytes, retry_after: int | None = None) -> None:
        self._head(status, len(content), retry_after)
        self.wfile.write(content)

    def _drop(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            time.sleep(0)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the client hung up first, as planned
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Quiet."""
