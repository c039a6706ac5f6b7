"""Which cases a person may see: those in their areas, and those of their department."""

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import object_session

from webapp.cases.life.models import Participant
from webapp.cases.models import Case
from webapp.cases.vocabulary import Part
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
    """Whether the case lies in the person's areas, or is (also) their department's.

    A department that was called to help sees it until the call is taken back.
    """
    if case.office_id != person.office_id:
        return False
    departments = own_departments(person)
    if may_see(person, case.area.path) or case.lead_department_id in departments:
        return True
    decision = case.routing_decision
    if decision and not set(decision.informed).isdisjoint(departments):
        return True
    session = object_session(case)
    if not (case.joint and departments and session):
        return False
    called = _called(departments).where(Participant.case_id == case.id)
    return session.scalar(called.limit(1)) is not None


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
        mine.append(Case.id.in_(_called(departments)))
    return own_office & or_(*mine)


def _called(departments: list[int]) -> Select[int]:
    """The cases to which one of these departments is called."""
    return select(Participant.case_id).where(
        Participant.department_id.in_(departments),
        Participant.part == Part.ASSISTING,
        Participant.called_off_at.is_(None),
    )
