"""Who is responsible for a grid."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.errors import BadInput
from webapp.people.models import Office, Person, Role
from webapp.places.locating import office_places
from webapp.places.models import Area


def assign_manager(session: Session, office: Office, grid_code: str, username: str | None) -> Area:
    """Name the responsible grid manager of a grid in force, or nobody; answers the grid's area.

    The duty stays with the area, so it outlives new boundary versions.

    Raises
    ------
    BadInput
        ``grid_unknown``, ``person_unknown``, ``not_a_manager``, each saying what is allowed.
    """
    area = _grid_area(session, office, grid_code)
    area.manager = None if username is None else _manager(session, office, username, area)
    session.flush()
    return area


def _grid_area(session: Session, office: Office, code: str) -> Area:
    places = office_places(session, office)
    at = [number for number, known in enumerate(places.codes) if known == code]
    if len(at) != 1:
        several = _("Several grids have the code %(code)s.", code=code)
        none = _("No grid with the code %(code)s is in force: see flask places list.", code=code)
        raise BadInput("grid_unknown", several if at else none)
    return session.get_one(Area, int(places.area_ids[at[0]]))


def _manager(session: Session, office: Office, username: str, area: Area) -> Person:
    person = session.scalar(
        select(Person).where(Person.office_id == office.id, Person.username == username)
    )
    if person is None or not person.active:
        raise BadInput(
            "person_unknown",
            _("There is no %(name)s in this office: see flask people list.", name=username),
        )
    looks_after = [d.area_path for d in person.duties if d.role is Role.GRID_MANAGER]
    if not any(area.path.startswith(path) for path in looks_after):
        raise BadInput(
            "not_a_manager",
            _(
                "%(name)s is not a grid manager for %(path)s: give them that duty first.",
                name=person.name,
                path=area.path,
            ),
        )
    return person
