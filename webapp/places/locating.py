"""Where a point lies: the grids in force of an office, kept by process until they change.

`OfficePlaces` stays in memory by the office's revision and the day; a new boundary version raises
the revision, and one made for a later day takes over at its midnight in the office's zone.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary, ref
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from flask_babel import gettext as _
from numpy.typing import ArrayLike, NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from gis.coordinates import Datum, check_lonlat, datum_uncertainty_m, to_wgs84
from gis.locate import NEAR_EDGE_M, GridLocator
from webapp.core import clock
from webapp.core.errors import BadInput, NotFound
from webapp.core.memory import give_back
from webapp.people.models import Office
from webapp.places.models import Area, BoundaryVersion, Community, Grid
from webapp.places.rules import branch_of
from webapp.places.stored import grid_outlines, in_force

MOST_ACCURACY_M = 100.0
"""A fix that is worse than this widens the margin no further: all around would be candidates."""

_SESSION_KEY = "places of offices revised here"
_lock, _making = threading.Lock(), threading.Lock()
_kept: WeakKeyDictionary[Any, dict[int, "OfficePlaces"]] = WeakKeyDictionary()

Ids = NDArray[np.int64]
Texts = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class OfficePlaces:
    """The grids in force of an office: parallel arrays, shape (n,), and their locator.

    What needs the outlines is made when it is first asked for: reading these, and the search trees
    of the locator, take a second and most of the memory.

    `street_area_id` and `street_path` name the office's street (with several: the area above them
    all, else the first), for what lies in no grid; None and "" before there are boundaries.
    """

    grid_ids: Ids
    area_ids: Ids
    community_area_ids: Ids
    street_area_ids: Ids
    version_ids: Ids
    paths: Texts
    codes: Texts
    names: Texts
    community_names: Texts
    street_area_id: int | None
    street_path: str
    index: dict[int, int]  # of a grid id in the arrays
    revision: int
    valid_until: date | None  # the day on which other boundaries come into force
    near_edge_m: float
    reading: Callable[[], AbstractContextManager[Session]]

    @property
    def locator(self) -> GridLocator:
        with _making:
            return self._locator

    @cached_property
    def _locator(self) -> GridLocator:
        with self.reading() as session:
            shapes = grid_outlines(session, self.grid_ids)
        order = self.paths.astype(str)
        made = GridLocator(self.grid_ids, shapes, order=order, near_edge_m=self.near_edge_m)
        give_back()
        return made

    @cached_property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north; None without grids."""
        if not len(self.grid_ids):
            return None
        with self.reading() as session:
            boxes = grid_outlines(session, self.grid_ids, func.ST_Envelope(Grid.boundary))
        return tuple(shapely.total_bounds(boxes).tolist())

    def facts(self, grid_id: int) -> "GridFacts":
        at = self.index[grid_id]
        return GridFacts(
            grid_id=grid_id,
            area_id=int(self.area_ids[at]),
            community_area_id=int(self.community_area_ids[at]),
            street_area_id=int(self.street_area_ids[at]),
            version_id=int(self.version_ids[at]),
            path=self.paths[at],
            code=self.codes[at],
            name=self.names[at],
            community_name=self.community_names[at],
        )


@dataclass(frozen=True, slots=True)
class GridFacts:
    """What a case must know of a grid."""

    grid_id: int
    area_id: int
    community_area_id: int
    street_area_id: int
    version_id: int
    path: str
    code: str
    name: str
    community_name: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another grid within the margin, 0 m if it holds the point too."""

    grid: GridFacts
    distance_m: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where one point lies.

    `grid` is None outside all grids; then `nearest` is the nearest of them, and `edge_distance_m`
    the metres to it. `area_id` and `area_path` are the grid's, or the street's without one.
    """

    lon: float  # WGS-84
    lat: float
    grid: GridFacts | None
    nearest: GridFacts | None
    area_id: int
    area_path: str
    edge_distance_m: float
    near_edge: bool
    overlapping: bool
    margin_m: float
    candidates: tuple[Candidate, ...]


def office_today(office: Office, now: datetime | None = None) -> date:
    """The date at the office."""
    return (now or clock.now()).astimezone(ZoneInfo(office.time_zone)).date()


