"""Cut polygons into parts of equal area that hang together and share their vertices."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

_TURNS = (math.pi / 2, math.pi / 4, -math.pi / 4)
"""Directions tried where a cut across the length leaves something loose, from the best."""
_HALVINGS = 40

Scale = tuple[float, float]
"""Metres for one degree of longitude and of latitude."""


class _Cut(NamedTuple):
    loose_area: float
    one: Polygon
    other: Polygon


def halve(part: Polygon, share: int, scale: Scale) -> Iterator[Polygon]:
    """Cut a polygon into so many of about one area, by halves.

    Parameters
    ----------
    part
        Valid shapely Polygon in EPSG:4326.
    share
        How many, 1 or more.
    scale
        Metres for a degree of longitude and of latitude.

    Yields
    ------
    Polygon
        Parts in one piece. A part may lack vertices that its neighbours have on the common edge:
        see :func:`share_vertices`.

    Examples
    --------
    >>> [round(part.area, 6) for part in halve(shapely.box(0, 0, 4, 1), 3, (1.0, 1.0))]
    [1.333333, 1.333333, 1.333333]
    """
    if share == 1:
        yield part
        return
    axis = _long_axis(part, scale)
    best = _cut_across(part, axis, (share // 2) / share, scale)
    for turn in _TURNS:
        if best.loose_area == 0:
            break
        cut = _cut_across(part, axis + turn, (share // 2) / share, scale)
        best = min(best, cut, key=lambda cut: cut.loose_area)
    first = min(max(round(share * best.one.area / part.area), 1), share - 1)
    yield from halve(best.one, first, scale)
    yield from halve(best.other, share - first, scale)


def share_vertices(shapes: Sequence[BaseGeometry], step_deg: float = 1e-11) -> list[BaseGeometry]:
    """Give neighbours the same vertices on their common edges.

    Parameters
    ----------
    shapes
        Polygons in EPSG:4326 that meet without gaps or overlaps but for a hundredth of the step.
    step_deg
        All vertices are rounded to multiples of it; 1e-11 degrees are a micrometre.

    Returns
    -------
    list of BaseGeometry
        The same shapes, a coverage to the last bit, by snap rounding (Hobby, 1999, Computational
        Geometry 13:199-214).

    Examples
    --------
    >>> low, left, right = shapely.box([0, 0, 1], [0, 1, 1], [2, 1, 2], [1, 2, 2])
    >>> len(share_vertices([low, left, right])[0].exterior.coords)
    6
    """
    noded = shapely.union_all(shapely.boundary(shapes), grid_size=step_deg)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    face, owner = shapely.STRtree(shapes).query(shapely.point_on_surface(faces), "within")
    return [shapely.coverage_union_all(faces[face[owner == own]]) for own in range(len(shapes))]


def _long_axis(part: Polygon, scale: Scale) -> float:
    """Direction of the longer side of the narrowest box around a part, in radians on the ground."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(_on_ground(part, scale)))
    sides = np.diff(corners[:3], axis=0)
    east, north = sides[np.hypot(*sides.T).argmax()]
    return math.atan2(north, east)


def _on_ground(shape: BaseGeometry, scale: Scale) -> BaseGeometry:
    return shapely.transform(shape, lambda degrees: degrees * scale)


def _cut_across(part: Polygon, axis: float, fraction: float, scale: Scale) -> _Cut:
    """Cut across an axis so that a fraction of the area comes first; both sides in one piece."""
    turned = rotate(_on_ground(part, scale), -axis, origin=(0, 0), use_radians=True)
    west, south, east, north = turned.bounds
    rim = (north - south) / 100
    low, high, whole = west, east, turned.area
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        before = shapely.clip_by_rect(turned, west - rim, south - rim, middle, north + rim).area
        low, high = (middle, high) if before < fraction * whole else (low, middle)
    line = LineString([(middle, south - rim), (middle, north + rim)])
    line = rotate(line, axis, origin=(0, 0), use_radians=True)
    pieces = _pieces(part, shapely.transform(line, lambda metres: metres / scale))
    inner = shapely.get_coordinates(shapely.point_on_surface(pieces)) * scale
    return _two_sides(pieces, inner @ (math.cos(axis), math.sin(axis)) < middle)


def _pieces(part: Polygon, line: LineString) -> NDArray[np.object_]:
    """What a line makes of a polygon; the pieces share the vertices on it."""
    noded = shapely.union_all([part.boundary, line])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return np.asarray(faces[shapely.contains(part, shapely.point_on_surface(faces))])


def _two_sides(pieces: NDArray[np.object_], before: NDArray[np.bool_]) -> _Cut:
    """Grow the largest piece of each side by the loose ones that touch it along an edge."""
    areas = shapely.area(pieces)
    seeds = [int(np.where(side, areas, -1).argmax()) for side in (before, ~before)]
    side = np.full(len(pieces), -1)
    side[seeds] = 0, 1
    while (side < 0).any():
        for loose in np.flatnonzero(side < 0):
            common = shapely.length(shapely.intersection(pieces, pieces[loose]))
            common[side < 0] = 0
            if common.any():
                side[loose] = side[common.argmax()]
    one, other = (shapely.coverage_union_all(pieces[side == number]) for number in (0, 1))
    return _Cut(float(areas[side == before].sum()), one, other)
