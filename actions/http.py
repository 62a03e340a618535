"""One HTTP core for every client, and the exceptions that say what the caller should do.

    ClientError
    ├── RetryLater           nothing is wrong with the request: do it again later
    │   ├── NotSent          it surely did not arrive (refused, unknown host, no free worker)
    │   └── Uncertain        it may have been done (time-out, connection lost, 5xx, unreadable answer):
    │                        ask before doing it again
    ├── TellPerson           the other side will never take this request: say so, don't try again
    │   └── NotFound         … because what it names is not there
    └── CallHuman            wiring is wrong (credentials, address): an operator must look

An exception's text names the client, the method, the route and the status, never an address with a query, a
body or a header: it may be logged.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import requests

log = logging.getLogger(__name__)

_LARGEST_ANSWER = 4 * 1024 * 1024
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


class ClientError(Exception):
    """A call to another system did not give what was asked."""


class RetryLater(ClientError):
    """Worth doing again; `after` holds the seconds that the other side asked for, if it did."""

    def __init__(self, text: str, after: float | None = None) -> None:
        super().__init__(text)
        self.after = after


class NotSent(RetryLater):
    """Surely not done."""


class Uncertain(RetryLater):
    """Perhaps done."""


class TellPerson(ClientError):
    """Never going to be taken as it is."""


class NotFound(TellPerson):
    """What the request names does not exist."""


class CallHuman(ClientError):
    """Only an operator can mend this."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """All calls inside share this many seconds; the limit of an outer block still holds."""
    outer = _deadline.get()
    mine = time.monotonic() + seconds
    token = _deadline.set(mine if outer is None else min(mine, outer))
    try:
        yield
    finally:
        _deadline.reset(token)


def time_left() -> float | None:
    """Seconds until the innermost limit; None without one."""
    deadline = _deadline.get()
    return None if deadline is None else deadline - time.monotonic()


@dataclass(frozen=True)
class Answer:
    """A status that was expected, and the JSON that came with it (None for an empty body)."""

    status: int
    json: Any


@dataclass(frozen=True)
class Limits:
    """How long one call may take, in seconds, and how many may run at the same time."""

    connect: float = 1.5
    read: float = 4.0
    total: float = 5.0
    at_once: int = 4


class HttpClient:
    """JSON over HTTP to one base address, in a bounded pool of threads.

    The pool keeps a slow system from taking every thread of the process, and gives each call a hard end even
    where sockets do not (name look-ups, an answer that drips).
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        bearer: str,
        *,
        limits: Limits | None = None,
        accept: str = "application/json",
        scheme: str = "Bearer",
    ) -> None:
        """`scheme`: the word before the token in the Authorization header (RFC 9110 section 11.4)."""
        self.name = name
        self._base = base_url.rstrip("/")
        self._limits = limits or Limits()
        self._headers = {"Accept": accept, "Authorization": f"{scheme} {bearer}"}
        self._pool = ThreadPoolExecutor(self._limits.at_once, thread_name_prefix=name)
        self._sessions = threading.local()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def call(
        self,
        method: str,
        path: str,
        *,
        route: str | None = None,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        expect: tuple[int, ...] = (200,),
        harmless: bool = False,
    ) -> Answer:
        """One request; raises a ClientError unless the status is one of `expect`.

        `harmless`: doing it twice does no harm (reading, setting an absolute value), so one lost call is
        repeated at once. `route` is the path as logs may show it, for paths that hold a person's data.
        """
        shown = f"{self.name} {method} {route or path}"
        tries = 2 if harmless else 1
        for attempt in range(1, tries + 1):
            left = self._time_for_a_call(shown)
            try:
                return self._once(shown, method, path, params, body, headers, expect, harmless, left)
            except RetryLater as error:
                now_left = time_left()
                more_time = now_left is None or now_left > self._limits.connect
                if attempt == tries or error.after is not None or not more_time:
                    raise
                time.sleep(0.05)
        raise CallHuman(f"{shown}: no try was made")

    def _time_for_a_call(self, shown: str) -> float:
        left = time_left()
        if left is not None and left <= 0.05:
            raise NotSent(f"{shown}: no time left")
        return self._limits.total if left is None else min(left, self._limits.total)

    def _once(
        self,
        shown: str,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Any,
        headers: Mapping[str, str] | None,
        expect: tuple[int, ...],
        harmless: bool,
        left: float,
    ) -> Answer:
        until = time.monotonic() + left
        future: Future[tuple[int, Mapping[str, str], bytes]] = self._pool.submit(
            self._send, shown, method, path, params, body, headers, until, harmless
        )
        try:
            status, answer_headers, content = future.result(timeout=left)
        except FutureTimeout:
            if future.cancel():
                raise NotSent(f"{shown}: all {self._limits.at_once} connections are busy") from None
            raise Uncertain(f"{shown}: no answer in {left:.1f} s") from None
        return _to_answer(shown, status, answer_headers, content, expect)

    def _send(
        self,
        shown: str,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Any,
        headers: Mapping[str, str] | None,
        until: float,
        harmless: bool,
    ) -> tuple[int, Mapping[str, str], bytes]:
        left = until - time.monotonic()
        if left <= 0:
            raise NotSent(f"{shown}: waited too long for a free connection")
        try:
            with self._request(
                harmless,
                method,
                self._base + path,
                params=params,
                data=None if body is None else json.dumps(body).encode(),
                headers=_with_type(self._headers, headers, body),
                timeout=(min(self._limits.connect, left), min(self._limits.read, left)),
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, response.headers, _read(response, shown, until)
        except (requests.exceptions.ConnectTimeout, requests.exceptions.InvalidURL) as error:
            raise NotSent(f"{shown}: {type(error).__name__}") from None
        except requests.exceptions.ConnectionError as error:
            kind = NotSent if _never_connected(error) else Uncertain
            raise kind(f"{shown}: connection failed") from None
        except requests.exceptions.RequestException as error:
            raise Uncertain(f"{shown}: {type(error).__name__}") from None

    def _request(self, harmless: bool, method: str, url: str, **options: Any) -> requests.Response:
        """A request that must not be repeated gets a connection of its own.

        On a kept connection that the server is just closing, nobody could say whether it arrived.
        """
        if not harmless:
            with _new_session() as session:
                return session.request(method, url, **options)
        kept: requests.Session | None = getattr(self._sessions, "session", None)
        if kept is None:
            kept = self._sessions.session = _new_session()
        return kept.request(method, url, **options)


def _new_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a .netrc or proxy of the machine must not replace our credentials
    return session


def _with_type(own: Mapping[str, str], extra: Mapping[str, str] | None, body: Any) -> dict[str, str]:
    headers = {**own, **(extra or {})}
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    return headers


def _read(response: requests.Response, shown: str, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(65536):
        size += len(part)
        if size > _LARGEST_ANSWER or time.monotonic() > until:
            raise Uncertain(f"{shown}: the answer is too long or too slow")
        parts.append(part)
    return b"".join(parts)


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    """True where urllib3 failed while making the connection, so that no byte of the request went out."""
    names = {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"}
    cause: BaseException | None = error
    for _ in range(6):
        if cause is None:
            return False
        if type(cause).__name__ in names:
            return True
        reason = getattr(cause, "reason", None)
        first = cause.args[0] if cause.args and isinstance(cause.args[0], BaseException) else None
        cause = reason if isinstance(reason, BaseException) else first
    return False


def _to_answer(
    shown: str, status: int, headers: Mapping[str, str], content: bytes, expect: tuple[int, ...]
) -> Answer:
    if status in expect:
        return Answer(status, _to_json(shown, content))
    text = f"{shown}: status {status}"
    if status == 404:
        raise NotFound(text)
    if status == 429:
        raise RetryLater(text, after=_seconds(headers.get("Retry-After")))
    if status == 503:
        raise Uncertain(text, after=_seconds(headers.get("Retry-After")))
    if status == 408 or status >= 500 or 200 <= status < 300:
        raise Uncertain(text)
    if status in (400, 409, 410, 412, 413, 422):
        raise TellPerson(text)
    raise CallHuman(text)


def _to_json(shown: str, content: bytes) -> Any:
    if not content.strip():
        return None
    try:
        return json.loads(content)
    except ValueError:
        raise Uncertain(f"{shown}: the answer is not JSON") from None


def _seconds(value: str | None) -> float | None:
    return min(float(value), 3600.0) if value and value.isascii() and value.isdigit() else None