def margin_m(office: Office, datum: Datum | str, accuracy_m: ArrayLike | None = None) -> Any:
    """Metres within which a point of this datum and accuracy is near an edge.

    The office's `near_edge_m` (10 by default) or the accuracy of the fix, whichever is more, up
    to `MOST_ACCURACY_M`; and the uncertainty of a shifted datum besides. Takes a number or an
    array of accuracies (NaN: unknown) and answers in kind.
    """
    base = float(office.settings.get("near_edge_m", NEAR_EDGE_M))
    accuracy = np.nan if accuracy_m is None else np.asarray(accuracy_m, np.float64)
    wide = np.fmax(base, np.minimum(accuracy, max(base, MOST_ACCURACY_M))) + datum_uncertainty_m(
        datum
    )
    return float(wide) if np.ndim(wide) == 0 else wide


def find_place(
    session: Session,
    office: Office,
    lon: float | None,
    lat: float | None,
    datum: Datum | str = Datum.WGS84,
    accuracy_m: float | None = None,
) -> Place:
    """Where one point of an office lies.

    Raises
    ------
    GeoDataError
        ``bad_coordinates`` for what is no place on Earth, ``unknown_datum``.
    BadInput
        ``no_boundaries``: the office has no grids in force yet.
    """
    lon, lat = to_wgs84(*check_lonlat(lon, lat), datum)
    places = office_places(session, office)
    if places.street_area_id is None:
        raise BadInput(
            "no_boundaries",
            _("%(office)s has no boundaries yet: import those first.", office=office.name),
        )
    margin = margin_m(office, datum, accuracy_m)
    if deep := places.locator.deep_inside(lon, lat, margin):
        own = places.facts(deep[0])
        return Place(
            lon, lat, own, None, own.area_id, own.path, deep[1],
            near_edge=False, overlapping=False, margin_m=margin, candidates=(),
        )  # fmt: skip
    found = places.locator.locate([lon], [lat], margin_m=margin)
    grid_id, nearest_id = int(found.grid_id[0]), int(found.nearest_id[0])
    grid = places.facts(grid_id) if grid_id >= 0 else None
    return Place(
        lon=lon,
        lat=lat,
        grid=grid,
        nearest=places.facts(nearest_id) if nearest_id >= 0 else None,
        area_id=grid.area_id if grid else places.street_area_id,
        area_path=grid.path if grid else places.street_path,
        edge_distance_m=float(found.edge_distance_m[0]),
        near_edge=bool(found.near_edge[0]),
        overlapping=bool(found.overlapping[0]),
        margin_m=margin,
        candidates=tuple(Candidate(places.facts(g), m) for g, m in found.candidates(0)),
    )


_ALL_OFFICES = select(Office).order_by(Office.code)


def office_at(session: Session, lon: float, lat: float) -> Office:
    """The office whose grids contain a WGS-84 point, else the nearest one's.

    With one office it is that one. Raises NotFound where there is none, BadInput
    (``no_boundaries``) where there are several and none has grids.
    """
    offices = session.scalars(_ALL_OFFICES).all()
    if not offices:
        raise NotFound(
            "no_office", _("There is no office yet. Make one: flask people office-add --help")
        )
    if len(offices) == 1:
        return offices[0]
    lon, lat = check_lonlat(lon, lat)
    nearest, least = None, np.inf
    for office in offices:
        found = office_places(session, office).locator.locate([lon], [lat])
        if found.grid_id[0] >= 0:
            return office
        if found.edge_distance_m[0] < least:
            nearest, least = office, found.edge_distance_m[0]
    if nearest is None:
        raise BadInput("no_boundaries", _("No office has grids in force: import boundaries first."))
    return nearest


def middle_of_office(session: Session, office: Office) -> tuple[float, float] | None:
    """The middle of the grids in force, WGS-84 (lon, lat); None before there are any."""
    bounds = office_bounds(session, office)
    if bounds is None:
        return None
    west, south, east, north = bounds
    return (west + east) / 2, (south + north) / 2


def office_bounds(session: Session, office: Office) -> tuple[float, float, float, float] | None:
    """The extent of the grids in force: west, south, east, north; None before there are any."""
    return office_places(session, office).bounds


# --- kept by process ----------------------------------------------------------------------------


