"""Whose cases a desk shows: those in the areas that a person looks after in a role, or those that
something few stands beside, such as a request."""

from collections.abc import Callable, Hashable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, text, true
from sqlalchemy.orm import object_session

from webapp.cases.life.models import PENDING_SQL, CaseRequest
from webapp.cases.models import Case
from webapp.cases.vocabulary import RequestKind, RequestState
from webapp.core.database import UtcDateTime
from webapp.desks.map.queries import View
from webapp.people.models import Person, Role
from webapp.places.models import Area

MOST_NAMED = 5_000


def person_of(view: View) -> Person:
    assert view.person is not None  # noqa: S101 - desks are for who has signed in
    return view.person


def named_by(view: View, *queries: Select[int]) -> ColumnElement[bool]:
    """The cases whose ids one of these queries of few rows answers.

    They are asked beforehand: with the ids at hand a database goes to these cases, where with a
    query it may go through all cases of a state instead.
    """
    session = object_session(person_of(view))
    assert session is not None  # noqa: S101 - the person was read from it
    ids = {case_id for query in queries for case_id in session.scalars(query.limit(MOST_NAMED))}
    return Case.id.in_(ids)


def of_the_office(view: View) -> ColumnElement[bool]:
    """Of this office, beside ids: said so that no index of all cases of an office is used."""
    return func.coalesce(Case.office_id, 0) == view.office.id


def due_before(moment: datetime) -> ColumnElement[bool]:
    """The handling limit ends before then.

    Said so that no index of deadlines is used: it holds those of all ended cases, too.
    """
    return func.coalesce(Case.due_at, Case.due_at) < literal(moment, UtcDateTime)


def asked_for(kind: RequestKind, state: RequestState) -> Callable[[View], ColumnElement[bool]]:
    """Cases at which something is asked for, and stands where it is to be decided."""
    pending = text(f"case_request.{PENDING_SQL}")
    waiting = select(CaseRequest.case_id).where(
        pending, CaseRequest.kind == kind, CaseRequest.state == state
    )
    return lambda view: named_by(view, waiting)


def areas_of(person: Person, *roles: Role) -> tuple[str, ...]:
    """The paths of the areas that somebody looks after in one of these roles."""
    return tuple(sorted({duty.area_path for duty in person.duties if duty.role in roles}))


def in_areas_as(*roles: Role) -> Callable[[View], ColumnElement[bool]]:
    """A desk's scope: cases in the areas that the person looks after as one of `roles`."""

    def scope(view: View) -> ColumnElement[bool]:
        paths = areas_of(person_of(view), *roles)
        if any(view.office.area_path.startswith(path) for path in paths):
            return true()
        inside = or_(*(Area.path.startswith(path, autoescape=True) for path in paths))
        return Case.area_id.in_(select(Area.id).where(inside))

    return scope


def by_areas_as(*roles: Role) -> Callable[[Person], Hashable]:
    """Who looks after the same areas in these roles sees the same numbers."""
    return lambda person: areas_of(person, *roles)
