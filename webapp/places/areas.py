"""The areas of an office by code and path, as the people's room asks for them."""

from collections.abc import Iterable

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from webapp.core import clock
from webapp.people.areas import AreaChoice
from webapp.people.models import Office
from webapp.places.locating import office_today
from webapp.places.models import Area, AreaLevel, Community, Grid
from webapp.places.stored import in_force

_PATHS_AT_ONCE = 500


class StoredAreas:
    """What `app.extensions["office_areas"]` promises (see people/areas.py)."""

    def choices(self, session: Session, office: Office) -> list[AreaChoice]:
        """The street and the communities in force, in order: what duties are given for."""
        day = office_today(office, clock.now())
        current = exists().where(Community.area_id == Area.id, in_force(Community, day))
        return self._find(session, office, or_(Area.level == AreaLevel.STREET, current))

    def by_code(self, session: Session, office: Office, code: str) -> list[AreaChoice]:
        """The areas with that code: those in force, and all that is no community or grid."""
        day = office_today(office, clock.now())
        current = or_(
            Area.level.in_([AreaLevel.COUNTY, AreaLevel.STREET]),
            exists().where(Community.area_id == Area.id, in_force(Community, day)),
            exists().where(Grid.area_id == Area.id, in_force(Grid, day)),
        )
        return self._find(session, office, (Area.code == code) & current)

    def names(self, session: Session, paths: Iterable[str]) -> dict[str, str]:
        wanted = sorted(set(paths))
        names: dict[str, str] = {}
        for start in range(0, len(wanted), _PATHS_AT_ONCE):
            some = wanted[start : start + _PATHS_AT_ONCE]
            found = session.execute(select(Area.path, Area.name).where(Area.path.in_(some)))
            names.update(found.all())
        return names

    def _find(self, session: Session, office: Office, condition: object) -> list[AreaChoice]:
        within = Area.path.startswith(office.area_path, autoescape=True)
        query = select(Area).where(within, condition).order_by(Area.path)  # type: ignore[arg-type]
        return [AreaChoice(area.code, area.name, area.path) for area in session.scalars(query)]
