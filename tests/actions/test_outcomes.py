"""What an action answers when it breaks off: kept is `retry`; nothing known to be kept is no outcome."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import OperationalError

from actions.http import CallHuman, RetryLater
from actions.office import Office
from actions.steps import base
from actions.steps.turn import Turn
from tests.support.action_scene import NOW
from tests.support.actions_process import tracker_of

LOCKED = OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))


class Breaking(base.OutcomeAction):
    stem = "breaking"
    error: Exception | None = None
    keeps = False

    def answer(self, turn: Turn) -> Mapping[str, Any]:
        turn.kept = self.keeps
        if self.error is None:
            time.sleep(0.3)
            return self.outcome("ok")
        raise self.error


async def outcome_of(error: Exception | None, keeps: bool) -> str | None:
    """The outcome, None when there is none."""
    office = cast(Office, SimpleNamespace(tools=SimpleNamespace(clock=SimpleNamespace(now=lambda: NOW))))
    with ThreadPoolExecutor(1) as threads:
        action = Breaking(office, threads)
        action.error, action.keeps = error, keeps
        try:
            events = await action.run(CollectingDispatcher(), Tracker.from_dict(tracker_of({})), {})
        except base.NothingKept:
            return None
    assert [event["name"] for event in events] == ["breaking_outcome"]
    return str(events[0]["value"])


@pytest.mark.parametrize(
    ("error", "before", "after"),
    [
        (LOCKED, None, "retry"),
        (RetryLater("desk: away"), None, "retry"),
        (None, None, "retry"),  # no answer in time
        (CallHuman("desk: 401"), "human", "retry"),
        (KeyError("row"), "human", "retry"),
    ],
)
async def test_what_is_said_of_a_broken_off_action(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, before: str | None, after: str
) -> None:
    monkeypatch.setattr(base, "ANSWER_SECONDS", 0.1)
    assert await outcome_of(error, keeps=False) == before
    assert await outcome_of(error, keeps=True) == after
