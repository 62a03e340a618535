"""Who is writing, as far as it is proven. The one place where proof (one-time codes, Slack) enters.

Nothing that a person claims in a message changes this.
"""

from __future__ import annotations

from typing import TypedDict


class Identity(TypedDict):
    """`level`: anonymous, email (proven by code) or slack (the workspace's); `email` only when proven."""

    level: str
    email: str | None


ANONYMOUS: Identity = {"level": "anonymous", "email": None}


def identity_of(conversation_id: str) -> Identity:
    """The identity that a turn of this conversation carries, fixed when the turn is stored."""
    return ANONYMOUS
