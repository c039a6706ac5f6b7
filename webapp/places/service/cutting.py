"""Cut a community into new grids, beside the grids of the others."""

from dataclasses import dataclass
from datetime import date, datetime

import geopandas as gpd
import pandas as pd
import shapely
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.gridding import grid_codes, make_grids
from webapp.core.database import WGS84
from webapp.core.errors import BadInput, Conflict
from webapp.people.models import Office, Person
from webapp.places.locating import lock_boundaries, office_today, revise
from webapp.places.models import Area, AreaLevel, BoundaryVersion, Community
from webapp.places.rules import segment
from webapp.places.service.layers import compare
from webapp.places.service.request import Changes, NewLayer
from webapp.places.service.versions import Provenance, put_in_force
from webapp.places.stored import in_force, last_version, rows_of


@dataclass(frozen=True)
class CutOutcome:
    """The new version of the street's grids and the codes of those that were cut."""

    version: BoundaryVersion
    changes: Changes
    codes: tuple[str, ...]


def cut_community(
    session: Session,
    office: Office,
    community_code: str,
    target_area_m2: float,
    now: datetime,
    by: Person | None,
    *,
    replace_grids: bool = False,
    valid_from: date | None = None,
) -> CutOutcome:
    """Cut a community in force into grids of about an area; the other communities keep theirs.

    Codes go on after the largest one that the community ever had.

    Raises
    ------
    BadInput
        ``community_unknown``, ``community_several``, ``too_early``.
    Conflict
        ``has_grids``: it has grids in force and `replace_grids` is false.
    GeoDataError
        ``bad_argument`` when 999 codes do not suffice or the code has not 12 digits.
    """
    lock_boundaries(session, office)
    day = valid_from or office_today(office, now)
    community = _community(session, office, community_code, day)
    street = session.get_one(Area, community.version.street_id)
    former = last_version(session, office, street.path, AreaLevel.GRID)
    if former and former.valid_from > day:
        raise BadInput(
            "too_early",
            _(
                "The grids before these are valid from %(former)s: the new ones cannot begin "
                "earlier.",
                former=former.valid_from.isoformat(),
            ),
        )
    before = rows_of(session, former)
    cut = _cut(session, community, target_area_m2)
    areas = _with_others(before, cut, community, replace_grids)
    changes = compare(AreaLevel.GRID, before, areas)
    origin = Provenance(
        source_name=f"cut: {community_code}, {target_area_m2:g} m2",
        source_sha256="",
        made_by=by,
        made_at=now,
        valid_from=day,
        illustrative=community.version.illustrative,
    )
    layer = NewLayer(AreaLevel.GRID, areas, former, changes, findings=[])
    version = put_in_force(session, office, street, layer, origin)
    revise(session, office)
    return CutOutcome(version, changes, tuple(cut["code"]))


def _community(session: Session, office: Office, code: str, day: date) -> Community:
    found = session.scalars(
        select(Community)
        .join(Community.version)
        .where(
            BoundaryVersion.office_id == office.id,
            Community.code == code,
            in_force(Community, day),
        )
    ).all()
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(
            "community_several", _("Several communities have the code %(code)s.", code=code)
        )
    raise BadInput(
        "community_unknown",
        _(
            "No community with the code %(code)s is in force on %(day)s: see flask places list.",
            code=code,
            day=day.isoformat(),
        ),
    )


def _cut(session: Session, community: Community, target_area_m2: float) -> gpd.GeoDataFrame:
    outline = select(func.ST_AsBinary(Community.boundary)).where(Community.id == community.id)
    shapes = make_grids(shapely.from_wkb(session.execute(outline).scalar_one()), target_area_m2)
    path = community.area.path
    ever = select(Area.code).where(Area.path.startswith(path, autoescape=True))
    codes = grid_codes(community.code, len(shapes), used=session.scalars(ever))
    return gpd.GeoDataFrame(
        {
            "code": codes,
            "name": [code[len(community.code) :] for code in codes],
            "path": [f"{path}{segment(code, community.code)}/" for code in codes],
            "parent_path": path,
        },
        geometry=shapes,
        crs=WGS84,
    )


def _with_others(
    before: gpd.GeoDataFrame, cut: gpd.GeoDataFrame, community: Community, replace_grids: bool
) -> gpd.GeoDataFrame:
    """The grids of the other communities as they are, and the new ones."""
    path = community.area.path
    own = before["path"].str.startswith(path)
    if own.any() and not replace_grids:
        raise Conflict(
            "has_grids",
            _(
                "Community %(code)s has %(count)d grids in force: say --replace to end them and "
                "cut anew.",
                code=community.code,
                count=int(own.sum()),
            ),
        )
    others = before[~own]
    above = [one[: one[:-1].rindex("/") + 1] for one in others["path"]]
    columns = ["code", "name", "path", "parent_path", "geometry"]
    return pd.concat([others.assign(parent_path=above)[columns], cut[columns]], ignore_index=True)
