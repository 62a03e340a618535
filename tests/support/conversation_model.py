"""A conversation test as read from its file: steps, the checks on them, and what the test starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Step:
    """One step: `kind` is its main key, `value` that key's value, `more` the keys beside it.

    `accounts`: only where there are account records (true) or none (false).
    """

    kind: str
    value: Any
    line: int
    more: Mapping[str, Any] = field(default_factory=dict)
    accounts: bool | None = None


@dataclass(frozen=True)
class Check:
    """One assertion on the turn before it."""

    kind: str
    value: Any
    line: int


@dataclass(frozen=True)
class TestCase:
    __test__ = False  # the name is CALM's, not pytest's

    name: str
    path: Path
    line: int
    slots: Mapping[str, Any]
    now: datetime | None
    identity: Mapping[str, Any]
    steps: tuple[Step, ...]
    only: str | None = None

    def steps_with(self, accounts: bool) -> tuple[Step, ...]:
        """The steps of an installation with or without account records."""
        return tuple(step for step in self.steps if step.accounts in (None, accounts))
