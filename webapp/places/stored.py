"""Boundaries in the database as tables of shapes, as gis/ takes them."""

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geoalchemy2 import WKBElement
from geoalchemy2.shape import from_shape
from numpy.typing import NDArray
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.database import WGS84
from webapp.people.models import Office
from webapp.places.models import Area, AreaLevel, BoundaryVersion, Community, Grid

BLOCK = 5_000  # ids in one question


def in_force(table: Any, day: date) -> Any:
    """The condition that a row of Community, Grid or BoundaryVersion is in force on a day."""
    return (table.valid_from <= day) & or_(table.valid_to.is_(None), table.valid_to > day)


def last_version(
    session: Session, office: Office, street_path: str, layer: AreaLevel
) -> BoundaryVersion | None:
    """The version of a street's layer that no other has followed yet."""
    return session.scalar(
        select(BoundaryVersion)
        .join(Area, BoundaryVersion.street_id == Area.id)
        .where(
            BoundaryVersion.office_id == office.id,
            BoundaryVersion.layer == layer,
            BoundaryVersion.valid_to.is_(None),
            Area.path == street_path,
        )
    )


def communities_on(
    session: Session, office: Office, street_path: str, day: date
) -> gpd.GeoDataFrame:
    """The communities of a street in force on a day: id, code, name, path, geometry."""
    return _table(session, _in_force(Community, office, street_path, day))


def grids_on(session: Session, office: Office, street_path: str, day: date) -> gpd.GeoDataFrame:
    """The grids of a street in force on a day, as `communities_on`."""
    return _table(session, _in_force(Grid, office, street_path, day))


def rows_of(session: Session, version: BoundaryVersion | None) -> gpd.GeoDataFrame:
    """The areas of a version: id, code, name, path, geometry; empty without one."""
    table = Grid if version and version.layer is AreaLevel.GRID else Community
    return _table(
        session, _shapes(table).where(table.version_id == (version.id if version else -1))
    )


def grid_outlines(
    session: Session, ids: NDArray[np.int64], of: Any = Grid.boundary
) -> NDArray[np.object_]:
    """The shapes of grids in the order of their ids, or what can be made `of` them in SQL."""
    found: dict[int, bytes] = {}
    for start in range(0, len(ids), BLOCK):
        some = Grid.id.in_(ids[start : start + BLOCK].tolist())
        rows = session.execute(select(Grid.id, func.ST_AsBinary(of)).where(some))
        found |= {grid_id: bytes(wkb) for grid_id, wkb in rows}
    shapes = shapely.from_wkb([found[grid_id] for grid_id in ids.tolist()])
    return np.asarray(shapes, dtype=object)


def stored(shape: shapely.Geometry) -> WKBElement:
    """A shape as the boundary columns hold it."""
    return from_shape(shape, srid=WGS84)


def _in_force(table: Any, office: Office, path: str, day: date) -> Select[Any]:
    return (
        _shapes(table)
        .join(BoundaryVersion, table.version_id == BoundaryVersion.id)
        .where(BoundaryVersion.office_id == office.id, in_force(table, day))
        .where(Area.path.startswith(path, autoescape=True))
    )


def _shapes(table: Any) -> Select[Any]:
    return (
        select(table.id, table.code, table.name, Area.path, func.ST_AsBinary(table.boundary))
        .join(Area, table.area_id == Area.id)
        .order_by(Area.path, table.id)
    )


def _table(session: Session, query: Select[Any]) -> gpd.GeoDataFrame:
    rows = pd.DataFrame(session.execute(query).all(), columns=["id", "code", "name", "path", "wkb"])
    shapes = shapely.from_wkb(np.array([bytes(wkb) for wkb in rows.pop("wkb")], object))
    rows["row"] = np.arange(1, len(rows) + 1)
    rows["parent_code"] = ""
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=WGS84)
