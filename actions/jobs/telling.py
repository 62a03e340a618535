"""The job that brings an event to the person's conversation."""

from __future__ import annotations

from actions.inner_door import ConversationGone
from actions.jobs import Job
from actions.jobs.tools import Done, Forget, Step, Tools


def notify(job: Job, tools: Tools) -> Step:
    """The job's key is the event's id: however often it is sent, it is told once."""
    try:
        tools.door.tell(job.key, job.conversation_id, job.refs["event"], job.refs["data"])
    except ConversationGone:
        return Forget()
    return Done()
