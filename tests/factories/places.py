"""Boundaries for tests: communities side by side, each cut into equal grids."""

from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.gridding import grid_codes
from webapp.people.models import Office
from webapp.places.locating import revise
from webapp.places.models import Area, AreaLevel, BoundaryVersion, Grid
from webapp.places.rules import segment, street_branch
from webapp.places.service.layers import compare
from webapp.places.service.request import NewLayer
from webapp.places.service.tree import ensure_street
from webapp.places.service.versions import Provenance, put_in_force
from webapp.places.stored import last_version, rows_of

STREET = "640121001"
WEST, SOUTH = 106.25, 38.28  # the county town of Yongning
STEP = 0.001  # degrees: a grid is about 87 m wide and 111 m high
MADE_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def make_area(
    session: Session, office: Office, code: str = STREET, name: str = "团结西路街道"
) -> Area:
    """A street and what is above it; no boundaries."""
    return ensure_street(session, office, street_branch(code, office.area_path), name)


def make_grids(
    session: Session,
    office: Office,
    *,
    communities: int = 2,
    columns: int = 2,
    rows: int = 2,
    street: str = STREET,
    west: float = WEST,
    south: float = SOUTH,
    valid_from: date = date(2026, 1, 1),
    **facts: Any,
) -> list[Grid]:
    """Communities from west to east, each of columns x rows grids; the grids in code order.

    Codes are official: 640121001001 and so on, grids 001 in the north-west of each community.
    """
    area = make_area(session, office, street)
    outlines, grids = draw(street, communities, columns, rows, west, south)
    origin = Provenance(
        **{
            "source_name": "drawn for a test",
            "source_sha256": "0" * 64,
            "made_by": None,
            "made_at": MADE_AT,
            "valid_from": valid_from,
            "illustrative": True,
            **facts,
        }
    )
    outlines = _placed(outlines, {"": (area.path, area.code)})
    parents = dict(
        zip(outlines["code"], zip(outlines["path"], outlines["code"], strict=True), strict=True)
    )
    for level, areas in (
        (AreaLevel.COMMUNITY, outlines),
        (AreaLevel.GRID, _placed(grids, parents)),
    ):
        version = put_areas(session, office, area, level, areas, origin)
    revise(session, office)
    return list(
        session.scalars(select(Grid).where(Grid.version_id == version.id).order_by(Grid.code))
    )


def put_areas(
    session: Session, office: Office, street: Area, level: AreaLevel, areas: Any, origin: Provenance
) -> BoundaryVersion:
    """Put areas in force as a version of their own."""
    former = last_version(session, office, street.path, level)
    changes = compare(level, rows_of(session, former), areas)
    layer = NewLayer(level, areas, former, changes, findings=[])
    return put_in_force(session, office, street, layer, origin)


def middle_of(grid: Grid) -> tuple[float, float]:
    """A point well inside a grid: longitude and latitude."""
    point = shapely.from_wkb(bytes(grid.boundary.desc, "ascii")).representative_point()
    return point.x, point.y


def draw(
    street: str = STREET,
    communities: int = 2,
    columns: int = 2,
    rows: int = 2,
    west: float = WEST,
    south: float = SOUTH,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Communities and grids as tables of code, name, parent_code and geometry."""
    outlines, grids = [], []
    width, height = columns * STEP, rows * STEP
    for number in range(communities):
        left = west + number * width
        code = f"{street}{number + 1:03}"
        box = shapely.box(left, south, left + width, south + height)
        outlines.append((code, f"Community {number + 1}", "", box))
        for at, grid_code in enumerate(grid_codes(code, columns * rows)):
            row, column = divmod(at, columns)
            x, y = left + column * STEP, south + height - (row + 1) * STEP
            name = f"Grid {grid_code[-3:]}"
            grids.append((grid_code, name, code, shapely.box(x, y, x + STEP, y + STEP)))
    return table(outlines), table(grids)


def table(rows: list[tuple[str, str, str, Any]]) -> gpd.GeoDataFrame:
    """Areas of (code, name, parent's code, shape) in EPSG:4326."""
    codes, names, parents, shapes = zip(*rows, strict=True)
    columns = {"code": codes, "name": names, "parent_code": parents}
    rounded = [shapely.transform(shape, lambda lonlat: lonlat.round(9)) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=rounded, crs=4326)


def _placed(areas: gpd.GeoDataFrame, parents: dict[str, tuple[str, str]]) -> gpd.GeoDataFrame:
    above = [parents[code] for code in areas["parent_code"]]
    paths = [
        f"{path}{segment(code, parent)}/"
        for code, (path, parent) in zip(areas["code"], above, strict=True)
    ]
    return areas.assign(path=paths, parent_path=[path for path, _code in above])
