"""The people behind an audience."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, Row, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from webapp.cases.life.models import CaseRequest, Supervision
from webapp.cases.models import Case, Reporter
from webapp.cases.notices.rules import Audience
from webapp.people.models import Duty, Person, Role
from webapp.places.models import AreaLevel

BY_AREA = {
    Audience.DISPATCHERS: (Role.DISPATCHER,),
    Audience.LEADERS: (Role.LEADER,),
    Audience.GRID_MANAGER: (Role.GRID_MANAGER, Role.INSPECTOR),
}
OF_LEAD = (Audience.LEAD, Audience.HANDLERS, Audience.LEAD_HEADS)
ONE_BY_ONE = (Audience.ASKER, Audience.SUPERVISOR, Audience.REPORTER)
_duty, _person = Duty.__table__.c, Person.__table__.c
# a list of any length would have the statement written anew each time
_ABOVE: list[BindParameter[str]] = [bindparam(f"above_{level}") for level in AreaLevel]

DutyRow = Row[int, Role, str, int | None, bool]


def people_of(
    session: Session, case: Case, audiences: Iterable[Audience], facts: dict[str, Any]
) -> set[int]:
    """The ids of the active people of these audiences; `facts` is the detail of an event."""
    wanted = list(audiences)
    found: set[int] = set()
    if by_duty := frozenset(wanted).difference(ONE_BY_ONE):
        values = _values(case, by_duty, facts)
        rows = session.connection().execute(_duties(by_duty), values).all()
        for audience in by_duty:
            found |= _chosen(audience, case, facts, rows)
    for audience in wanted:
        if audience in ONE_BY_ONE:
            active = select(Person.id).where(
                Person.active, Person.id.in_(_one(audience, case, facts))
            )
            found.update(session.scalars(active))
    return found


@cache
def _duties(audiences: frozenset[Audience]) -> Select[int, Role, str, int | None, bool]:
    """The duties from which all of them are chosen: one query."""
    conditions = [_condition(audience) for audience in sorted(audiences)]
    return (
        select(_duty.person_id, _duty.role, _duty.area_path, _duty.department_id, _duty.is_head)
        .join_from(Duty.__table__, Person.__table__)
        .where(_person.office_id == bindparam("office"), _person.active, or_(*conditions))
    )


def _condition(audience: Audience) -> ColumnElement[bool]:
    if audience in BY_AREA:
        return _duty.role.in_(BY_AREA[audience]) & _duty.area_path.in_(_ABOVE)
    whose = bindparam("lead" if audience in OF_LEAD else "called", type_=Integer)
    return (_duty.role == Role.DEPARTMENT_MEMBER) & (_duty.department_id == whose)


def _values(case: Case, audiences: frozenset[Audience], facts: dict[str, Any]) -> dict[str, Any]:
    """What the query of these audiences asks for on this case."""
    values: dict[str, Any] = {"office": case.office_id}
    if not audiences.isdisjoint(BY_AREA):
        values |= _above(case.area.path)
    for audience in audiences.difference(BY_AREA):
        name = "lead" if audience in OF_LEAD else "called"
        values[name] = _department(audience, case, facts)
    return values


def _department(audience: Audience, case: Case, facts: dict[str, Any]) -> int | None:
    return case.lead_department_id if audience in OF_LEAD else facts.get("department_id")


def _above(path: str) -> dict[str, str]:
    """The paths of all areas in which an area lies; its own where it has fewer levels above."""
    codes = path.strip("/").split("/")
    return {
        level.key: f"/{'/'.join(codes[:length])}/" for length, level in enumerate(_ABOVE, start=1)
    }


def _chosen(
    audience: Audience, case: Case, facts: dict[str, Any], rows: Sequence[DutyRow]
) -> set[int]:
    if audience is Audience.GRID_MANAGER:
        return _nearest(case, rows)
    if audience in BY_AREA:
        return {row.person_id for row in rows if row.role in BY_AREA[audience]}
    of = _department(audience, case, facts)
    members = [r for r in rows if r.role is Role.DEPARTMENT_MEMBER and r.department_id == of]
    everybody = {row.person_id for row in members}
    heads = {row.person_id for row in members if row.is_head}
    if audience is Audience.LEAD_HEADS:
        return heads or everybody
    if audience is Audience.HANDLERS and case.assignee_id is not None:
        return heads | {case.assignee_id}
    return everybody


def _nearest(case: Case, rows: Sequence[DutyRow]) -> set[int]:
    """The grid's own manager; else those of the smallest area that has some; else inspectors."""
    managers = [row for row in rows if row.role is Role.GRID_MANAGER]
    named = {row.person_id for row in managers if row.person_id == case.area.manager_id}
    if named:
        return named
    there = managers or [row for row in rows if row.role is Role.INSPECTOR]
    length = max((len(row.area_path) for row in there), default=0)
    return {row.person_id for row in there if len(row.area_path) == length}


def _one(audience: Audience, case: Case, facts: dict[str, Any]) -> Select[int | None]:
    """Somebody who is named beside the case: in a row that the step wrote, or as its reporter."""
    rows = [row["id"] for row in facts.get("rows", ())]
    if audience is Audience.ASKER:
        return select(CaseRequest.asked_by_id).where(CaseRequest.id.in_(rows))
    if audience is Audience.SUPERVISOR:
        return select(Supervision.by_id).where(Supervision.id.in_(rows))
    return select(Reporter.person_id).where(Reporter.case_id == case.id)
