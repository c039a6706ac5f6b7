"""Reads for the pages and commands about places."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from webapp.people.models import Office, Person
from webapp.places.locating import office_today
from webapp.places.models import Area, AreaLevel, BoundaryVersion, Community, Grid
from webapp.places.stored import in_force


@dataclass(frozen=True)
class GridRow:
    code: str
    name: str
    area_m2: float
    manager: str | None


@dataclass(frozen=True)
class CommunityRow:
    code: str
    name: str
    path: str
    grids: list[GridRow] = field(default_factory=list)


@dataclass(frozen=True)
class VersionRow:
    """A boundary version with its street and how many areas it has."""

    version: BoundaryVersion
    street: Area
    count: int


def areas_in_force(session: Session, office: Office, now: datetime) -> list[CommunityRow]:
    """The communities in force, each with its grids, in the order of their paths."""
    day = office_today(office, now)
    of_office = BoundaryVersion.office_id == office.id
    grids: dict[int, list[GridRow]] = defaultdict(list)
    rows = session.execute(
        select(Grid.community_id, Grid.code, Grid.name, Grid.area_m2, Person.name)
        .join(Grid.version)
        .join(Grid.area)
        .outerjoin(Area.manager)
        .where(of_office, in_force(Grid, day))
        .order_by(Area.path)
    )
    for community_id, code, name, area_m2, manager in rows:
        grids[community_id].append(GridRow(code, name, area_m2, manager))
    communities = session.scalars(
        select(Community)
        .join(Community.version)
        .join(Community.area)
        .options(joinedload(Community.area))
        .where(of_office, in_force(Community, day))
        .order_by(Area.path)
    )
    return [CommunityRow(c.code, c.name, c.area.path, grids[c.id]) for c in communities]


def versions_of(session: Session, office: Office) -> list[VersionRow]:
    """All versions of an office, the newest first."""
    counts = {
        level: dict(
            session.execute(select(table.version_id, func.count()).group_by(table.version_id)).all()
        )
        for level, table in ((AreaLevel.COMMUNITY, Community), (AreaLevel.GRID, Grid))
    }
    rows = session.execute(
        select(BoundaryVersion, Area)
        .join(Area, BoundaryVersion.street_id == Area.id)
        .options(joinedload(BoundaryVersion.made_by))
        .where(BoundaryVersion.office_id == office.id)
        .order_by(BoundaryVersion.id.desc())
    )
    return [VersionRow(v, street, counts[v.layer].get(v.id, 0)) for v, street in rows]
