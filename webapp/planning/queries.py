"""Reads for the pages of the routing rules."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.people.models import Department, DepartmentKind, Duty, Office, Person, Role
from webapp.standards.models import RoutingRule

KEPT_RULES = 10


def departments_of(session: Session, office: Office) -> dict[int, str]:
    """The active departments by id: offices and centres first, then communities."""
    rows = session.execute(
        select(Department.id, Department.name)
        .where(Department.office_id == office.id, Department.active.is_(True))
        .order_by(Department.kind == DepartmentKind.COMMUNITY, Department.code)
    )
    return dict(rows.all())


def leaders_of(session: Session, office: Office) -> dict[int, str]:
    """The office's active leaders by id."""
    leads = Person.duties.any(Duty.role == Role.LEADER)
    rows = session.execute(
        select(Person.id, Person.name)
        .where(Person.office_id == office.id, Person.active.is_(True), leads)
        .order_by(Person.name)
    )
    return dict(rows.all())


def former_rules(
    session: Session, office: Office, area_path: str, class_path: str
) -> Sequence[RoutingRule]:
    """The last rules that held in exactly this scope, the latest first."""
    return session.scalars(
        select(RoutingRule)
        .where(
            RoutingRule.office_id == office.id,
            RoutingRule.area_path == area_path,
            RoutingRule.class_path == class_path,
            RoutingRule.retired_at.is_not(None),
        )
        .order_by(RoutingRule.retired_at.desc(), RoutingRule.id.desc())
        .limit(KEPT_RULES)
    ).all()
