"""Writes down what came of conversations, in the transaction of the turn itself: once, or not at all.

No id, no text and no time of day is written, only numbers per day, channel and row (`bot.outcomes`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from bot import tracker_schema as tables
from bot.outcomes import Key, Table, Tally, advance, load_table, read_turn
from common.policy import Policy, load_policy

logger = logging.getLogger(__name__)

# Handed to the driver as it is, with the driver's own mark for a value: a third of the time at every turn.
_ADD = (
    f'INSERT INTO {tables.outcomes.name} (day, channel, "row", measure, value, n) VALUES ({{values}})'
    ' ON CONFLICT (day, channel, "row", measure, value)'
    f" DO UPDATE SET n = {tables.outcomes.name}.n + excluded.n"
)
_MARKS = {"qmark": "?", "pyformat": "%s"}


class OutcomeCounts:
    """Days and office hours are the policy's."""

    def __init__(self, table: Table, policy: Policy) -> None:
        self._table = table
        self._policy = policy

    @classmethod
    def load(cls) -> OutcomeCounts:
        """Raises TableError or PolicyError."""
        return cls(load_table(), load_policy(os.environ.get("POLICY_FILE") or "policy.yml"))

    def after(
        self, tally: str | None, events: Iterable[Mapping[str, Any]]
    ) -> tuple[str | None, Mapping[Key, int]]:
        """The tally after a turn's events, and the counts that change.

        Never raises: a mistake in counting must not cost anybody the turn.
        """
        try:
            turn = read_turn(events, self._table)
            if turn is None:
                return tally, {}
            now, changes = advance(Tally.from_json(tally) if tally else None, turn, self._policy)
            return now.to_json() if now else None, changes
        except Exception as error:
            logger.error("a turn was not counted (%s)", type(error).__name__)
            return tally, {}

    def add(self, connection: sa.engine.Connection, changes: Mapping[Key, int]) -> None:
        """In the order of their keys, so that transactions that meet at some rows cannot block each other."""
        if changes:
            mark = _MARKS[connection.dialect.paramstyle]
            rows = [(*key, n) for key, n in sorted(changes.items())]
            connection.exec_driver_sql(_ADD.format(values=", ".join([mark] * len(rows[0]))), rows)
