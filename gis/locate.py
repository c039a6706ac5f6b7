"""Points to grids: which grid, how near its edge, and which neighbours nearly won.

The edge rule. A grid holds the points inside it and on its edge.

1. A grid that holds the point inside goes before one that has it on its edge.
2. Of several that hold it inside (they overlap) the smaller goes first: who draws a small area
   over a large one means the exception.
3. Else, and between equals, the grid that comes first in the caller's order, such as that of codes.

So every point has one grid whatever the order in which grids or points come. Membership is judged
in EPSG:4326, where edges are straight; distances are metres on the ground (see `gis.conformal`).
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.cellindex import NONE, UNSURE, CellIndex
from gis.conformal import geometries_to_map, metres_per_unit, to_map
from gis.coordinates import valid_lonlat
from gis.edgeindex import EdgeIndex
from gis.errors import GeoDataError, Reason

NEAR_EDGE_M = 10.0
_ZERO_M = 1e-6
"""Distances below a micrometre are zero: the map's own rounding is a nanometre."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Indices = NDArray[np.int32]
Holders = tuple[Ids, Ids]
Pairs = tuple[Ids, Ids, Floats]
T = TypeVar("T")
_NO_PAIRS: Pairs = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
_BLOCK = 50_000


@dataclass(frozen=True, slots=True)
class Located:
    """Where n points lie: one array a fact, each of shape (n,) unless said otherwise.

    Attributes
    ----------
    grid_id
        The grid, -1 for none.
    edge_distance_m
        Metres to the edge of that grid; for a point outside all, to the nearest grid; NaN for what
        is no place on Earth, infinite if there are no grids.
    near_edge
        Within the margin of that edge, or of a grid that does not hold the point: a fix a little
        better could answer otherwise.
    overlapping
        Inside more than one grid.
    nearest_id
        For a point outside all the nearest grid, else -1.
    candidate_offsets
        Shape (n + 1,): the candidates of point i are ``candidate_ids[offsets[i]:offsets[i + 1]]``.
    candidate_ids, candidate_distances_m
        Shape (m,): other grids within the margin, nearest first; 0 m for those that hold it.
    """

    grid_id: Ids
    edge_distance_m: Floats
    near_edge: Bools
    overlapping: Bools
    nearest_id: Ids
    candidate_offsets: Ids
    candidate_ids: Ids
    candidate_distances_m: Floats

    def candidates(self, point: int) -> list[tuple[int, float]]:
        """Candidates of one point as (grid id, metres), nearest first."""
        part = slice(self.candidate_offsets[point], self.candidate_offsets[point + 1])
        ids, metres = self.candidate_ids[part], self.candidate_distances_m[part]
        return list(zip(ids.tolist(), metres.tolist(), strict=True))


