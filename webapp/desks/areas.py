"""The names of areas for the people's pages (see `people.areas`)."""

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.people.areas import AreaChoice
from webapp.people.models import Office
from webapp.places.models import Area, AreaLevel

MOST_CHOICES = 500  # beyond that a list helps nobody; the code can still be typed
_parts: WeakKeyDictionary[Any, dict[int, tuple[int, list[AreaChoice]]]] = WeakKeyDictionary()


class AreasFromPlaces:
    """The tree of areas, read from the places' tables."""

    def choices(self, session: Session, office: Office) -> list[AreaChoice]:
        inside = Area.path.startswith(office.area_path, autoescape=True)
        shallow_first = select(Area).where(inside).order_by(Area.path).limit(MOST_CHOICES)
        return [_choice(area) for area in session.scalars(shallow_first)]

    def find(self, session: Session, office: Office, words: str) -> list[AreaChoice]:
        inside = Area.path.startswith(office.area_path, autoescape=True)
        named = or_(Area.code == words, Area.name == words)
        found = session.scalars(select(Area).where(inside, named).limit(2))
        return [_choice(area) for area in found]

    def names(self, session: Session, paths: Iterable[str]) -> dict[str, str]:
        rows = session.execute(select(Area.path, Area.name).where(Area.path.in_(set(paths))))
        return {row.path: row.name for row in rows}

    def parts(self, session: Session, office: Office) -> list[AreaChoice]:
        """The streets and communities of an office, read once a process and revision: every page
        shows which of them is looked at."""
        kept = _parts.setdefault(session.get_bind(), {})
        if office.id not in kept or kept[office.id][0] != office.revision:
            inside = Area.path.startswith(office.area_path, autoescape=True)
            levels = Area.level.in_((AreaLevel.STREET, AreaLevel.COMMUNITY))
            found = session.scalars(select(Area).where(inside, levels).order_by(Area.path))
            kept[office.id] = office.revision, [_choice(area) for area in found]
        return kept[office.id][1]


def _choice(area: Area) -> AreaChoice:
    return AreaChoice(area.code, area.name, area.path)
