"""What all actions share: they think in a thread, answer in time, and give exactly one outcome.

No outcome at all means that nothing is known to be kept, and that the same call may simply be made again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import SQLAlchemyError

from actions.http import RetryLater
from actions.jobs.runner import place_of
from actions.office import Office
from actions.steps.turn import Turn, to_turn

log = logging.getLogger(__name__)

OUTCOMES = ("ok", "retry", "refused", "human")
ANSWER_SECONDS = 7.0
_SETTLE_SECONDS = 0.4


class NothingKept(Exception):
    """The action could not do its part just now. Calling it again, with the same key, does no harm."""


class OutcomeAction(Action):  # type: ignore[misc]
    """A subclass names its `stem` and answers with slots, among them `<stem>_outcome`."""

    stem: ClassVar[str]

    def __init__(self, office: Office, threads: ThreadPoolExecutor) -> None:
        self.office = office
        self._threads = threads

    def name(self) -> str:
        return f"action_{self.stem}"

    def answer(self, turn: Turn) -> Mapping[str, Any]:
        """Slots to set; runs in a thread. May raise: `retry` once kept; before that `human`, or no outcome
        where a database or a desk that is away was the reason.
        """
        raise TypeError(f"{type(self).__name__} does not answer")

    def outcome(self, value: str, **slots: Any) -> dict[str, Any]:
        """`value`: one of OUTCOMES."""
        return {f"{self.stem}_outcome": value, **slots}

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        turn = to_turn(tracker, self.office.tools.clock)
        try:
            work = asyncio.get_running_loop().run_in_executor(self._threads, self.answer, turn)
            slots = await asyncio.wait_for(asyncio.shield(work), ANSWER_SECONDS)
            await self._settle(turn)
        except TimeoutError:
            log.warning("%s: no answer in %s s", self.name(), ANSWER_SECONDS)
            work.add_done_callback(_note_late_failure)
            slots = self._broken_off(turn)
        except (SQLAlchemyError, RetryLater) as error:
            log.error("%s: %s", self.name(), place_of(error))
            slots = self._broken_off(turn)
        except Exception as error:
            log.error("%s: %s", self.name(), place_of(error))
            slots = self.unfinished(turn)
        return [SlotSet(name, value) for name, value in slots.items()]

    def _broken_off(self, turn: Turn) -> Mapping[str, Any]:
        """Raises NothingKept unless a promise was written down."""
        if not turn.kept:
            raise NothingKept
        return self.unfinished(turn)

    async def _settle(self, turn: Turn) -> None:
        """Only an answer that is given replaces the events; of a call that broke off, the worker tells."""
        if not turn.told:
            return
        try:
            loop = asyncio.get_running_loop()
            settling = loop.run_in_executor(self._threads, self.office.store.settle, turn.told)
            await asyncio.wait_for(asyncio.shield(settling), _SETTLE_SECONDS)
        except (TimeoutError, SQLAlchemyError) as error:  # told twice, then: better than never
            log.warning("%s: %s", self.name(), place_of(error))

    def unfinished(self, turn: Turn) -> Mapping[str, Any]:
        """What is true when the answer failed: a promise that was kept is done later and told then."""
        return self.outcome("retry" if turn.kept else "human")


def _note_late_failure(work: asyncio.Future[Mapping[str, Any]]) -> None:
    if not work.cancelled() and (error := work.exception()):
        log.error("after the answer: %s", place_of(error))
