"""Days in conversation files that depend on the region's rules: `<<days+1>>` is 91 here and 61 elsewhere.

`<<days>>`, `<<days+1>>`, `<<days-1>>` are numbers; with a shape before them they are the day so long ago:
`<<day:days+1>>` "Monday, August 24", `<<date:days-3>>` "August 28", `<<short:days>>` "Aug 25",
`<<month:days>>` "August". `days` is policy.yml's `retrain_after_days`, counted back from the case's start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from common.policy import Policy

_WORD = re.compile(r"<<(?:(\w+):)?days([+-]\d+)?>>")
_SHAPES: Mapping[str, Callable[[date], str]] = {
    "day": lambda day: f"{day:%A, %B} {day.day}",
    "date": lambda day: f"{day:%B} {day.day}",
    "short": lambda day: f"{day:%b} {day.day}",
    "month": lambda day: f"{day:%B}",
}


def filled(value: Any, policy: Policy, now: datetime) -> Any:
    """The value with every such word replaced, at any depth. Raises LookupError for an unknown shape."""
    if isinstance(value, str):
        return _WORD.sub(lambda match: _word(match, policy, now), value)
    if isinstance(value, Mapping):
        return {key: filled(one, policy, now) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(filled(one, policy, now) for one in value)
    return value


def _word(match: re.Match[str], policy: Policy, now: datetime) -> str:
    days = policy.retrain_after_days + int(match.group(2) or 0)
    if match.group(1) is None:
        return str(days)
    return _SHAPES[match.group(1)](policy.today(now) - timedelta(days=days))
