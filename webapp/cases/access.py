"""Which cases a person may see: those in their areas, and those of their department."""

from sqlalchemy import ColumnElement, or_, select

from webapp.cases.models import Case
from webapp.people.access import area_scopes, may_see
from webapp.people.models import Person, Role
from webapp.places.models import Area


def own_departments(person: Person) -> list[int]:
    return [
        duty.department_id
        for duty in person.duties
        if duty.role is Role.DEPARTMENT_MEMBER and duty.department_id is not None
    ]


def may_see_case(person: Person, case: Case) -> bool:
    """Whether the case lies in the person's areas, or is (also) their department's."""
    if case.office_id != person.office_id:
        return False
    departments = own_departments(person)
    decision = case.routing_decision
    informed = decision.informed if decision else []
    concerned = {case.lead_department_id, *informed}
    return may_see(person, case.area.path) or not concerned.isdisjoint(departments)


def visible_to(person: Person) -> ColumnElement[bool]:
    """The same as a condition on cases, for lists; merely informed departments are left out."""
    scopes = area_scopes(person)
    own_office = Case.office_id == person.office_id
    if any(person.office.area_path.startswith(scope) for scope in scopes):
        return own_office
    areas = select(Area.id).where(or_(*(Area.path.startswith(s, autoescape=True) for s in scopes)))
    mine: list[ColumnElement[bool]] = [Case.area_id.in_(areas)]
    if departments := own_departments(person):
        mine.append(Case.lead_department_id.in_(departments))
    return own_office & or_(*mine)
