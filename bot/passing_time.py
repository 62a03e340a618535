"""What needs no answer any more because time has passed. Pure; the moment is a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

WAITED, LOCK_OPENS = "waited", "lock_opens"


def settled_by_time(slots: Mapping[str, Any], at: datetime | None) -> dict[str, Any]:
    """The slots that change by themselves at this moment (aware).

    How-To row 3: once the lock's hour is over, the person has waited, and nobody asks for it.
    """
    opens = read_moment(slots.get(LOCK_OPENS))
    if at is None or opens is None or at < opens or slots.get(WAITED):
        return {}
    return {WAITED: True}


def read_moment(stamp: object) -> datetime | None:
    """An ISO 8601 moment with its offset; None for anything else."""
    if not isinstance(stamp, str):
        return None
    try:
        moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
