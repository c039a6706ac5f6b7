"""What is so about standards: working days, deadlines, and who answers for what. Pure."""

from webapp.standards.rules.calendar import WorkingDay, china, weekdays, with_overrides
from webapp.standards.rules.clock import LIMITS, Deadline, Deadlines, WorkClock
from webapp.standards.rules.routing import (
    COMMUNITY,
    Decision,
    LostBy,
    Match,
    Note,
    Party,
    Router,
    Rule,
)

__all__ = [
    "COMMUNITY",
    "LIMITS",
    "Deadline",
    "Deadlines",
    "Decision",
    "LostBy",
    "Match",
    "Note",
    "Party",
    "Router",
    "Rule",
    "WorkClock",
    "WorkingDay",
    "china",
    "weekdays",
    "with_overrides",
]
