"""The tree of areas: rows made where they are missing, names kept up to date."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.errors import Conflict
from webapp.people.models import Office
from webapp.places.models import Area, AreaLevel
from webapp.places.rules import Node

_IDS_AT_ONCE = 500
Wanted = list[tuple[str, str, str, str]]


def ensure_street(session: Session, office: Office, branch: list[Node], name: str | None) -> Area:
    """The street's area, made with those above it where they are missing; renamed if asked."""
    area: Area | None = None
    for node in branch:
        above, area = area, session.scalar(select(Area).where(Area.path == node.path))
        if area is None:
            called = office.name if node.path == office.area_path else node.code
            level = AreaLevel(node.level)
            area = Area(level=level, code=node.code, name=called, path=node.path, parent=above)
            session.add(area)
    if area is None:
        raise ValueError("a branch without areas was given")
    area.name = name or area.name
    session.flush()
    return area


def ensure_children(
    session: Session, parents: dict[str, Area], level: AreaLevel, wanted: Wanted
) -> dict[str, Area]:
    """The areas of one level by path; `wanted` are (path, parent's path, code, name)."""
    known = {area.path: area for area in _below(session, parents)}
    made: dict[str, Area] = {}
    for path, parent_path, code, name in wanted:
        area = known.get(path)
        if area is None:
            area = Area(level=level, code=code, path=path, parent_id=parents[parent_path].id)
            session.add(area)
        elif area.level is not level:
            raise Conflict(
                "area_level",
                _(
                    "%(path)s is already a %(level)s: give the %(wanted)s another code.",
                    path=path,
                    level=area.level.label,
                    wanted=level.label,
                ),
            )
        area.name = name
        made[path] = area
    session.flush()
    return made


def _below(session: Session, parents: dict[str, Area]) -> list[Area]:
    """The children of the areas given."""
    ids = [area.id for area in parents.values()]
    found: list[Area] = []
    for start in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[start : start + _IDS_AT_ONCE]
        found += session.scalars(select(Area).where(Area.parent_id.in_(some)))
    return found
