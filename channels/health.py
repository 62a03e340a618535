"""`/healthz`: `ok` only when a turn can be answered and its promises kept; else what is down, by name."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse

from channels.api import PRIVATE, gateway_of
from channels.gateway import Gateway

log = logging.getLogger(__name__)

PROBE_SECONDS = 1.0
CACHED_SECONDS = 2.0
# What another process may name as down in its own health answer.
NAMED_BY_OTHERS = frozenset({"worker"})


class Health:
    """Probes all parts at the same time, and remembers the finding for a moment."""

    def __init__(self, gateway: Gateway, now: Callable[[], float] = time.monotonic) -> None:
        self._gateway = gateway
        self._now = now
        self._lock = asyncio.Lock()
        self._found: tuple[float, tuple[str, ...]] | None = None

    async def down(self) -> tuple[str, ...]:
        """Names out of assistant, actions, worker, backend, database; empty when all is well."""
        async with self._lock:
            if self._found is None or self._now() - self._found[0] > CACHED_SECONDS:
                self._found = (self._now(), await self._probe())
            return self._found[1]

    async def _probe(self) -> tuple[str, ...]:
        settings = self._gateway.settings
        probes: dict[str, Awaitable[set[str]]] = {
            "assistant": self._http("assistant", f"{settings.assistant_url}/webhooks/door/healthz"),
            "actions": self._http("actions", f"{settings.actions_url}/healthz"),
            "database": self._database(),
        }
        if "sandbox" in (settings.accounts, settings.desk):
            probes["backend"] = self._http("backend", f"{settings.backend_url}/healthz")
        found = await asyncio.gather(*probes.values())
        return tuple(sorted(set().union(*found)))

    async def _http(self, name: str, url: str) -> set[str]:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                answer = await self._gateway.client.get(url)
        except (httpx.HTTPError, TimeoutError):
            return {name}
        named = _named(answer) & NAMED_BY_OTHERS
        return named if answer.status_code == 200 else named or {name}

    async def _database(self) -> set[str]:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await self._gateway.threads.run(self._gateway.store.ping)
        except Exception as error:
            log.error("the database does not answer: %s", type(error).__name__)
            return {"database"}
        return set()


def _named(answer: httpx.Response) -> set[str]:
    """What a health answer calls down: in its `down` list, or as a part of its own (`"worker": "down"`)."""
    try:
        content = answer.json()
    except ValueError:
        return set()
    if not isinstance(content, dict):
        return set()
    down = content.get("down")
    parts = {name for name, state in content.items() if state == "down"}
    return parts | ({str(name) for name in down} if isinstance(down, list) else set())


async def healthz(request: Request) -> JSONResponse:
    health: Health = request.app.state.health
    down = await health.down()
    if gateway_of(request).hub.closed:
        down = (*down, "gateway")
    if down:
        return JSONResponse({"status": "down", "down": list(down)}, 503, PRIVATE)
    return JSONResponse({"status": "ok"}, 200, PRIVATE)
