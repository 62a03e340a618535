"""What the rooms know alike about the days of a last login."""

from __future__ import annotations

from datetime import date, timedelta

_OPEN = timedelta(days=2 * 365)


def has_beginning(start: date, today: date) -> bool:
    """False for the first day of "before summer": bot/dates puts it two years back, as nobody named it.

    So nobody is shown it. The years are `open_years` in bot/dates/data/vagueness.yml.
    """
    return start > today - _OPEN
