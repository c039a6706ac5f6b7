"""Whose cases a desk shows: those in the areas that a person looks after in a role."""

from collections.abc import Callable, Hashable

from sqlalchemy import ColumnElement, or_, select, true

from webapp.cases.models import Case
from webapp.desks.map.queries import View
from webapp.people.models import Person, Role
from webapp.places.models import Area


def areas_of(person: Person, *roles: Role) -> tuple[str, ...]:
    """The paths of the areas that somebody looks after in one of these roles."""
    return tuple(sorted({duty.area_path for duty in person.duties if duty.role in roles}))


def in_areas_as(*roles: Role) -> Callable[[View], ColumnElement[bool]]:
    """A desk's scope: cases in the areas that the person looks after as one of `roles`."""

    def scope(view: View) -> ColumnElement[bool]:
        assert view.person is not None  # noqa: S101 - desks are for who has signed in
        paths = areas_of(view.person, *roles)
        if any(view.office.area_path.startswith(path) for path in paths):
            return true()
        inside = or_(*(Area.path.startswith(path, autoescape=True) for path in paths))
        return Case.area_id.in_(select(Area.id).where(inside))

    return scope


def by_areas_as(*roles: Role) -> Callable[[Person], Hashable]:
    """Who looks after the same areas in these roles sees the same numbers."""
    return lambda person: areas_of(person, *roles)
