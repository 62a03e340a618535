"""When people answer at HMIS Support, as data: policy.yml's `office_hours`, to count what comes outside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from common.yaml_lines import Entry

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""In the order of `datetime.weekday()`."""

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


@dataclass(frozen=True)
class OfficeHours:
    """The same hours on some days of the week, in minutes since midnight; from `end` on nobody answers."""

    days: tuple[str, ...]
    start: int
    end: int

    def covers(self, local: datetime) -> bool:
        """Is somebody there at this moment of the region's wall clock?"""
        minute = local.hour * 60 + local.minute
        return WEEKDAYS[local.weekday()] in self.days and self.start <= minute < self.end

    def to_json(self) -> dict[str, object]:
        return {"days": list(self.days), "from": _to_text(self.start), "to": _to_text(self.end)}


def read_office_hours(entry: Entry) -> OfficeHours:
    """Raises YamlError with file, line and key."""
    entry.only({"days", "from", "to"})
    days = _days(entry.child("days"))
    start, end = _minutes(entry.child("from")), _minutes(entry.child("to"))
    if end <= start:
        raise entry.child("to").error(f"expected a time after {_to_text(start)}")
    return OfficeHours(days, start, end)


def _days(entry: Entry) -> tuple[str, ...]:
    named = entry.value if isinstance(entry.value, list) else []
    if not named or any(day not in WEEKDAYS for day in named):
        raise entry.error(f"expected a list of days, out of {', '.join(WEEKDAYS)}")
    if len(set(named)) != len(named):
        raise entry.error("a day is given twice")
    return tuple(day for day in WEEKDAYS if day in named)


def _minutes(entry: Entry) -> int:
    """YAML takes 16:30 without quotes for a number in base sixty, so only text will do."""
    if not isinstance(entry.value, str) or not _TIME.fullmatch(entry.value):
        raise entry.error('expected a time in quotes, from "00:00" to "24:00"')
    hours, _, minutes = entry.value.partition(":")
    return int(hours) * 60 + int(minutes)


def _to_text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
