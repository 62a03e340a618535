"""Holidays of calendars that follow the moon. Within a day of the observed date; more is not needed here."""

from __future__ import annotations

from datetime import date
from math import radians, sin

from bot.dates.days import shift

_HEBREW_EPOCH = -1_373_427  # so that 1 Tishri 5774 is September 5, 2013
_ISLAMIC_EPOCH = date(622, 7, 19).toordinal()  # 1 Muharram 1, civil reckoning


def _hebrew_elapsed(year: int) -> int:
    """Days from the epoch to 1 Tishri of a Hebrew year (molad and postponements)."""
    months = (235 * year - 234) // 19
    parts = 12084 + 13753 * months
    day = 29 * months + parts // 25920
    return day + 1 if (3 * (day + 1)) % 7 < 3 else day


def _hebrew_new_year(year: int) -> int:
    """Ordinal of 1 Tishri."""
    before, this, after = (_hebrew_elapsed(year + k) for k in (-1, 0, 1))
    correction = 2 if after - this == 356 else 1 if this - before == 382 else 0
    return _HEBREW_EPOCH + this + correction


def hebrew_in(year: int, month: int, day: int) -> date:
    """A Hebrew day (month 1 Nisan … 7 Tishri … 9 Kislev) of the Gregorian year; eves are a day earlier."""
    tishri = _hebrew_new_year(year + 3761)
    if month < 7:  # counted back from the next Tishri: Nisan 177 days before it, lengths fixed
        lengths = [30, 29, 30, 29, 30, 29]
        return date.fromordinal(tishri - 177 + sum(lengths[: month - 1]) + day - 1)
    long_heshvan = (_hebrew_new_year(year + 3762) - tishri) % 10 == 5
    lengths = [30, 30 if long_heshvan else 29]
    return date.fromordinal(tishri + sum(lengths[: month - 7]) + day - 1)


def purim(year: int) -> date:
    """The evening before 14 Adar: thirty-one days before Passover's eve."""
    return shift(hebrew_in(year, 1, 14), -30)


def islamic_in(year: int, month: int, day: int) -> date | None:
    """First such tabular Islamic day in the Gregorian year."""
    guess = int((year - 622) * 33 / 32)
    for islamic in range(guess - 1, guess + 3):
        ordinal = (
            _ISLAMIC_EPOCH
            + (islamic - 1) * 354
            + (3 + 11 * islamic) // 30
            + 29 * (month - 1)
            + month // 2
            + day
            - 1
        )
        found = date.fromordinal(ordinal)
        if found.year == year:
            return found
    return None


def new_moon_after(day: date, hours: float) -> date:
    """The first new moon on or after a day, on a calendar so many hours ahead of UTC."""
    lunation = int((day.toordinal() - date(2000, 1, 6).toordinal()) / 29.530588861) - 1
    while (found := _new_moon(lunation, hours)) < day:
        lunation += 1
    return found


def _new_moon(lunation: int, hours: float) -> date:
    """Mean new moon with its largest terms (Meeus, Astronomical Algorithms, chapter 49)."""
    century = lunation / 1236.85
    days = 5.09766 + 29.530588861 * lunation + 0.00015437 * century**2
    sun = radians(2.5534 + 29.1053567 * lunation)
    moon = radians(201.5643 + 385.81693528 * lunation)
    latitude = radians(160.7108 + 390.67050284 * lunation)
    days += -0.4072 * sin(moon) + 0.17241 * sin(sun) + 0.01608 * sin(2 * moon) + 0.01039 * sin(2 * latitude)
    return date.fromordinal(date(2000, 1, 1).toordinal() + int(days + 0.5 + hours / 24))


def diwali(year: int) -> date:
    """The evening before the new moon is complete, between mid October and mid November."""
    return new_moon_after(date(year, 10, 17), -12.5)


def chinese_new_year(year: int) -> date:
    """The new moon between January 21 and February 20."""
    return new_moon_after(date(year, 1, 21), 8)
