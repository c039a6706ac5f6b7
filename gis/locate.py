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
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.cellindex import NONE
from gis.conformal import geometries_to_map, metres_per_unit, to_map
from gis.coordinates import valid_lonlat
from gis.edgeindex import EdgeIndex
from gis.errors import GeoDataError, Reason
from gis.located import Located
from gis.membership import Membership

__all__ = ["NEAR_EDGE_M", "GridLocator", "Located"]

NEAR_EDGE_M = 10.0
_ZERO_M = 1e-6
"""Distances below a micrometre are zero: the map's own rounding is a nanometre."""

_INSIDE = -1.0
"""Stands for the distance to a grid that holds the point inside, till near edges are flagged."""
_BLOCK = 50_000

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
Ints = NDArray[np.int64]
Pairs = tuple[Ints, Ints, Floats]
"""Points, other grids and the metres between them, shape (m,); points and grids by index."""
T = TypeVar("T")
_NO_PAIRS: Pairs = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


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
        self.ids: Ints = np.asarray(ids, np.int64).ravel()
        self._ids_or_none: Ints = np.append(self.ids, -1)
        self.near_edge_m = near_edge_m
        polygons = np.asarray(geometries, object).ravel()
        keys = self.ids if order is None else np.asarray(order).ravel()
        _check(self.ids, polygons, keys)
        # West, south, east and north of all grids in degrees; None without any.
        self.bounds: tuple[float, float, float, float] | None = None
        if len(polygons):
            self.bounds = tuple(shapely.total_bounds(polygons).tolist())
        self._rank = np.empty(len(keys), np.int64)
        self._rank[np.lexsort((self.ids, keys))] = np.arange(len(keys))
        self._holders = Membership(polygons, self._rank)
        self._edges = EdgeIndex(polygons, geometries_to_map)

    def membership(self, lon: ArrayLike, lat: ArrayLike) -> Ints:
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

        def work(block: Ints) -> None:
            index[block] = self._holders.of(x[block], y[block])[0]

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
        metres, overlapping = np.empty(len(x)), np.zeros(len(x), np.bool_)

        def work(block: Ints) -> Pairs:
            found = self._locate_block(x[block], y[block], margin[block])
            index[block], nearest[block], metres[block], inside, pairs = found
            overlapping[block[inside]] = True
            return block[pairs[0]], *pairs[1:]

        point, grid, gap = _join(self._in_blocks(work, x, y))
        near_edge = metres <= margin
        near_edge[point[gap > _INSIDE]] = True
        point, grid, gap = _first(k_candidates, point, grid, gap)
        return Located(
            grid_id=self._id_of(index),
            edge_distance_m=metres,
            near_edge=near_edge,
            overlapping=overlapping,
            nearest_id=self._id_of(nearest),
            candidate_offsets=np.searchsorted(point, np.arange(len(x) + 1)),
            candidate_ids=self._id_of(grid),
            candidate_distances_m=np.maximum(gap, 0),
        )

    def deep_inside(self, lon: float, lat: float, margin_m: float) -> tuple[int, float] | None:
        """Grid of one point that is farther than the margin from all edges, and metres to its own.

        What `locate` says of most points, for a quarter of what asking it of one point costs.

        Parameters
        ----------
        lon, lat
            WGS-84 degrees, a place on Earth.
        margin_m
            Metres, 0 or more.

        Returns
        -------
        tuple of int and float, or None
            None where only `locate` can tell: near an edge, in several grids or in none.

        Examples
        --------
        >>> locator = GridLocator([7], [shapely.box(106.0, 38.0, 106.01, 38.01)])
        >>> grid, metres = locator.deep_inside(106.005, 38.005, 10)
        >>> grid, round(metres)
        (7, 439)
        >>> locator.deep_inside(106.00001, 38.005, 10) is None
        True
        """
        index = self._holders.surely_of(lon, lat)
        if index == NONE or abs(lat) >= 90:
            return None
        x, y = np.array(lon), np.array(lat)
        scale = float(metres_per_unit(y))
        far = self._edges.farther_than(max(margin_m, _ZERO_M) / scale, to_map(x, y), index)
        return None if far is None else (int(self.ids[index]), far * scale)

    def _in_blocks(self, work: Callable[[Ints], T], x: Floats, y: Floats) -> list[T]:
        """Hand out the points in blocks of neighbours; GEOS lets the threads run side by side."""
        if len(x) <= _BLOCK:
            return [work(np.arange(len(x)))]
        order = self._holders.neighbourly(x, y)
        blocks = [order[start : start + _BLOCK] for start in range(0, len(x), _BLOCK)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(work, blocks))

    def _locate_block(
        self, x: Floats, y: Floats, margin: Floats
    ) -> tuple[Indices, Indices, Floats, Ints, Pairs]:
        """Index of the grid and of the nearest, metres, points inside several, candidates."""
        index, inside = self._holders.of(x, y)
        place = valid_lonlat(x, y) & (np.abs(y) < 90)
        if not len(self.ids):
            return index, index, np.where(place, np.inf, np.nan), inside[0], _NO_PAIRS
        spots = shapely.points(*to_map(x, y))
        scale = metres_per_unit(np.where(place, y, np.nan))
        metres = np.full(len(x), np.nan)

        point, grid, gap = self._edges.within(spots, margin / scale)
        gap *= scale[point]
        own = grid == index[point]
        np.fmin.at(metres, point[own], gap[own])
        deep = np.flatnonzero((index != NONE) & np.isnan(metres))
        metres[deep] = self._edges.distance(spots[deep], index[deep]) * scale[deep]

        nearest = np.full(len(x), NONE, np.int32)
        outside = np.flatnonzero((index == NONE) & place)
        if len(outside):
            spot, closest, far = self._edges.nearest(spots[outside])
            last_wins = np.lexsort((self._rank[closest], spot))[::-1]
            nearest[outside[spot[last_wins]]] = closest[last_wins]
            metres[outside[spot]] = far * scale[outside[spot]]

        if not len(inside[0]) and own.all():  # as nearly always, of one point
            return index, nearest, metres, inside[0], _NO_PAIRS
        others = inside[1] != index[inside[0]]
        holders = inside[0][others], inside[1][others], np.full(others.sum(), _INSIDE)
        pairs = _join([holders, (point[~own], grid[~own], gap[~own])])
        return index, nearest, metres, inside[0], self._candidates(*pairs)

    def _candidates(self, point: Ints, grid: Ints, gap: Floats) -> Pairs:
        """Each other grid of each point once, with the least distance, nearest first."""
        gap[(gap > 0) & (gap < _ZERO_M)] = 0
        order = np.lexsort((gap, self._rank[grid], point))
        point, grid, gap = point[order], grid[order], gap[order]
        once = np.append(True, (np.diff(point) != 0) | (np.diff(grid) != 0))[: len(point)]
        point, grid, gap = point[once], grid[once], gap[once]
        order = np.lexsort((self._rank[grid], gap, point))
        return point[order], grid[order], gap[order]

    def _margin(self, margin_m: ArrayLike | None, n: int) -> Floats:
        given = self.near_edge_m if margin_m is None else margin_m
        margin = np.full(n, given, np.float64)
        if not (margin >= 0).all():
            raise GeoDataError(
                Reason.BAD_ARGUMENT,
                f"The margin is {margin[~(margin >= 0)][0]} m: it must be 0 m or more.",
            )
        return np.maximum(margin, _ZERO_M)

    def _id_of(self, index: NDArray[np.signedinteger]) -> Ints:
        found: Ints = self._ids_or_none[index]
        return found


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


def _check(ids: Ints, polygons: NDArray[np.object_], keys: NDArray[np.generic]) -> None:
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
    kinds = np.isin(shapely.get_type_id(polygons), (3, 6)) & (shapely.area(polygons) > 0)
    west, south, east, north = shapely.bounds(polygons).T
    kinds &= valid_lonlat(west, south) & valid_lonlat(east, north)
    if not kinds.all():
        wrong = int(ids[~kinds][0])
        raise GeoDataError(
            Reason.BAD_GEOMETRY,
            f"Grid {wrong} is not a polygon in degrees (EPSG:4326): give a Polygon or MultiPolygon "
            "that has an area.",
            feature=wrong,
        )


def _join(parts: list[Pairs]) -> Pairs:
    """All pairs by point; those of one point stay in their order."""
    if not any(len(point) for point, _, _ in parts):
        return _NO_PAIRS
    point, grid, gap = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(point, kind="stable")
    return point[order], grid[order], gap[order]


def _first(k: int | None, point: Ints, grid: Ints, gap: Floats) -> Pairs:
    """At most k pairs of each point."""
    if k is None:
        return point, grid, gap
    kept = np.arange(len(point)) - np.searchsorted(point, point) < k
    return point[kept], grid[kept], gap[kept]
