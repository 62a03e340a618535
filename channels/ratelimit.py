"""Token buckets per source with bounded memory: the source that was quiet longest is forgotten first."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from channels.options import Rate


class RateLimit:
    """`take(key)` gives 0 when the request may pass, else the whole seconds to wait."""

    def __init__(self, rate: Rate, known: int, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._known = known
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> int:
        now = self._now()
        level, seen = self._buckets.pop(key, (float(self._rate.burst), now))
        per_second = self._rate.per_minute / 60
        level = min(float(self._rate.burst), level + (now - seen) * per_second)
        wait = 0 if level >= 1 else math.ceil((1 - level) / per_second)
        self._buckets[key] = (level if wait else level - 1, now)
        if len(self._buckets) > self._known:
            self._buckets.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._buckets)


class Places:
    """How many streams one key holds at the same time; memory is freed with the last of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[str, int] = {}

    def enter(self, key: str) -> bool:
        held = self._held.get(key, 0)
        if held >= self._most:
            return False
        self._held[key] = held + 1
        return True

    def leave(self, key: str) -> None:
        held = self._held.get(key, 0) - 1
        if held > 0:
            self._held[key] = held
        else:
            self._held.pop(key, None)

    def __len__(self) -> int:
        return len(self._held)
