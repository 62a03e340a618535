"""Keeps promises: does the jobs whose time has come. `python -m actions.worker`; several may run at once."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from actions.jobs import Job
from actions.jobs.runner import Runner, place_of
from actions.jobs.store import JobStore
from actions.wiring import open_office
from actions.wording import WordsError
from common.clock import Clock
from common.policy import PolicyError
from common.redact import install_logging
from common.settings import SettingsError, load

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
JOB_SECONDS = 25.0  # below the lease: a job that takes longer is over before anybody else takes it up
_AT_ONCE = 6
_BEAT_SECONDS = 5.0
_SWEEP_SECONDS = 3600.0
_KEEP_FAILED_DRAFTS = 14 * 24 * 3600.0


class Worker:
    """A tick claims what is due, no more than there are free hands, and does it in threads."""

    def __init__(self, store: JobStore, runner: Runner, clock: Clock) -> None:
        self._store = store
        self._runner = runner
        self._clock = clock
        self._hands = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="job")
        self._busy: set[Future[None]] = set()
        self._last: dict[str, float] = {}

    def tick(self) -> int:
        """Start what is due; the number of jobs started. Failures of the database end in the log."""
        self._every("beat", _BEAT_SECONDS, lambda: self._store.beat("worker"))
        self._every("sweep", _SWEEP_SECONDS, self._sweep)
        self._busy = {work for work in self._busy if not work.done()}
        free = _AT_ONCE - len(self._busy)
        jobs = self._store.claim_due(self._clock.now(), free) if free else []
        self._busy |= {self._hands.submit(self._do, job) for job in jobs}
        return len(jobs)

    def run_until_idle(self) -> None:
        """Do everything that is due now, including what follows from it."""
        while self.tick() or self._busy:
            self.wait()

    def wait(self) -> None:
        """Until the running jobs are over."""
        for work in list(self._busy):
            work.result()
        self._busy.clear()

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set; then the running jobs are finished and nothing new is begun."""
        while not stop.is_set():
            started = 0
            try:
                started = self.tick()
            except Exception as error:
                log.error("tick: %s", place_of(error))
            stop.wait(0.05 if started else TICK_SECONDS)
        self._hands.shutdown(wait=True)

    def _do(self, job: Job) -> None:
        try:
            self._runner.perform(job, JOB_SECONDS)
        except Exception as error:  # the database failed; the lease ends and the job is done again
            log.error("job %s %s: %s", job.id, job.kind, place_of(error))

    def _sweep(self) -> None:
        self._store.forget_failed_drafts(_KEEP_FAILED_DRAFTS)
        self._store.scrub()

    def _every(self, name: str, seconds: float, act: Callable[[], object]) -> None:
        now = time.monotonic()
        if now - self._last.get(name, -seconds) >= seconds:
            self._last[name] = now
            act()


def main() -> int:
    os.umask(0o077)  # the jobs database holds people's answers
    install_logging("worker")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        office = open_office(load())
    except (SettingsError, PolicyError, WordsError) as error:
        print(f"worker: {error}", file=sys.stderr)
        return 2
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log.info("working on the jobs table")
    Worker(office.store, office.runner, office.tools.clock).run(stop)
    log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
