"""From what an address names - a class, a department, an area, a day - to what cases hold."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.cases.models import Case
from webapp.core.errors import BadInput
from webapp.people.models import Department, Office
from webapp.places.models import Area
from webapp.standards.service import office_standards


def class_paths(session: Session, office: Office, named: str) -> tuple[str, ...]:
    """The paths of the classes that a code names: of a group or of one class; a path is itself."""
    if named.startswith("/"):
        paths = {named if named.endswith("/") else f"{named}/"}
    else:
        classes = office_standards(session, office).classes.values()
        paths = {c.path for c in classes if named in (c.group_code, c.code)}
    if not paths or not conditions_below(session, office, tuple(paths)):
        raise BadInput(
            "group",
            _('%(office)s has no class group "%(code)s".', office=office.name, code=named[:40]),
        )
    return tuple(sorted(paths))


def conditions_below(session: Session, office: Office, paths: tuple[str, ...]) -> list[int]:
    """The ids of the conditions whose path begins with one of these."""
    history = office_standards(session, office).history.values()
    return [row.id for rows in history for row in rows if row.path.startswith(paths)]


def conditions_of(session: Session, office: Office, named: str) -> list[int]:
    """The ids of the conditions of a class group, of a class or below a class path."""
    return conditions_below(session, office, class_paths(session, office, named))


def department_named(session: Session, office: Office, code: str) -> int:
    """The id of a department of the office."""
    wanted = select(Department.id).where(Department.office_id == office.id, Department.code == code)
    found = session.scalar(wanted)
    if found is None:
        raise BadInput(
            "department",
            _('%(office)s has no department "%(code)s".', office=office.name, code=code[:40]),
        )
    return found


def area_path_named(session: Session, office: Office, named: str) -> str:
    """The path of an area of the office, by its code or its path."""
    key = Area.path if named.startswith("/") else Area.code
    inside = Area.path.startswith(office.area_path, autoescape=True)
    path = session.scalar(select(Area.path).where(key == named, inside))
    if path is None:
        raise BadInput(
            "community",
            _('%(office)s has no community "%(code)s".', office=office.name, code=named[:40]),
        )
    return path


def lies_in(path: str) -> ColumnElement[bool]:
    """The condition that a case lies in an area."""
    return Case.area_id.in_(select(Area.id).where(Area.path.startswith(path, autoescape=True)))


def midnight(office: Office, day: date) -> datetime:
    """The moment at which a day begins at the office."""
    return datetime.combine(day, time(), ZoneInfo(office.time_zone))
