"""What an office's standards are now: read once, kept by the process until the revision changes."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import event, select
from sqlalchemy.orm import Session, joinedload

from webapp.people.models import CalendarKind, Department, DepartmentKind, Office, Person
from webapp.standards.models import CalendarDay, CaseClass, Condition, RoutingRule
from webapp.standards.rules import (
    Router,
    Rule,
    WorkClock,
    china,
    weekdays,
    with_overrides,
)
from webapp.standards.rules.clock import WARN_PERCENT
from webapp.standards.service.rulemaking import parties_of, rules_in_force

CALENDARS = {CalendarKind.CHINA: china, CalendarKind.WEEKDAYS: weekdays}


@dataclass(frozen=True)
class ClassFacts:
    """A case class, free of any session."""

    id: int
    code: str
    path: str
    kind: str
    group_code: str
    group_name: str
    name_zh: str
    name_en: str
    plan_task: int | None


@dataclass(frozen=True)
class ConditionFacts:
    """A condition, free of any session."""

    id: int
    code: str
    path: str
    class_code: str
    name_zh: str
    name_en: str | None
    limit_amount: int
    limit_unit: str
    closing_condition: str
    valid_from: date
    valid_to: date | None  # the first day on which it holds no more


@dataclass(frozen=True)
class RuleFacts:
    """Where a rule comes from."""

    source: str
    made_at: datetime
    made_by: str | None


class ReportDecision(NamedTuple):
    """What a case keeps of a stored decision: its id, and who answers."""

    id: int
    lead_department_id: int | None
    leader_id: int | None


@dataclass(frozen=True)
class OfficeStandards:
    """Classes, conditions, rules and clock of one office at one revision.

    `history` has every row of each condition code, the oldest first; ask `condition_on` for the one
    that holds on a day. Departments and people are names by id.
    """

    office_id: int
    area_path: str
    revision: int
    clock: WorkClock
    router: Router
    classes: dict[str, ClassFacts]
    history: dict[str, tuple[ConditionFacts, ...]]
    departments: dict[int, str]
    people: dict[int, str]
    rules: dict[int, RuleFacts]
    decided: dict[tuple[str, str], ReportDecision] = field(default_factory=dict)  # by scope

    def condition_on(self, code: str, day: date) -> ConditionFacts | None:
        """The row of a condition that holds on `day`.

        Before the first row the first is taken: limits for older cases are not known better.
        """
        rows = self.history.get(code, ())
        begun = [row for row in rows if row.valid_from <= day]
        return begun[-1] if begun else next(iter(rows), None)

    def conditions_on(self, day: date) -> dict[str, ConditionFacts]:
        """All conditions that hold on `day`, by code."""
        found = ((code, self.condition_on(code, day)) for code in self.history)
        return {code: row for code, row in found if row is not None}

    def today(self, now: datetime) -> date:
        """The office's day at `now`."""
        return now.astimezone(self.clock.zone).date()


_kept: WeakKeyDictionary[Any, dict[int, OfficeStandards]] = WeakKeyDictionary()


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    """What was read inside an undone transaction may never have been."""
    _kept.pop(session.get_bind(), None)


def office_standards(session: Session, office: Office) -> OfficeStandards:
    """The office's standards, read anew when `office.revision` is another than the kept one's."""
    kept = _kept.setdefault(session.get_bind(), {})
    standards = kept.get(office.id)
    if standards is None or standards.revision != office.revision:
        standards = kept[office.id] = _read(session, office)
    return standards


def work_clock(session: Session, office: Office) -> WorkClock:
    """The office's clock with its overrides as they are now in the database."""
    days = session.execute(
        select(CalendarDay.day, CalendarDay.working).where(CalendarDay.office_id == office.id)
    )
    overrides = dict(days.all())
    calendar = with_overrides(CALENDARS[office.calendar], overrides)
    percent = office.settings.get("warn_percent", WARN_PERCENT)
    return WorkClock(office.work_hours, ZoneInfo(office.time_zone), calendar, percent)


def _read(session: Session, office: Office) -> OfficeStandards:
    session.flush()
    departments = session.scalars(select(Department).where(Department.office_id == office.id)).all()
    communities = {
        d.area_path: d.id
        for d in departments
        if d.kind is DepartmentKind.COMMUNITY and d.area_path and d.active
    }
    rules = rules_in_force(session, office)
    makers = {rule.made_by_id for rule in rules if rule.made_by_id is not None}
    leaders = {party.person_id for rule in rules for party in rule.parties if party.person_id}
    people = session.execute(select(Person.id, Person.name).where(Person.id.in_(makers | leaders)))
    names = dict(people.all())
    classes, history = _read_classes(session, office)
    return OfficeStandards(
        office_id=office.id,
        area_path=office.area_path,
        revision=office.revision,
        clock=work_clock(session, office),
        router=Router(
            [_rule(rule) for rule in rules],
            communities,
            closed=[d.id for d in departments if not d.active],
        ),
        classes=classes,
        history=history,
        departments={department.id: department.name for department in departments},
        people=names,
        rules={r.id: RuleFacts(r.source, r.made_at, names.get(r.made_by_id or 0)) for r in rules},
    )


def _rule(rule: RoutingRule) -> Rule:
    return Rule(rule.id, rule.area_path, rule.class_path, rule.made_at, *parties_of(rule))


def _read_classes(
    session: Session, office: Office
) -> tuple[dict[str, ClassFacts], dict[str, tuple[ConditionFacts, ...]]]:
    classes = session.scalars(
        select(CaseClass).where(CaseClass.office_id == office.id).order_by(CaseClass.code)
    )
    conditions = session.scalars(
        select(Condition)
        .join(CaseClass)
        .options(joinedload(Condition.case_class))
        .where(CaseClass.office_id == office.id)
        .order_by(Condition.code, Condition.valid_from)
    )
    history: dict[str, tuple[ConditionFacts, ...]] = {}
    for row in conditions:
        history[row.code] = (*history.get(row.code, ()), _condition(row))
    return {row.code: _class(row) for row in classes}, history


def _class(row: CaseClass) -> ClassFacts:
    return ClassFacts(
        row.id,
        row.code,
        row.path,
        row.kind,
        row.group_code,
        row.group_name,
        row.name_zh,
        row.name_en,
        row.plan_task,
    )


def _condition(row: Condition) -> ConditionFacts:
    return ConditionFacts(
        row.id,
        row.code,
        row.path,
        row.case_class.code,
        row.name_zh,
        row.name_en,
        row.limit_amount,
        row.limit_unit,
        row.closing_condition,
        row.valid_from,
        row.valid_to,
    )
