"""Areas as this room sees them: codes and names for the paths in people's duties.

The tree of areas belongs to a room on the right of this one, so a page that shows both hands the
look-up in: `app.extensions["office_areas"]`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.core.errors import BadInput
from webapp.people.models import Office


@dataclass(frozen=True)
class AreaChoice:
    code: str
    name: str
    path: str


class OfficeAreas(Protocol):
    def choices(self, session: Session, office: Office) -> list[AreaChoice]: ...
    def by_code(self, session: Session, office: Office, code: str) -> list[AreaChoice]: ...
    def names(self, session: Session, paths: Iterable[str]) -> dict[str, str]: ...


def office_areas() -> OfficeAreas:
    areas: OfficeAreas = current_app.extensions["office_areas"]
    return areas


def path_of(session: Session, office: Office, code: str) -> str:
    """The path of the area with that code in this office; of the office itself for an empty one."""
    if not code:
        return office.area_path
    found = office_areas().by_code(session, office, code.strip())
    if len(found) != 1:
        words = _("There is no area %(code)s in this office.", code=code)
        several = _("Several areas have the code %(code)s.", code=code)
        raise BadInput("area_unknown", several if found else words)
    return found[0].path