class GridLocator:
    """Finds the grid of points; built once, asked often, safe to share between threads.

    Parameters
    ----------
    ids
        Shape (g,), different, not negative.
    geometries
        Shape (g,): valid shapely Polygons or MultiPolygons in EPSG:4326.
    order
        Shape (g,): sortable values that say who goes first on a shared edge, such as codes;
        by default the ids.
    near_edge_m
        Margin in metres where a call gives none.

    Raises
    ------
    GeoDataError
        ``bad_argument`` for arrays that do not fit, ``bad_geometry`` for what is not a polygon in
        degrees.

    Examples
    --------
    >>> west, east = [106.0, 38.0, 106.001, 38.001], [106.001, 38.0, 106.002, 38.001]
    >>> locator = GridLocator([7, 8], [shapely.box(*west), shapely.box(*east)])
    >>> found = locator.locate([106.00095, 106.001, 106.003], [38.0005, 38.0005, 38.0005])
    >>> found.grid_id, found.nearest_id
    (array([ 7,  7, -1]), array([-1, -1,  8]))
    >>> found.edge_distance_m.round(2)
    array([ 4.39,  0.  , 87.83])
    >>> [(grid, round(metres, 2)) for grid, metres in found.candidates(0)], found.candidates(2)
    ([(8, 4.39)], [])
    """

    def __init__(
        self,
        ids: ArrayLike,
        geometries: ArrayLike,
        *,
        order: ArrayLike | None = None,
        near_edge_m: float = NEAR_EDGE_M,
    ) -> None:
        self.ids: Ids = np.asarray(ids, np.int64).ravel()
        self.near_edge_m = near_edge_m
        self._polygons = np.asarray(geometries, object).ravel()
        keys = self.ids if order is None else np.asarray(order).ravel()
        _check(self.ids, self._polygons, keys)
        self._rank = np.empty(len(keys), np.int64)
        self._rank[np.lexsort((self.ids, keys))] = np.arange(len(keys))
        self._tree = shapely.STRtree(self._polygons)
        self._area = _relative_areas(self._polygons)
        self._edges = EdgeIndex(self._polygons, geometries_to_map)
        self._cells = CellIndex(self._polygons, self._only_holder) if len(keys) else None

    def membership(self, lon: ArrayLike, lat: ArrayLike) -> Ids:
        """Grid of each point, and nothing else.

        Parameters
        ----------
        lon, lat
            WGS-84 degrees, shape (n,) or scalars.

        Returns
        -------
        ndarray
            Grid ids, shape (n,); -1 for none and for what is no place on Earth.
        """
        x, y = _points(lon, lat)
        index = np.empty(len(x), np.int32)

        def work(block: Ids) -> None:
            index[block] = self._hold(x[block], y[block])[0]

        self._in_blocks(work, x, y)
        return self._id_of(index)

    def locate(
        self,
        lon: ArrayLike,
        lat: ArrayLike,
        *,
        margin_m: ArrayLike | None = None,
        k_candidates: int | None = None,
    ) -> Located:
        """Grid of each point, its distance to the edge and the neighbours that nearly won.

        Parameters
        ----------
        lon, lat
            WGS-84 degrees, shape (n,) or scalars.
        margin_m
            Metres, scalar or shape (n,): what counts as near the edge; wider for a shifted datum
            or an inaccurate device. By default that of the locator.
        k_candidates
            At most so many candidates a point; by default all.

        Returns
        -------
        Located
        """
        x, y = _points(lon, lat)
        margin = self._margin(margin_m, len(x))
        index, nearest = np.empty(len(x), np.int32), np.empty(len(x), np.int32)
        metres, overlapping = np.empty(len(x)), np.empty(len(x), np.bool_)

        def work(block: Ids) -> Pairs:
            found = self._locate_block(x[block], y[block], margin[block])
            index[block], nearest[block], metres[block], overlapping[block], pairs = found
            return block[pairs[0]], *pairs[1:]

        point, grid, gap = _join_pairs(self._in_blocks(work, x, y), k_candidates)
        near = metres <= margin
        near[point[gap > 0]] = True
        return Located(
            grid_id=self._id_of(index),
            edge_distance_m=metres,
            near_edge=near,
            overlapping=overlapping,
            nearest_id=self._id_of(nearest),
            candidate_offsets=np.searchsorted(point, np.arange(len(x) + 1)),
            candidate_ids=self._id_of(grid),
            candidate_distances_m=gap,
        )

    def _in_blocks(self, work: Callable[[Ids], T], x: Floats, y: Floats) -> list[T]:
        """Hand out the points in blocks of neighbours; GEOS lets the threads run side by side."""
        if len(x) <= _BLOCK or self._cells is None:
            return [work(np.arange(len(x)))]
        order = np.argsort(self._cells.number(x, y), kind="stable")
        blocks = [order[start : start + _BLOCK] for start in range(0, len(x), _BLOCK)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(work, blocks))

    def _locate_block(
        self, x: Floats, y: Floats, margin: Floats
    ) -> tuple[Indices, Indices, Floats, Bools, Pairs]:
        """Index of the grid, of the nearest, metres to the edge, inside several, candidates."""
        index, inside = self._hold(x, y)
        overlapping = np.zeros(len(x), np.bool_)
        overlapping[inside[0]] = True
        nearest = np.full(len(x), NONE, np.int32)
        metres = np.full(len(x), np.nan if len(self.ids) else np.inf)
        place = valid_lonlat(x, y) & (np.abs(y) < 90)
        metres[~place] = np.nan
        if not len(self.ids):
            return index, nearest, metres, overlapping, _NO_PAIRS
        spots = shapely.points(*to_map(x, y))
        scale = metres_per_unit(np.where(place, y, np.nan))
        point, grid, gap = self._edges.within(spots, margin / scale)
        gap *= scale[point]
        own = grid == index[point]
        np.fmin.at(metres, point[own], gap[own])

        deep = np.flatnonzero((index >= 0) & np.isnan(metres))
        metres[deep] = self._edges.distance(spots[deep], index[deep]) * scale[deep]
        outside = np.flatnonzero((index == NONE) & place)
        spot, near, far = self._edges.nearest(spots[outside])
        first = np.lexsort((self._rank[near], spot))[::-1]
        nearest[outside[spot[first]]] = near[first]
        metres[outside[spot]] = far * scale[outside[spot]]
        pairs = self._candidates(index, inside, (point[~own], grid[~own], gap[~own]))
        return index, nearest, metres, overlapping, pairs

    def _candidates(self, index: Indices, inside: Holders, near: Pairs) -> Pairs:
        """Other grids that hold the points or have their edge near, once each, nearest first."""
        others = inside[1] != index[inside[0]]
        point = np.append(inside[0][others], near[0])
        grid = np.append(inside[1][others], near[1])
        gap = np.append(np.zeros(others.sum()), near[2])
        gap[gap < _ZERO_M] = 0.0
        order = np.lexsort((gap, self._rank[grid], point))
        point, grid, gap = point[order], grid[order], gap[order]
        once = np.append(True, (np.diff(point) != 0) | (np.diff(grid) != 0))[: len(point)]
        point, grid, gap = point[once], grid[once], gap[once]
        order = np.lexsort((self._rank[grid], gap, point))
        return point[order], grid[order], gap[order]

    def _hold(self, x: Floats, y: Floats) -> tuple[Indices, Holders]:
        """Index of the grid of each point; for points inside several, each with each of them."""
        if self._cells is None:
            return np.full(len(x), NONE, np.int32), _NO_PAIRS[:2]
        index = self._cells.lookup(x, y)
        unsure = np.flatnonzero(index == UNSURE)
        if not len(unsure):
            return index, _NO_PAIRS[:2]
        index[unsure], (point, grid) = self._ask_polygons(x[unsure], y[unsure])
        return index, (unsure[point], grid)

    def _ask_polygons(self, x: Floats, y: Floats) -> tuple[Indices, Holders]:
        index = np.full(len(x), NONE, np.int32)
        point, grid = self._tree.query(shapely.points(x, y), predicate="intersects")
        index[point] = grid
        several = np.bincount(point, minlength=len(x))[point] > 1
        if not several.any():
            return index, _NO_PAIRS[:2]
        point, grid = point[several], grid[several]
        on_edge = ~shapely.contains_xy(self._polygons[grid], x[point], y[point])
        size = np.where(on_edge, 0.0, self._area[grid])
        first = np.lexsort((self._rank[grid], size, on_edge, point))[::-1]
        index[point[first]] = grid[first]
        inside = ~on_edge & (np.bincount(point[~on_edge], minlength=len(x))[point] > 1)
        return index, (point[inside], grid[inside])

    def _only_holder(self, x: Floats, y: Floats) -> Indices:
        index, (inside, _) = self._ask_polygons(x, y)
        index[inside] = UNSURE
        return index

    def _margin(self, margin_m: ArrayLike | None, n: int) -> Floats:
        given = self.near_edge_m if margin_m is None else margin_m
        margin = np.broadcast_to(np.asarray(given, np.float64), (n,))
        if not (margin >= 0).all():
            raise GeoDataError(
                Reason.BAD_ARGUMENT,
                f"The margin is {margin[~(margin >= 0)][0]} m: it must be 0 m or more.",
            )
        return np.maximum(margin, _ZERO_M)

    def _id_of(self, index: NDArray[np.signedinteger]) -> Ids:
        return np.asarray(np.append(self.ids, -1)[index])


