"""What the pages of departments read."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.cases.models import Case, still_open
from webapp.people.departments import all_departments
from webapp.people.models import Crew, Department, Duty, Office, Person, Role


@dataclass(frozen=True)
class DepartmentLine:
    """A department in the list, with what depends on it."""

    department: Department
    people: int
    heads: list[str]
    crews: int
    open_cases: int


def department_lines(session: Session, office: Office) -> list[DepartmentLine]:
    people, heads = _people(session, office)
    crews = dict(
        session.execute(
            select(Crew.department_id, func.count()).where(Crew.active).group_by(Crew.department_id)
        ).all()
    )
    cases = open_cases(session, office)
    return [
        DepartmentLine(
            one, people.get(one.id, 0), heads.get(one.id, []), crews.get(one.id, 0),
            cases.get(one.id, 0),
        )
        for one in all_departments(session, office)
    ]  # fmt: skip


def _people(session: Session, office: Office) -> tuple[dict[int, int], dict[int, list[str]]]:
    """How many work in each department, and who heads it."""
    members = (
        select(Duty.department_id, Person.name, Duty.is_head)
        .join(Duty.person)
        .where(Person.office_id == office.id, Person.active, Duty.role == Role.DEPARTMENT_MEMBER)
        .order_by(Person.name)
    )
    counts: dict[int, int] = {}
    heads: dict[int, list[str]] = {}
    for department_id, name, is_head in session.execute(members):
        if department_id is None:
            continue
        counts[department_id] = counts.get(department_id, 0) + 1
        if is_head:
            heads.setdefault(department_id, []).append(name)
    return counts, heads


def open_cases(session: Session, office: Office) -> dict[int, int]:
    """How many cases that have not ended each department leads."""
    led = (
        select(Case.lead_department_id, func.count())
        .where(
            Case.office_id == office.id, Case.lead_department_id.is_not(None), still_open(),
            Case.dispatched_at.is_not(None),
        )
        .group_by(Case.lead_department_id)
    )  # fmt: skip
    return {row[0]: row[1] for row in session.execute(led) if row[0] is not None}
