"""Which polygon holds a point: the edge rule of `gis.locate`, judged in the degrees given."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.cellindex import NONE, UNSURE, CellIndex

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

Inside = tuple[Ints, Ints]
"""Points that lie inside several polygons, each with each of these: indices of both."""
NEVER: Inside = (np.empty(0, np.int64), np.empty(0, np.int64))


class Membership:
    """The holder of each point among polygons; a raster spares most points the polygon test.

    Parameters
    ----------
    polygons
        Shapely Polygons or MultiPolygons in EPSG:4326, shape (g,).
    rank
        Shape (g,): on a shared edge the lowest goes first.

    Examples
    --------
    >>> sides = [0, 4, 5], [0, 0, 1], [4, 8, 6], [4, 4, 2]
    >>> boxes = shapely.box(*sides)
    >>> holders = Membership(boxes, np.array([1, 0, 2]))
    >>> index, inside = holders.of(np.array([4.0, 5.5, 9.0]), np.array([2.0, 1.5, 2.0]))
    >>> index.tolist(), inside[0].tolist(), sorted(inside[1].tolist())
    ([1, 2, -1], [1, 1], [1, 2])
    """

    def __init__(self, polygons: Shapes, rank: Ints) -> None:
        self._polygons, self._rank = polygons, rank
        self._tree = shapely.STRtree(polygons)
        self._size = _relative_areas(polygons)
        self._cells = CellIndex(polygons, self._only_holder) if len(polygons) else None

    def of(self, x: Floats, y: Floats) -> tuple[Indices, Inside]:
        """Index of the holder of each point, shape (n,), `NONE` for none; points inside several."""
        if self._cells is None:
            return np.full(len(x), NONE, np.int32), NEVER
        index = self._cells.lookup(x, y)
        unsure = np.flatnonzero(index == UNSURE)
        if not len(unsure):
            return index, NEVER
        index[unsure], (point, polygon) = self._ask_polygons(x[unsure], y[unsure])
        return index, (unsure[point], polygon)

    def surely_of(self, x: float, y: float) -> int:
        """Index of the one polygon that holds a finite point, where the raster alone tells it.

        ``NONE`` says nothing: in no polygon, or to be asked of them with `of`.
        """
        return max(self._cells.lookup_one(x, y), NONE) if self._cells else NONE

    def neighbourly(self, x: Floats, y: Floats) -> Ints:
        """An order of the points in which neighbours follow each other, shape (n,)."""
        if self._cells is None:
            return np.arange(len(x))
        return np.argsort(self._cells.number(x, y), kind="stable")

    def _ask_polygons(self, x: Floats, y: Floats) -> tuple[Indices, Inside]:
        index = np.full(len(x), NONE, np.int32)
        point, polygon = self._tree.query(shapely.points(x, y), predicate="intersects")
        index[point] = polygon
        several = np.bincount(point, minlength=len(x))[point] > 1
        if not several.any():
            return index, NEVER
        point, polygon = point[several], polygon[several]
        on_edge = ~shapely.contains_xy(self._polygons[polygon], x[point], y[point])
        size = np.where(on_edge, 0.0, self._size[polygon])
        first = np.lexsort((self._rank[polygon], size, on_edge, point))[::-1]
        index[point[first]] = polygon[first]
        inside = ~on_edge & (np.bincount(point[~on_edge], minlength=len(x))[point] > 1)
        return index, (point[inside], polygon[inside])

    def _only_holder(self, x: Floats, y: Floats) -> Indices:
        index, (several, _) = self._ask_polygons(x, y)
        index[several] = UNSURE
        return index


def _relative_areas(polygons: Shapes) -> Floats:
    """Areas good enough to tell the smaller: in degrees, scaled at the middle."""
    _, south, _, north = shapely.bounds(polygons).T
    return np.asarray(shapely.area(polygons) * np.cos(np.radians((south + north) / 2)))
