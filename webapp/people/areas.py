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
    def find(self, session: Session, office: Office, words: str) -> list[AreaChoice]: ...
    def names(self, session: Session, paths: Iterable[str]) -> dict[str, str]: ...
    def parts(self, session: Session, office: Office) -> list[AreaChoice]: ...


def office_areas() -> OfficeAreas:
    areas: OfficeAreas = current_app.extensions["office_areas"]
    return areas


def path_of(session: Session, office: Office, words: str) -> str:
    """The path of the area of that code or name in this office; the office's own for no words."""
    if not words.strip():
        return office.area_path
    found = office_areas().find(session, office, words.strip())
    if len(found) != 1:
        none = _("There is no area %(words)s in this office.", words=words)
        several = _("Several areas are called %(words)s; give the code.", words=words)
        raise BadInput("area_unknown", several if found else none)
    return found[0].path
