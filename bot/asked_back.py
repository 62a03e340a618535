"""What people ask back instead of answering: "how long does the course take?". Pure."""

from __future__ import annotations

from bot.answers import Answers

_ABOUT = {
    "retake_done": ("about_the_course", "retake_course"),
    "training_done": ("about_the_course", "basic_course"),
    "reset_worked": ("about_the_reset", "reset"),
    "lock_wait": ("about_the_lock", "lock"),
    "retry_worked": ("about_the_lock", "lock"),
    "waited": ("about_the_lock", "lock"),
}
"""Question → table of data/answers.yml, and what the flow `explain` then speaks of."""


def asked_back(slot: str, text: str, answers: Answers) -> str | None:
    """The topic to explain (a value of the slot `explain_topic`), or None where nothing is asked back."""
    table, topic = _ABOUT.get(slot, ("", ""))
    return topic if table and answers.value_for(table, text) else None
