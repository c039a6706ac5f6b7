"""A raster over a set of polygons that answers most points without a polygon test."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

NONE = -1
"""The cell lies outside all polygons."""
UNSURE = -2
"""An edge passes through the cell, or nobody knows: ask the polygons."""
_UNKNOWN = -3
_CELLS_PER_POLYGON = 200
_FEWEST_CELLS, _MOST_CELLS = 100_000, 2_000_000
_ROUNDING_DEG = 1e-11
_WORTHWHILE = 0.01
_AT_ONCE = 500

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]


class CellIndex:
    """Cells that no edge touches, each with the one polygon (or none) that covers it.

    The answer is exact: a cell is the set of points that round to it, every piece of an edge marks
    all cells it can round to, and cells that touch without an edge between them lie in the same
    polygons. What is not proved stays ``UNSURE``.

    Parameters
    ----------
    polygons
        Shapely Polygons or MultiPolygons, shape (n,), n > 0; coordinates in degrees.
    holders
        Gives for x, y, shape (m,), the only polygon that holds each point, ``NONE``, or ``UNSURE``
        for several.

    Examples
    --------
    >>> cells = CellIndex(np.array([shapely.box(0, 0, 1, 1)]), lambda x, y: np.zeros(1, np.int32))
    >>> cells.lookup(np.array([0.5, 1.0, 7.0, np.nan]), np.array([0.5, 0.5, 0.5, 0.5]))
    array([ 0, -2, -1, -1], dtype=int32)
    """

    def __init__(
        self, polygons: NDArray[np.object_], holders: Callable[[Floats, Floats], Indices]
    ) -> None:
        self._frame(shapely.total_bounds(polygons), len(polygons))
        raster = np.full((self._rows, self._columns), _UNKNOWN, np.int32)
        raster[[0, -1], :] = NONE
        raster[:, [0, -1]] = NONE
        for start in range(0, len(polygons), _AT_ONCE):
            self._mark_edges(raster, polygons[start : start + _AT_ONCE])
        centres = shapely.centroid(polygons)
        x, y = shapely.get_x(centres), shapely.get_y(centres)
        row, column = self._row(y), self._column(x)
        free = raster[row, column] != UNSURE
        raster[row[free], column[free]] = holders(x[free], y[free])
        self._raster = _spread(raster).ravel()

    def lookup(self, x: Floats, y: Floats) -> Indices:
        """Index of the polygon, ``NONE`` or ``UNSURE`` for each point; NaN is ``NONE``."""
        return np.asarray(self._raster[self.number(x, y)])

    def lookup_one(self, x: float, y: float) -> int:
        """As `lookup` for one finite point."""
        row = min(max(int((y - self._south) / self._size_y), 0), self._rows - 1)
        column = min(max(int((x - self._west) / self._size_x), 0), self._columns - 1)
        return int(self._raster[row * self._columns + column])

    def number(self, x: Floats, y: Floats) -> NDArray[np.int64]:
        """Number of the cell of each point, row by row: points sorted by it are neighbours."""
        return self._row(y) * self._columns + self._column(x)

    def _frame(self, bounds: Floats, polygons: int) -> None:
        """Square cells over the bounds and a rim of cells that lies outside all polygons."""
        west, south, east, north = bounds
        shrink = math.cos(math.radians((south + north) / 2))
        width, height = (east - west) * shrink, north - south
        cells = min(max(_CELLS_PER_POLYGON * polygons, _FEWEST_CELLS), _MOST_CELLS)
        even = math.sqrt(width * height / cells)
        self._size_y = max(even, 10 * max(width, height) / cells)
        self._size_x = self._size_y / shrink
        self._west, self._south = west - 1.5 * self._size_x, south - 1.5 * self._size_y
        self._columns = int((east - west) / self._size_x) + 4
        self._rows = int((north - south) / self._size_y) + 4

    def _column(self, x: Floats) -> NDArray[np.int64]:
        return _cell(x, self._west, self._size_x, self._columns)

    def _row(self, y: Floats) -> NDArray[np.int64]:
        return _cell(y, self._south, self._size_y, self._rows)

    def _mark_edges(self, raster: Indices, polygons: NDArray[np.object_]) -> None:
        """Mark every cell of the box around each piece of an edge shorter than a cell."""
        rings = shapely.get_rings(shapely.get_parts(polygons))
        rings = shapely.segmentize(rings, 0.9 * min(self._size_x, self._size_y))
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        same = ring[1:] == ring[:-1]
        left, right = (self._column(xy[:, 0] + shift) for shift in (-_ROUNDING_DEG, _ROUNDING_DEG))
        below, above = (self._row(xy[:, 1] + shift) for shift in (-_ROUNDING_DEG, _ROUNDING_DEG))
        columns = np.minimum(left[1:], left[:-1])[same], np.maximum(right[1:], right[:-1])[same]
        rows = np.minimum(below[1:], below[:-1])[same], np.maximum(above[1:], above[:-1])[same]
        for row in rows:
            for column in columns:
                raster[row, column] = UNSURE


def _cell(value: Floats, start: float, size: float, count: int) -> NDArray[np.int64]:
    """Number of the cell, monotone in the value; beyond the frame the rim, and NaN too."""
    return np.fmin(np.fmax((value - start) / size, 0), count - 1).astype(np.int64)


def _spread(raster: Indices) -> Indices:
    """Let known cells tell their unknown neighbours for as long as that brings much."""
    unknown = np.count_nonzero(raster == _UNKNOWN)
    while True:
        for _ in range(2):
            _sweep(raster)
            _sweep(raster[::-1])
            raster = raster.T.copy()
        before, unknown = unknown, np.count_nonzero(raster == _UNKNOWN)
        if before - unknown <= _WORTHWHILE * raster.size:
            raster[raster == _UNKNOWN] = UNSURE
            return raster


def _sweep(rows: Indices) -> None:
    for before, row in pairwise(rows):
        np.copyto(row, before, where=(row == _UNKNOWN) & (before >= NONE))
