"""The names of areas for the people's pages (see `people.areas`)."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.people.areas import AreaChoice
from webapp.people.models import Office
from webapp.places.models import Area

MOST_CHOICES = 500  # beyond that a list helps nobody; the code can still be typed


class AreasFromPlaces:
    """The tree of areas, read from the places' tables."""

    def choices(self, session: Session, office: Office) -> list[AreaChoice]:
        inside = Area.path.startswith(office.area_path, autoescape=True)
        shallow_first = select(Area).where(inside).order_by(Area.path).limit(MOST_CHOICES)
        return [_choice(area) for area in session.scalars(shallow_first)]

    def by_code(self, session: Session, office: Office, code: str) -> list[AreaChoice]:
        inside = Area.path.startswith(office.area_path, autoescape=True)
        found = session.scalars(select(Area).where(inside, Area.code == code).limit(2))
        return [_choice(area) for area in found]

    def names(self, session: Session, paths: Iterable[str]) -> dict[str, str]:
        rows = session.execute(select(Area.path, Area.name).where(Area.path.in_(set(paths))))
        return {row.path: row.name for row in rows}


def _choice(area: Area) -> AreaChoice:
    return AreaChoice(area.code, area.name, area.path)
