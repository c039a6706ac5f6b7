"""A drawing of where a case lies, for paper: the grids around it, as SVG shapes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import shapely
from geoalchemy2.shape import to_shape
from pyproj import Transformer
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.coordinates import metric_crs
from webapp.cases.models import Case
from webapp.core.database import WGS84, intersects_box
from webapp.people.models import Office
from webapp.places.models import Area, Grid
from webapp.places.stored import in_force

WIDTH, HEIGHT = 480, 200  # of the drawing
LEAST_M, MOST_M = 400.0, 2000.0  # across, so that the case's own grid is in it where it can be
BARS_M = (500, 200, 100, 50)
LONGEST_BAR = WIDTH / 4
LETTER = 9  # of a grid's name, as static/css/paper.css sets it
MARGIN_DEGREES = 0.03  # more than half of the widest drawing, anywhere but near the poles


@dataclass(frozen=True)
class Outline:
    """One grid inside the drawing: x to the right and y down from its corner."""

    name: str  # empty where it would lie over its neighbours' names
    path: str  # of an SVG <path>
    label: tuple[float, float]
    is_own: bool  # the case lies in it


@dataclass(frozen=True)
class Sketch:
    """The drawing; the case lies in its middle."""

    outlines: list[Outline]
    bar_metres: int
    bar_length: float
    width: int = WIDTH
    height: int = HEIGHT


def sketch(session: Session, case: Case, day: date) -> Sketch | None:
    """The grids in force on a day around the case; None for one without a point."""
    if case.lonlat is None:
        return None
    lon, lat = case.lonlat
    to_metres = Transformer.from_crs(WGS84, metric_crs(lon, lat), always_xy=True).transform
    middle_x, middle_y = to_metres(lon, lat)
    grids, shapes = [], []
    for grid in _grids_near(session, case, (lon, lat), day):
        metres = shapely.transform(to_shape(grid.boundary), to_metres, interleaved=False)
        grids.append(grid)
        shapes.append(shapely.transform(metres, lambda p: p - (middle_x, middle_y)))
    own = next((s for g, s in zip(grids, shapes, strict=True) if g.id == case.grid_id), None)
    scale = WIDTH / _metres_across(own)
    drawn = (
        _outline(grid, shape, scale, is_own=grid.id == case.grid_id)
        for grid, shape in zip(grids, shapes, strict=True)
    )
    bar = next((metres for metres in BARS_M if metres * scale <= LONGEST_BAR), BARS_M[-1])
    outlines = sorted((one for one in drawn if one), key=lambda one: one.is_own)
    return Sketch(outlines, bar, round(bar * scale, 1))


def _grids_near(
    session: Session, case: Case, point: tuple[float, float], day: date
) -> Iterable[Grid]:
    (lon, lat), far = point, MARGIN_DEGREES
    office = session.get_one(Office, case.office_id)
    near = (
        select(Grid)
        .join(Area, Grid.area_id == Area.id)
        .where(
            intersects_box(Grid.boundary, lon - far, lat - far, lon + far, lat + far),
            Area.path.startswith(office.area_path, autoescape=True),
            in_force(Grid, day),
        )
    )
    return session.scalars(near.order_by(Grid.code))


def _metres_across(own: shapely.Geometry | None) -> float:
    if own is None:
        return LEAST_M
    west, south, east, north = shapely.bounds(own)
    half = max(-west, east, max(-south, north) * WIDTH / HEIGHT)
    return float(min(max(2.1 * half, LEAST_M), MOST_M))


def _outline(grid: Grid, shape: shapely.Geometry, scale: float, *, is_own: bool) -> Outline | None:
    """A grid around (0, 0) in metres as it is drawn; None where the drawing does not reach it."""
    drawn = shapely.transform(shape, lambda p: p * (scale, -scale) + (WIDTH / 2, HEIGHT / 2))
    seen = shapely.clip_by_rect(drawn, 0, 0, WIDTH, HEIGHT)
    if seen.is_empty or seen.area == 0:
        return None
    label = shapely.point_on_surface(seen)
    path = " ".join(_path(ring) for ring in _rings(seen))
    west, _south, east, _north = shapely.bounds(seen)
    name = grid.name if len(grid.name) * LETTER <= east - west else ""
    return Outline(name, path, (round(label.x, 1), round(label.y, 1)), is_own)


def _rings(shape: shapely.Geometry) -> Iterator[shapely.LinearRing]:
    for part in shapely.get_parts(shape):
        if isinstance(part, shapely.Polygon):
            yield part.exterior
            yield from part.interiors


def _path(ring: shapely.LinearRing) -> str:
    points = (f"{x:.1f},{y:.1f}" for x, y in shapely.get_coordinates(ring))
    return f"M{' L'.join(points)}Z"
