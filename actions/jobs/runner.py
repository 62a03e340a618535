"""Does one leased job and writes down how it ended; action server and workers share every line of it."""

from __future__ import annotations

import logging
import random
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace

from actions.http import CallHuman, ClientError, RetryLater, TellPerson, time_limit
from actions.jobs import Job, promises
from actions.jobs.account import reactivate, remind_login, watch_login
from actions.jobs.filing import file_ticket, reply_ticket
from actions.jobs.store import JobStore
from actions.jobs.telling import notify
from actions.jobs.tools import Forget, NotYet, Step, Tools, outcome_of
from actions.jobs.watching import watch_ticket

log = logging.getLogger(__name__)

HANDLERS: Mapping[str, Callable[[Job, Tools], Step]] = {
    "file_ticket": file_ticket,
    "reply_ticket": reply_ticket,
    "reactivate": reactivate,
    "notify": notify,
    "watch_ticket": watch_ticket,
    "remind_login": remind_login,
    "watch_login": watch_login,
}
_TICKETS = ("file_ticket", "reply_ticket")
_PROMISED = (*_TICKETS, "watch_ticket")
_FIRST_REST = 4.0
_LONGEST_REST = 300.0
GIVE_UP_AFTER = 24 * 3600.0
_MORE_PATIENCE = {"watch_ticket": 30 * 24 * 3600.0}  # people wait for Support's answer over a long week-end


class Runner:
    """`perform` never raises for what a job does; a job that cannot be done now is done again later."""

    def __init__(
        self,
        store: JobStore,
        tools: Tools,
        *,
        seconds: Callable[[], float] = time.time,
        spread: Callable[[], float] = random.random,
    ) -> None:
        """`seconds`: real time; `spread`: 0 to 1, so that many jobs do not come back at the same moment."""
        self._store = store
        self._tools = tools
        self._seconds = seconds
        self._spread = spread

    def perform(self, job: Job, limit: float, *, first_hand: bool = False) -> None:
        """Do a leased job within `limit` seconds.

        `first_hand`: a person is waiting for this very try, so what a desk refuses ends at once; the worker
        instead keeps what it promised until it is mended or a day is over.
        """
        try:
            with time_limit(limit):
                step = HANDLERS[job.kind](job, self._tools)
        except TellPerson as error:
            self._fail(job, "refused", error, first_hand)
        except CallHuman as error:
            log.error("job %s %s: an operator must look: %s", job.id, job.kind, error)
            if first_hand:
                self._fail(job, "human", error, first_hand)
            else:
                self._again(job, _LONGEST_REST, error)
        except RetryLater as error:
            log.warning("job %s %s, try %s: %s", job.id, job.kind, job.attempts, error)
            self._again(job, error.after or self._rest(job.attempts), error)
        except Exception as error:
            # Its text may hold a person's data, so only its kind and place are written down.
            log.error("job %s %s: %s", job.id, job.kind, place_of(error))
            self._again(job, self._rest(job.attempts), error)
        else:
            self._write(job, step, first_hand)

    def _write(self, job: Job, step: Step, first_hand: bool) -> None:
        if isinstance(step, Forget):
            log.info("job %s %s: the conversation is gone", job.id, job.kind)
            self._store.forget(job.conversation_id)
        elif isinstance(step, NotYet):
            self._store.release(
                job, step.hold, refs=step.refs, follow_ups=step.follow_ups, outcomes=step.outcomes
            )
        else:
            log.info("job %s %s: done at try %s", job.id, job.kind, job.attempts)
            # Only an action may still say it itself; nobody waits for the worker to do so.
            follow_ups = (
                step.follow_ups if first_hand else [replace(one, hold=0.0) for one in step.follow_ups]
            )
            self._store.finish(job, "done", result=step.result, follow_ups=follow_ups, outcomes=step.outcomes)

    def _again(self, job: Job, rest: float, error: Exception) -> None:
        if self._seconds() - job.first_tried < _MORE_PATIENCE.get(job.kind, GIVE_UP_AFTER):
            self._store.release(job, rest, error=type(error).__name__)
        else:
            log.error("job %s %s: given up after %s tries", job.id, job.kind, job.attempts)
            self._fail(job, "given_up", error, False)

    def _fail(self, job: Job, why: str, error: Exception, first_hand: bool) -> None:
        """Over without success. What was promised is told; a given-up draft stays for another yes."""
        log.warning("job %s %s: %s: %s", job.id, job.kind, why, _shown(error))
        now = self._tools.clock.now()
        today = self._tools.policy.today(now)
        told = promises.tell_needs_human(job, now, first_hand) if job.kind in _PROMISED else None
        self._store.finish(
            job,
            "failed",
            result={"why": why, "told": told.key if told else None},
            follow_ups=(told,) if told else (),
            outcomes=outcome_of(job.refs, f"{job.kind}_{why}", today) if job.kind in _TICKETS else (),
            error=type(error).__name__,
            keep_draft=why == "given_up",
        )

    def _rest(self, attempts: int) -> float:
        doubled: float = min(_LONGEST_REST, _FIRST_REST * 2 ** min(attempts - 1, 10))
        return doubled * (0.75 + self._spread() / 2)


def _shown(error: Exception) -> str:
    return str(error) if isinstance(error, ClientError) else type(error).__name__


def place_of(error: BaseException) -> str:
    """The kind of an error and where it happened, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    return f"{type(error).__name__} in {last.name}, line {last.lineno}" if last else type(error).__name__
