"""When the week of a sweep begins, and what is told once: pure rules."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from gis.emerging import Pattern
from webapp.cases.notices.weekly import WEEKDAY, WEEKS
from webapp.insight.selection import WEEK

TOLD = (Pattern.NEW, Pattern.INTENSIFYING)
QUIET_WEEKS = 8
"""What was told is told again only when it has not been so for as long."""


def week_of(today: date, settings: Mapping[str, Any]) -> date:
    """The first day of the week in which `today` lies, by the office's `hotspot_weekday`.

    >>> week_of(date(2026, 11, 24), {}), week_of(date(2026, 11, 23), {"hotspot_weekday": 2})
    (datetime.date(2026, 11, 23), datetime.date(2026, 11, 18))
    """
    first = int(settings.get("hotspot_weekday", WEEKDAY))
    return today - timedelta(days=(today.weekday() - first) % 7)


def span_of(week: date, settings: Mapping[str, Any]) -> tuple[date, date]:
    """The first and the last day of the whole weeks before this one.

    >>> [str(day) for day in span_of(date(2026, 11, 23), {})]
    ['2026-08-31', '2026-11-22']
    """
    weeks = int(settings.get("hotspot_weeks", WEEKS))
    return week - weeks * WEEK, week - timedelta(days=1)


def is_news(told: date | None, week: date) -> bool:
    """Whether a place is to be told of, that was last told or still so in the week `told`.

    >>> is_news(None, date(2026, 11, 23)), is_news(date(2026, 11, 16), date(2026, 11, 23))
    (True, False)
    """
    return told is None or told < week - QUIET_WEEKS * WEEK


def occasion(week: date, case_group: str, area_id: int, pattern: str, whose: str) -> str:
    """What all notices of one place in one week have in common."""
    return f"hotspot:{week}:{case_group}:{area_id}:{pattern}:{whose}"
