"""A case in words."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from webapp.cases.vocabulary import State
from webapp.cases.words import time_left_words
from webapp.standards.rules import WorkClock, china

ZONE = ZoneInfo("Asia/Shanghai")
CLOCK = WorkClock([["08:00", "12:00"], ["14:00", "18:00"]], ZONE, china)


@pytest.mark.parametrize(
    ("unit", "now", "due", "expected"),
    [
        ("work_hour", "2026-11-20T17:00", "2026-11-23T10:00", "3 work hours left"),
        ("work_day", "2026-11-20T17:00", "2026-11-25T17:00", "3 work days left"),
        ("urgent_hour", "2026-11-20T23:00", "2026-11-21T01:30", "2 hours left"),
        ("work_hour", "2026-11-20T17:30", "2026-11-20T18:00", "30 minutes left"),
        ("work_hour", "2026-11-23T11:00", "2026-11-20T17:00", "overdue by 4 work hours"),
        ("urgent_day", "2026-11-23T17:00", "2026-11-20T17:00", "overdue by 3 days"),
    ],
)
def test_time_left_is_told_on_the_clock_of_the_limit(app, unit, now, due, expected):
    at, due_at = (datetime.fromisoformat(text).replace(tzinfo=ZONE) for text in (now, due))
    case = SimpleNamespace(
        state=State.HANDLING,
        limit_unit=unit,
        due_at=due_at,
        warn_at=due_at - timedelta(days=9),
        clock_stopped_at=None,
    )
    with app.app_context():
        assert time_left_words(case, at, CLOCK) == expected