def office_places(session: Session, office: Office) -> OfficePlaces:
    """The grids in force of an office, read once a process and revision."""
    today = office_today(office)
    own: dict[int, OfficePlaces | None] = session.info.get(_SESSION_KEY, {})
    if office.id in own:
        places = own[office.id]
        if places is None or not _good(places, office, today):
            places = own[office.id] = _read(session, office, today)
        return places
    kept = _kept.setdefault(session.get_bind(), {})
    if (places := kept.get(office.id)) and _good(places, office, today):
        return places
    with _lock:
        places = kept.get(office.id)
        if places is None or not _good(places, office, today):
            places = kept[office.id] = _read(session, office, today)
    return places


def lock_boundaries(session: Session, office: Office) -> None:
    """Let one change of an office's boundaries at a time through, on its present state."""
    session.flush()
    session.refresh(office, with_for_update=True)


def revise(session: Session, office: Office) -> None:
    """Say that the office's boundaries change in this transaction.

    Until it is committed nobody else may see what this session reads: it keeps its own.
    """
    office.revision += 1
    session.flush()
    session.info.setdefault(_SESSION_KEY, {})[office.id] = None


def _good(places: OfficePlaces, office: Office, today: date) -> bool:
    until = places.valid_until
    return places.revision == office.revision and (until is None or today < until)


def _read(session: Session, office: Office, today: date) -> OfficePlaces:
    community, street = aliased(Area), aliased(Area)
    rows = session.execute(
        select(
            Grid.id, Grid.area_id, Community.area_id, BoundaryVersion.street_id, Grid.version_id,
            Area.path, Grid.code, Grid.name, community.name,
        )
        .join(BoundaryVersion, Grid.version_id == BoundaryVersion.id)
        .join(Community, Grid.community_id == Community.id)
        .join(Area, Grid.area_id == Area.id)
        .join(community, Community.area_id == community.id)
        .where(BoundaryVersion.office_id == office.id, in_force(Grid, today))
        .order_by(Area.path, Grid.id)
    ).all()  # fmt: skip
    columns = list(zip(*rows, strict=True)) or [()] * 9
    ids, paths = _ids(columns[0]), _texts(columns[5])
    root = _root(session, list(session.execute(
        select(street.id, street.path).join(BoundaryVersion, BoundaryVersion.street_id == street.id)
        .where(BoundaryVersion.office_id == office.id).distinct().order_by(street.path)
    )))  # fmt: skip
    return OfficePlaces(
        grid_ids=ids,
        area_ids=_ids(columns[1]),
        community_area_ids=_ids(columns[2]),
        street_area_ids=_ids(columns[3]),
        version_ids=_ids(columns[4]),
        paths=paths,
        codes=_texts(columns[6]),
        names=_texts(columns[7]),
        community_names=_texts(columns[8]),
        street_area_id=root[0],
        street_path=root[1],
        index={grid_id: at for at, grid_id in enumerate(ids.tolist())},
        revision=office.revision,
        valid_until=_next_change(session, office, today),
        near_edge_m=float(office.settings.get("near_edge_m", NEAR_EDGE_M)),
        reading=_later(session, office),
    )


def _later(session: Session, office: Office) -> Callable[[], AbstractContextManager[Session]]:
    """A session to read more of the same grids with, whose rows never change.

    The same one as long as nobody else sees what it has changed.
    """
    if office.id in session.info.get(_SESSION_KEY, {}):
        return lambda: nullcontext(session)
    bind = ref(session.get_bind())  # it is the key of what is kept, which must not hold it
    return lambda: Session(bind())


def _root(session: Session, streets: list[tuple[int, str]]) -> tuple[int | None, str]:
    """The one street, or the lowest area above all streets, else the first of them."""
    if not streets:
        return None, ""
    branches = [[node.path for node in branch_of(path)] for _, path in streets]
    common = [paths[0] for paths in zip(*branches, strict=False) if len(set(paths)) == 1]
    for path in reversed(common):
        if area_id := session.scalar(select(Area.id).where(Area.path == path)):
            return area_id, path
    return streets[0]


def _next_change(session: Session, office: Office, today: date) -> date | None:
    """The next day after today on which a version begins or ends."""
    days = [
        session.scalar(
            select(func.min(day)).where(BoundaryVersion.office_id == office.id, day > today)
        )
        for day in (BoundaryVersion.valid_from, BoundaryVersion.valid_to)
    ]
    return min((day for day in days if day), default=None)


def _ids(values: Any) -> Ids:
    return np.array(values, np.int64)


def _texts(values: Any) -> Texts:
    texts = np.empty(len(values), object)
    texts[:] = values
    return texts
