"""What every part of the sandbox is handed: database, clock, rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backend.store.database import Database
from common.clock import Clock
from common.policy import Policy


@dataclass(frozen=True)
class World:
    """`clock_file` is the offset file that the console's clock page writes; None means it cannot be moved."""

    database: Database
    clock: Clock
    policy: Policy
    clock_file: Path | None = None