def _points(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    x = np.atleast_1d(np.asarray(lon, np.float64))
    y = np.atleast_1d(np.asarray(lat, np.float64))
    if x.shape != y.shape or x.ndim != 1:
        raise GeoDataError(
            Reason.BAD_ARGUMENT,
            f"Longitudes have shape {x.shape} and latitudes {y.shape}: give one row of each, "
            "equally long.",
        )
    return x, y


def _check(ids: Ids, polygons: NDArray[np.object_], keys: NDArray[np.generic]) -> None:
    if not len(ids) == len(polygons) == len(keys):
        raise GeoDataError(
            Reason.BAD_ARGUMENT,
            f"There are {len(ids)} ids, {len(polygons)} geometries and {len(keys)} places in the "
            "order: give one of each for every grid.",
        )
    if len(np.unique(ids)) < len(ids) or (ids < 0).any():
        raise GeoDataError(
            Reason.BAD_ARGUMENT, "Grid ids must be different and not negative: -1 means no grid."
        )
    kinds = np.isin(shapely.get_type_id(polygons), (3, 6)) & ~shapely.is_empty(polygons)
    west, south, east, north = shapely.bounds(polygons).T
    kinds &= valid_lonlat(west, south) & valid_lonlat(east, north)
    if not kinds.all():
        wrong = int(ids[~kinds][0])
        raise GeoDataError(
            Reason.BAD_GEOMETRY,
            f"Grid {wrong} is not a polygon in degrees (EPSG:4326): give a Polygon or MultiPolygon "
            "that is not empty.",
            feature=wrong,
        )


def _relative_areas(polygons: NDArray[np.object_]) -> Floats:
    """Areas good enough to tell the smaller: in degrees, scaled at the middle."""
    _, south, _, north = shapely.bounds(polygons).T
    return np.asarray(shapely.area(polygons) * np.cos(np.radians((south + north) / 2)))


def _join_pairs(parts: list[Pairs], k: int | None) -> Pairs:
    """Candidates of all blocks by point, at most k of each."""
    point, grid, gap = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(point, kind="stable")
    point, grid, gap = point[order], grid[order], gap[order]
    if k is None:
        return point, grid, gap
    kept = np.arange(len(point)) - np.searchsorted(point, point) < k
    return point[kept], grid[kept], gap[kept]
