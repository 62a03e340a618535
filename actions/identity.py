"""Who asks, how sure that is, and what follows from it: the one place for identity rules.

The identity comes from the gateway with every turn; what a person claims in the chat never raises it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actions.tickets.people import People
from common.settings import Settings

LEVELS = ("anonymous", "email", "slack")


@dataclass(frozen=True)
class Identity:
    """`level`: anonymous, email (one-time code) or slack (workspace e-mail); `email` only where proven."""

    level: str = "anonymous"
    email: str | None = None

    @classmethod
    def from_metadata(cls, value: Any) -> Identity:
        """The identity of a turn; anything unknown or incomplete is anonymous."""
        if not isinstance(value, Mapping):
            return cls()
        level, email = value.get("level"), value.get("email")
        if level not in LEVELS or level == "anonymous" or not isinstance(email, str) or "@" not in email:
            return cls()
        return cls(level, email)

    def proves(self, email: str | None) -> bool:
        """True when this very address is proven."""
        return bool(email) and self.email is not None and same_address(self.email, email or "")


def same_address(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def is_address(value: Any) -> bool:
    """A plausible e-mail address: one @, a dotted domain, no spaces, no control characters (RFC 5321)."""
    if not isinstance(value, str) or len(value) > 254 or not value.isprintable():
        return False
    local, _, domain = value.partition("@")
    labels = domain.split(".")
    return bool(local) and len(local) <= 64 and not set(value) & set(' <>,;"()[]\\') and _is_host(labels)


def _is_host(labels: list[str]) -> bool:
    return len(labels) >= 2 and all(
        label and len(label) <= 63 and all(c.isalnum() or c == "-" for c in label) for label in labels
    )


def can_be_asked_for(people: People) -> bool:
    """Has everybody in a ticket a usable address, and who writes for another person one of their own?"""
    owner, writer = people.owner.email, people.writer
    if writer is None:
        return is_address(owner)
    return is_address(owner) and is_address(writer.email) and not same_address(owner, writer.email)


def may_reactivate(identity: Identity, email: str, settings: Settings) -> bool:
    """May this account (its `email`) be looked up and reactivated for this person?

    The sandbox allows any requester, so that the How-To can be tried without a mailbox. For somebody else's
    account the answer is always no, before this is asked: the day that counts would run without its owner.
    """
    return not settings.production or identity.proves(email)


def may_use_ticket(
    identity: Identity, claimed_email: str | None, ticket_email: str, filed_here: bool, settings: Settings
) -> bool:
    """May this person see a ticket's state, or answer it? `filed_here`: it began in this conversation."""
    if filed_here or identity.proves(ticket_email):
        return True
    return not settings.production and bool(claimed_email) and same_address(claimed_email or "", ticket_email)
