"""Where actions work: the stores, clients and rules of this process, and trying a kept promise at once."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from actions.accounts import Account
from actions.http import ClientError, time_limit
from actions.identity import Identity, may_reactivate
from actions.jobs import Job
from actions.jobs.runner import Runner
from actions.jobs.store import JobStore
from actions.jobs.tools import Tools
from actions.tickets.draft import TicketWriter
from common.settings import Settings

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
_WAIT_FOR_OTHERS = 0.1


@dataclass(frozen=True)
class Office:
    settings: Settings
    store: JobStore
    runner: Runner
    tools: Tools
    writer: TicketWriter

    def may_lift(self, identity: Identity, email: str) -> bool:
        """May the account of this address be looked at and reactivated? Never without an account system."""
        return self.tools.accounts.keeps_records and may_reactivate(identity, email, self.settings)

    def look(self, email: str) -> Account | None:
        """The account, or None when there is none or it cannot be read just now."""
        try:
            with time_limit(_LOOK_SECONDS):
                return self.tools.accounts.find(email)
        except ClientError as error:
            log.warning("the account could not be looked at: %s", error)
            return None

    def try_now(self, key: str, seconds: float, leased: Job | None = None) -> Job | None:
        """Do a kept job in this very turn; the job as it is afterwards, None when there is no such job.

        `leased`: it is in our hands already. When somebody else is at it, this waits for them.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0.2:
            if job := leased or self.store.claim(key):
                self.runner.perform(job, left, first_hand=True)
                return self.store.get(key)
            job = self.store.get(key)
            if job is None or job.state != "waiting":
                return job
            time.sleep(_WAIT_FOR_OTHERS)
        return self.store.get(key)
