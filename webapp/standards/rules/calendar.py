"""Which days are working days.

A calendar is a function of a day: True, False, or None where nobody can know yet, since the year's
holidays have not been announced.
"""

from collections.abc import Callable, Mapping
from datetime import date

import chinese_calendar

WorkingDay = Callable[[date], bool | None]

FIRST_KNOWN_YEAR = min(chinese_calendar.holidays).year
LAST_ANNOUNCED_YEAR = max(chinese_calendar.holidays).year


def weekdays(day: date) -> bool | None:
    """Monday to Friday."""
    return day.weekday() < 5


def china(day: date) -> bool | None:
    """China's working days: its statutory holidays are off, its make-up Saturdays are on.

    A year after the last announced one is not known: None. Years before the package's first are
    counted by their weekdays: nothing will be announced for them any more.
    """
    if day.year > LAST_ANNOUNCED_YEAR:
        return None
    if day in chinese_calendar.workdays:
        return True
    return day.weekday() < 5 and day not in chinese_calendar.holidays


def with_overrides(base: WorkingDay, overrides: Mapping[date, bool]) -> WorkingDay:
    """The calendar `base`, with an office's own word on some days above it."""

    def working(day: date) -> bool | None:
        return overrides[day] if day in overrides else base(day)

    return working
