"""Places for turns under way: so many in all, and so many for one source, whose others wait their turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass
class _Share:
    free: asyncio.Semaphore
    users: int = 0


class FairPlaces:
    """`async with places.held("192.0.2.7"):`. The empty source has no limit of its own."""

    def __init__(self, most: int, most_per_source: int) -> None:
        self._all = asyncio.Semaphore(most)
        self._most_per_source = most_per_source
        self._shares: dict[str, _Share] = {}

    @asynccontextmanager
    async def held(self, source: str) -> AsyncIterator[None]:
        if not source:
            async with self._all:
                yield
            return
        share = self._shares.setdefault(source, _Share(asyncio.Semaphore(self._most_per_source)))
        share.users += 1
        try:
            async with share.free, self._all:
                yield
        finally:
            share.users -= 1
            if not share.users:
                del self._shares[source]

    def __len__(self) -> int:
        """How many sources hold a place or wait for one."""
        return len(self._shares)
