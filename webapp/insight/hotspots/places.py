"""The places that are tested: the grids in force of an office, or the cells of a net over them."""

import threading
from dataclasses import dataclass, fields
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.coordinates import metric_crs
from webapp.core.database import WGS84
from webapp.people.models import Office
from webapp.places.locating import OfficePlaces, office_places, office_today
from webapp.places.models import BoundaryVersion, Community, Grid
from webapp.places.stored import grid_outlines, in_force

_lock = threading.Lock()
_kept: WeakKeyDictionary[Any, dict[int, tuple[OfficePlaces, "Places"]]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Places:
    """Parallel arrays, shape (n,); `points` is (n, 2), WGS-84.

    `ids` are those of the grids' areas, as the map's outlines carry them, or the cells' numbers.
    `grid_ids` are empty for a net.
    """

    ids: NDArray[np.int64]
    codes: NDArray[np.object_]
    names: NDArray[np.object_]
    paths: NDArray[np.object_]
    above: NDArray[np.object_]  # names of the communities
    areas_m2: NDArray[np.float64]
    points: NDArray[np.float64]
    grid_ids: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, wanted: NDArray[np.bool_]) -> "Places":
        """Some of them, in the same order."""
        return Places(*(getattr(self, field.name)[wanted] for field in fields(self)))


def grids_of(session: Session, office: Office) -> Places:
    """The grids in force, in the order of `office_places`: numbers and names, no outlines."""
    ours = office_places(session, office)
    kept = _kept.setdefault(session.get_bind(), {})
    found = kept.get(office.id)
    if found is None or found[0] is not ours:
        with _lock:
            found = kept[office.id] = (ours, _read(session, ours))
    return found[1]


def _read(session: Session, ours: OfficePlaces) -> Places:
    middle = func.ST_PointOnSurface(Grid.boundary)
    versions = np.unique(ours.version_ids).tolist()
    rows = session.execute(
        select(Grid.id, func.ST_X(middle), func.ST_Y(middle), Grid.area_m2).where(
            Grid.version_id.in_(versions)
        )
    )
    facts = {grid_id: others for grid_id, *others in rows}
    numbers = np.array([facts[i] for i in ours.grid_ids.tolist()], np.float64).reshape(-1, 3)
    return Places(
        ids=ours.area_ids,
        codes=ours.codes,
        names=np.where(ours.names.astype(str) == "", ours.codes, ours.names),
        paths=ours.paths,
        above=ours.community_names,
        areas_m2=numbers[:, 2],
        points=numbers[:, :2],
        grid_ids=ours.grid_ids,
    )


def outlines_of(session: Session, places: Places) -> NDArray[np.object_]:
    """The shapes of grids, in their order; read when they are needed, and not kept."""
    return grid_outlines(session, places.grid_ids)


def communities_of(session: Session, office: Office) -> NDArray[np.object_]:
    """The outlines of the communities in force, for what is drawn."""
    wkb = session.scalars(
        select(func.ST_AsBinary(Community.boundary))
        .join(BoundaryVersion, BoundaryVersion.id == Community.version_id)
        .where(BoundaryVersion.office_id == office.id, in_force(Community, office_today(office)))
    )
    return np.asarray(shapely.from_wkb([bytes(one) for one in wkb]), dtype=object)


def to_metres(places: Places) -> Transformer:
    """From WGS-84 to the metric CRS of the middle of some places."""
    lon, lat = (places.points.min(axis=0) + places.points.max(axis=0)) / 2
    return Transformer.from_crs(WGS84, metric_crs(float(lon), float(lat)), always_xy=True)


def moved(shapes: NDArray[np.object_], by: Transformer) -> NDArray[np.object_]:
    """Shapes in another CRS."""
    return np.asarray(
        shapely.transform(shapes, lambda at: np.column_stack(by.transform(at[:, 0], at[:, 1]))),
        dtype=object,
    )


def is_illustrative(session: Session, office: Office) -> bool:
    """Whether boundaries in force are drawn for illustration alone."""
    marked = select(BoundaryVersion.id).where(
        BoundaryVersion.office_id == office.id,
        BoundaryVersion.illustrative,
        in_force(BoundaryVersion, office_today(office)),
    )
    return session.scalar(marked.limit(1)) is not None
