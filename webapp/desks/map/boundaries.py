"""The areas that the map draws, kept by process for as long as the office's boundaries stand."""

import json
import math
import threading
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.tiles import metres_per_pixel, simplify_for_zoom
from webapp.core.memory import give_back
from webapp.desks.map.filters import Box
from webapp.people.models import Office
from webapp.places.locating import in_force, office_today
from webapp.places.models import Area, BoundaryVersion, Community, Grid

GRID_PIXELS = 20
"""Grids are drawn from the zoom at which the middle one is this wide: fewer than 300 KB of them."""
ZOOM_BAND = 2

_lock = threading.Lock()
_kept: WeakKeyDictionary[Any, dict[int, "OfficeBoundaries"]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Areas:
    """Areas of one level: parallel arrays; `points` (n, 2) lie inside them, `boxes` are (n, 4)."""

    ids: NDArray[np.int64]
    codes: NDArray[np.object_]
    names: NDArray[np.object_]
    paths: NDArray[np.object_]
    communities: NDArray[np.int64]  # area ids; a community's own
    points: NDArray[np.float64]
    boxes: NDArray[np.float64]
    index: dict[int, int]  # of an area id in the arrays

    def within(self, box: Box) -> NDArray[np.bool_]:
        """Which of them have their box meet `box`."""
        west, south, east, north = self.boxes.T
        return (west <= box.east) & (east >= box.west) & (south <= box.north) & (north >= box.south)

    def centred_in(self, box: Box) -> NDArray[np.bool_]:
        lon, lat = self.points.T
        return (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)


class OfficeBoundaries:
    """What the map knows of an office's areas in force on a day.

    The first page needs the communities alone; grids are read, and shapes are made for a zoom, when
    they are first asked for.
    """

    def __init__(self, session: Session, office: Office, today: date) -> None:
        self.office_id, self.revision, self.today = office.id, office.revision, today
        self.communities = self._read(session, Community)
        self.illustrative = self._is_illustrative(session)
        self.bounds = _around(self.communities.boxes) if len(self.communities.ids) else None
        self.grids_from = self._grids_from(session)
        self._grids: Areas | None = None
        self._features: dict[tuple[int, int], dict[int, str]] = {}
        self._making = threading.Lock()

    def grids(self, session: Session) -> Areas:
        with self._making:
            if self._grids is None:
                self._grids = self._read(session, Grid)
                give_back()
            return self._grids

    def bounds_of(self, communities: NDArray[np.bool_]) -> Box:
        """The box around some communities, which are at least one."""
        return _around(self.communities.boxes[communities])

    def _in_force(self, table: Any, *columns: Any) -> Any:
        """A query of some columns of the areas of one level."""
        return (
            select(*columns)
            .select_from(table)
            .join(BoundaryVersion, BoundaryVersion.id == table.version_id)
            .where(BoundaryVersion.office_id == self.office_id, in_force(table, self.today))
        )

    def _grids_from(self, session: Session) -> float | None:
        """The zoom from which grids are drawn, None without any."""
        sizes = session.scalars(self._in_force(Grid, Grid.area_m2)).all()
        if not sizes or self.bounds is None:
            return None
        lat = (self.bounds.south + self.bounds.north) / 2
        width_m = math.sqrt(float(np.median(sizes)))
        return round(math.log2(GRID_PIXELS * metres_per_pixel(0, lat) / width_m), 2)

    def _read(self, session: Session, table: Any) -> Areas:
        """Only what is asked of every area; the shapes themselves stay in the database."""
        community = table.area_id if table is Community else Community.area_id
        query = self._in_force(
            table, table.area_id, table.code, table.name, Area.path, community,
            func.ST_AsBinary(table.boundary),
        ).join(Area, Area.id == table.area_id).order_by(Area.path)  # fmt: skip
        if table is Grid:
            query = query.join(Community, Community.id == Grid.community_id)
        columns = list(zip(*session.execute(query).all(), strict=True)) or [()] * 6
        shapes = shapely.from_wkb([bytes(wkb) for wkb in columns[5]])
        inner = shapely.point_on_surface(shapes) if table is Grid else _deepest(shapes)
        ids = np.array(columns[0], np.int64)
        return Areas(
            ids=ids,
            codes=np.array(columns[1], object),
            names=np.array(columns[2], object),
            paths=np.array(columns[3], object),
            communities=np.array(columns[4], np.int64),
            points=shapely.get_coordinates(inner).reshape(-1, 2),
            boxes=shapely.bounds(shapes).reshape(-1, 4),
            index={area_id: at for at, area_id in enumerate(ids.tolist())},
        )

    def _is_illustrative(self, session: Session) -> bool:
        marked = select(BoundaryVersion.id).where(
            BoundaryVersion.office_id == self.office_id,
            BoundaryVersion.illustrative,
            in_force(BoundaryVersion, self.today),
        )
        return session.scalar(marked.limit(1)) is not None

    def community_features(self, session: Session, zoom: float) -> str:
        """All communities as a GeoJSON FeatureCollection."""
        made = self._made(session, Community, 0, zoom)
        return _collection(made.values())

    def grid_features(self, session: Session, zoom: float, box: Box) -> str:
        """The grids that meet `box`; those of a community are simplified together, once."""
        grids = self.grids(session)
        inside = grids.within(box)
        parts = []
        for community in np.unique(grids.communities[inside]).tolist():
            made = self._made(session, Grid, community, zoom)
            wanted = grids.ids[inside & (grids.communities == community)]
            parts.append([made[area_id] for area_id in wanted.tolist()])
        return _collection(chain.from_iterable(parts))

    def _made(self, session: Session, table: Any, community: int, zoom: float) -> dict[int, str]:
        """Features by area id of one community's grids, or (`community` 0) of all communities."""
        band = ZOOM_BAND * math.ceil(zoom / ZOOM_BAND)
        key = (community, band)
        if key not in self._features:
            with self._making:
                if key not in self._features:
                    self._features[key] = self._make(session, table, community, band)
        return self._features[key]

    def _make(self, session: Session, table: Any, community: int, band: int) -> dict[int, str]:
        query = self._in_force(table, table.area_id, func.ST_AsBinary(table.boundary))
        if community:
            owner = select(Community.id).where(Community.area_id == community)
            query = query.where(Grid.community_id.in_(owner))
        ids, shapes = zip(*session.execute(query).all(), strict=True)
        simple = simplify_for_zoom(shapely.from_wkb([bytes(wkb) for wkb in shapes]), band)
        areas = self._grids if community and self._grids else self.communities
        drawn = zip(ids, shapely.to_geojson(simple).tolist(), strict=True)
        return {area_id: _feature(areas, area_id, geometry) for area_id, geometry in drawn}


def office_boundaries(session: Session, office: Office) -> OfficeBoundaries:
    """What the map knows of an office's areas, read once a process, revision and day."""
    today = office_today(office)
    kept = _kept.setdefault(session.get_bind(), {})

    def good(areas: OfficeBoundaries | None) -> bool:
        return areas is not None and (areas.revision, areas.today) == (office.revision, today)

    if not good(kept.get(office.id)):
        with _lock:
            if not good(kept.get(office.id)):
                kept[office.id] = OfficeBoundaries(session, office, today)
    return kept[office.id]


def _feature(areas: Areas, area_id: int, geometry: str) -> str:
    at = areas.index[area_id]
    facts = {
        "code": areas.codes[at],
        "name": areas.names[at],
        "community": int(areas.communities[at]),
        "label": np.round(areas.points[at], 6).tolist(),
    }
    properties = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return f'{{"type":"Feature","id":{area_id},"properties":{properties},"geometry":{geometry}}}'


def _collection(features: Any) -> str:
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def _deepest(shapes: Any) -> Any:
    """The middle of the largest circle that fits: where a name has the most room."""
    extent = np.ptp(shapely.bounds(shapes).reshape(-1, 4)[:, [0, 2]], axis=1)
    circles = [
        shapely.maximum_inscribed_circle(shape, max(width / 100, 1e-9))
        for shape, width in zip(shapes, extent, strict=True)
    ]
    return shapely.get_point(np.array(circles, object), 0)


def _around(boxes: NDArray[np.float64]) -> Box:
    (west, south), (east, north) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return Box(float(west), float(south), float(east), float(north))
