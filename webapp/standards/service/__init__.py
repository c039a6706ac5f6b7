"""Verbs of the standards' room. They take the session, the office and `now`, and never commit."""

from webapp.standards.service.calendar import remove_day, set_day
from webapp.standards.service.deciding import (
    Decided,
    decide,
    decide_columns,
    decide_many,
    decide_report,
    reason_of,
)
from webapp.standards.service.departments import import_departments
from webapp.standards.service.importing import StandardsReport, import_standards
from webapp.standards.service.rulemaking import (
    BY_HAND,
    Parties,
    parties_of,
    put_rule,
    rules_in_force,
)
from webapp.standards.service.standing import (
    CALENDARS,
    ClassFacts,
    ConditionFacts,
    OfficeStandards,
    ReportDecision,
    office_standards,
    work_clock,
)
from webapp.standards.service.tasks import import_tasks

__all__ = [
    "BY_HAND",
    "CALENDARS",
    "ClassFacts",
    "ConditionFacts",
    "Decided",
    "OfficeStandards",
    "Parties",
    "ReportDecision",
    "StandardsReport",
    "decide",
    "decide_columns",
    "decide_many",
    "decide_report",
    "import_departments",
    "import_standards",
    "import_tasks",
    "office_standards",
    "parties_of",
    "put_rule",
    "reason_of",
    "remove_day",
    "rules_in_force",
    "set_day",
    "work_clock",
]
