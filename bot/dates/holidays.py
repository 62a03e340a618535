"""On which days of a year a holiday falls, computed from the rules in data/holidays.yml."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from bot.dates import moons
from bot.dates.days import Days, make, month_of, nth_weekday, one, shift
from bot.dates.lexicon import load_table

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@lru_cache(maxsize=1)
def _rows() -> dict[str, dict[str, str]]:
    return load_table("holidays.yml")


@lru_cache(maxsize=2048)
def holiday_in(key: str, year: int) -> Days | None:
    """All days of the holiday that begins in that year, or None outside the years people speak of."""
    if not 1900 <= year <= 2200:
        return None
    row = _rows()[key]
    first = _first_day(row["rule"].split(), year)
    if first is None:
        return None
    return Days(first, shift(first, int(row.get("length", 1)) - 1))


def _first_day(rule: list[str], year: int) -> date | None:
    kind, rest = rule[0], rule[1:]
    if kind == "fixed":
        month, day = rest[0].split("-")
        return make(year, int(month), int(day))
    if kind == "once":
        once = date.fromisoformat(rest[0])
        return once if once.year == year else None
    if kind == "nth":
        return nth_weekday(month_of(year, int(rest[2])), int(rest[0]), _WEEKDAYS.index(rest[1]))
    if kind == "from":
        other = holiday_in(rest[0], year)
        return shift(other.start, int(rest[1])) if other else None
    return _moved(kind, [int(number) for number in rest], year)


def _moved(kind: str, numbers: list[int], year: int) -> date | None:
    if kind == "easter":
        return shift(easter(year), numbers[0])
    if kind == "orthodox":
        return shift(orthodox_easter(year), numbers[0])
    if kind == "hebrew":
        return moons.hebrew_in(year, numbers[0], numbers[1])
    if kind == "islamic":
        return moons.islamic_in(year, numbers[0], numbers[1])
    if kind == "lunar":
        return shift(moons.chinese_new_year(year), numbers[0])
    if kind == "diwali":
        return shift(moons.diwali(year), numbers[0])
    return {"tax": tax_day, "election": _election, "boss": _boss, "purim": moons.purim, "admin": _admin}[
        kind
    ](year)


def easter(year: int) -> date:
    """Western Easter: the first Sunday after the church's full moon (Gregorian computus)."""
    golden, century = year % 19, year // 100
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon -= moon // 28 * (1 - 29 // (moon + 1) * (21 - golden) // 11)
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    return shift(date(year, 3, 28), moon - weekday)


def orthodox_easter(year: int) -> date:
    """Eastern Easter: the Julian computus, moved to the Gregorian calendar (right from 1900 to 2099)."""
    moon = (19 * (year % 19) + 15) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    return shift(date(year, 3, 22), moon + sunday + 13)


def tax_day(year: int) -> date:
    """April 15, or the next working day; Washington's Emancipation Day (April 16, observed) is none."""
    emancipation = one(date(year, 4, 16)).start
    emancipation = shift(emancipation, {5: -1, 6: 1}.get(emancipation.weekday(), 0))
    day = date(year, 4, 15)
    while day.weekday() > 4 or day == emancipation:
        day = shift(day, 1)
    return day


def _election(year: int) -> date:
    """The Tuesday after the first Monday in November."""
    monday = nth_weekday(month_of(year, 11), 1, 0)
    assert monday is not None
    return shift(monday, 1)


def _boss(year: int) -> date:
    """October 16, or the working day nearest to it."""
    day = date(year, 10, 16)
    return shift(day, {5: -1, 6: 1}.get(day.weekday(), 0))


def _admin(year: int) -> date:
    """The Wednesday of the last full week (Sunday to Saturday) of April."""
    saturday = nth_weekday(month_of(year, 4), -1, 5)
    assert saturday is not None
    return shift(saturday, -3)
