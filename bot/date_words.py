"""Dates as people say them, for responses.

`{log_in_by_long}` is "Monday, November 23", `{cutoff_short}` "Nov 23". Two slots `…_start` and `…_end` also
give `{last_login_range}`: "**Sunday, March 1** to **Tuesday, March 31**".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from common.last_login import has_beginning
from common.policy import Policy

DATE_SLOTS = ("_start", "_end", "_by", "_on")
START, END = "_start", "_end"
FIXED = ("today_long", "tomorrow_long", "cutoff_long", "cutoff_short")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def date_words(slots: Mapping[str, Any], now: datetime, policy: Policy) -> dict[str, str]:
    """Words for every slot that holds an ISO date, and for today, tomorrow and the cutoff. `now` is aware."""
    today = policy.today(now)
    cutoff = policy.cutoff(now)
    words = {
        "today_long": long_date(today, today),
        "tomorrow_long": long_date(today + timedelta(days=1), today),
        "cutoff_long": long_date(cutoff, today),
        "cutoff_short": short_date(cutoff, today),
    }
    for name, value in slots.items():
        day = to_day(value, policy) if name.endswith(DATE_SLOTS) else None
        if day is not None:
            words[f"{name}_long"] = long_date(day, today)
            words[f"{name}_short"] = short_date(day, today)
    for base in (name.removesuffix(START) for name in slots if name.endswith(START)):
        start, end = to_day(slots[base + START], policy), to_day(slots.get(base + END), policy)
        if start is not None and end is not None:
            words[f"{base}_range"] = range_of(start, end, today)
    return words


def to_day(value: Any, policy: Policy) -> date | None:
    """The day of an ISO date, or of an ISO date-time on the region's wall clock; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return policy.local(moment).date() if moment.tzinfo else moment.date()


def long_date(day: date, today: date) -> str:
    return f"{day:%A, %B} {day.day}" + _year(day, today)


def short_date(day: date, today: date) -> str:
    return f"{day:%b} {day.day}" + _year(day, today)


def range_of(start: date, end: date, today: date) -> str:
    """In bold type, for people."""
    last = f"**{long_date(end, today)}**"
    if not has_beginning(start, today):
        return f"{last} or earlier"
    return f"**{long_date(start, today)}** to {last}"


def _year(day: date, today: date) -> str:
    return "" if day.year == today.year else f", {day.year}"
