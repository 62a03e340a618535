"""When did it lock? "20 minutes ago", "half an hour ago", "at 9:15", "yesterday" (How-To row 3).

The lock's hour runs from when it locked, not from the chat. Pure; the reference is a parameter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_NUMBERS = {word: number for number, word in enumerate(_WORDS)} | {
    "a": 1, "an": 1, "couple": 2, "few": 3, "several": 4, "half": 0.5,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
_AMOUNT = r"(?P<amount>\d{1,3}(?:\.5)?|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_AGO = re.compile(
    rf"\b(?:a )?{_AMOUNT}(?: an| a| of)?[ -]?"
    r"(?P<unit>months?|mos?|years?|min\w*|hours?|hrs?|hr|h|days?|weeks?)\b"
    r"(?P<half> and a half)?(?P<ago> ago| now| back)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\b(?:at|around|about|since|by) (?P<hour>1[0-2]|0?[1-9])(?::(?P<minute>[0-5]\d))?"
    r"(?!\d)(?! ?(?:months?|mos?|years?|yrs?|times?|tries|attempts?|of us|people|staff)\b)"
    r" ?(?P<half>[ap])?\.?(?:m\b)?",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"\b(?:just (?:now|got|locked)|right now|(?:a )?(?:moment|second|sec) ago)\b", re.IGNORECASE
)
_LONG_AGO = re.compile(r"\b(?:yesterday|last (?:night|week)|(?:other|another) day)\b", re.IGNORECASE)
_UNIT_MINUTES = {"mo": 43_200, "m": 1, "h": 60, "d": 1440, "w": 10_080, "y": 525_600}


@dataclass(frozen=True)
class LockTime:
    """`locked_at` is aware, in the region's zone; `span` is where the words stand."""

    locked_at: datetime
    span: tuple[int, int]

    def opens_at(self, locked_minutes: int) -> datetime:
        """Real minutes later, also where the clock changes."""
        return _later(self.locked_at, timedelta(minutes=locked_minutes))


def when_locked(text: str, now: datetime, zone: ZoneInfo) -> LockTime | None:
    """The moment that the words name, never after `now` (aware); None if they name none."""
    local = now.astimezone(zone)
    if match := _NOW.search(text):
        return LockTime(local, match.span())
    if match := _AGO.search(text):
        minutes = _minutes(match)
        if match["ago"] or len(text.split()) <= 6:
            return LockTime(_later(local, -timedelta(minutes=minutes)), match.span())
    if match := _CLOCK.search(text):
        return LockTime(_latest(match, local), match.span())
    if match := _LONG_AGO.search(text):
        return LockTime(_later(local, -timedelta(days=1)), match.span())
    return None


def _later(moment: datetime, by: timedelta) -> datetime:
    return (moment.astimezone(timezone.utc) + by).astimezone(moment.tzinfo)


def _minutes(match: re.Match[str]) -> float:
    word = match["amount"].lower()
    amount = _NUMBERS.get(word) if word in _NUMBERS else float(word)
    assert amount is not None  # the pattern takes only known words
    unit = match["unit"].lower()
    minutes = _UNIT_MINUTES.get(unit[:2]) or _UNIT_MINUTES[unit[0]]
    return (amount + (0.5 if match["half"] else 0)) * minutes


def _latest(match: re.Match[str], now: datetime) -> datetime:
    """The last time the clock showed this; without am or pm whichever of the two was later."""
    hour = int(match["hour"]) % 12
    halves = {"a": (0,), "p": (12,)}.get((match["half"] or "").lower(), (0, 12))
    times = [
        now.replace(hour=hour + half, minute=int(match["minute"] or 0), second=0, microsecond=0)
        for half in halves
    ]
    past = [time for time in times if time <= now]
    return max(past) if past else max(times) - timedelta(days=1)
