"""The job that brings an event to the person's conversation."""

from __future__ import annotations

import hashlib

from actions.inner_door import ConversationGone
from actions.jobs import Job
from actions.jobs.tools import Done, Forget, Step, Tools

_LONGEST_ID = 100


def event_id(key: str) -> str:
    """A job's key as an event's id, shortened where a long conversation id would not fit a turn's."""
    return key if len(key) <= _LONGEST_ID else hashlib.sha256(key.encode()).hexdigest()


def notify(job: Job, tools: Tools) -> Step:
    """The job's key is the event's id: however often it is sent, it is told once."""
    try:
        tools.door.tell(event_id(job.key), job.conversation_id, job.refs["event"], job.refs["data"])
    except ConversationGone:
        return Forget()
    return Done()
