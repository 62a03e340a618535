"""The reactivation that follows a filed or answered ticket, done in the same turn when there is time."""

from __future__ import annotations

import time

from actions.jobs import Job, promises
from actions.office import Office


def lift(office: Office, key: str, until: float) -> tuple[str | None, str | None, Job | None]:
    """reactivation_state, log_in_by and the job; all None where no reactivation follows.

    `key`: the ticket's or the reply's; `until`: monotonic seconds. What cannot be done in time goes on in the
    worker, which tells the person.
    """
    job = office.try_now(promises.reactivate_key(key), until - time.monotonic())
    if job is None:
        return None, None, None
    if job.state == "done" and job.result.get("state") == "reactivated":
        return "reactivated", job.result["log_in_by"], job
    return "requested", None, job
