"""How far points are from the edges of polygons, on a plane."""

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

_PIECE_SEGMENTS = 24
_AT_ONCE = 500
"""Polygons prepared together: a worker's memory keeps the size of its largest temporary."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


class EdgeIndex:
    """The edges of polygons, cut into short pieces in a search tree.

    Kept once: whole edges beside the pieces would take 35 MB for 10,000 grids of 140 vertices.

    Parameters
    ----------
    polygons
        Shapely Polygons or MultiPolygons, shape (g,).
    flatten
        Puts polygons on the plane whose units the distances have.

    Examples
    --------
    >>> boxes = np.array([shapely.box(0, 0, 4, 4), shapely.box(4, 0, 8, 4)])
    >>> edges = EdgeIndex(boxes, lambda polygons: polygons)
    >>> spots = shapely.points([[3, 2], [9, 2]])
    >>> [column.tolist() for column in edges.within(spots, np.array([1.5, 0.5]))]
    [[0, 0], [0, 1], [1.0, 1.0]]
    >>> [column.tolist() for column in edges.nearest(spots[1:])]
    [[0], [1], [1.0]]
    """

    def __init__(self, polygons: Shapes, flatten: Callable[[Shapes], Shapes]) -> None:
        pieces, owners = [np.empty(0, object)], [np.empty(0, np.int64)]
        for start in range(0, len(polygons), _AT_ONCE):
            piece, owner = _cut(flatten(polygons[start : start + _AT_ONCE]))
            pieces.append(piece)
            owners.append(owner + start)
        self._pieces, self._owner = np.concatenate(pieces), np.concatenate(owners)
        self._first = np.searchsorted(self._owner, np.arange(len(polygons) + 1))
        self._tree = shapely.STRtree(self._pieces)

    def distance(self, spots: Shapes, polygon: NDArray[np.integer]) -> Floats:
        """Distance of each spot, shape (n,), to the edge of the polygon named beside it."""
        asked, at = np.unique(polygon, return_inverse=True)
        first, count = self._first[asked], np.diff(self._first)[asked]
        edge = np.repeat(np.arange(len(asked)), count)
        piece = np.arange(len(edge)) + (first - np.cumsum(count) + count)[edge]
        edges = shapely.multilinestrings(self._pieces[piece], indices=edge)
        return np.asarray(shapely.distance(spots, edges[at]))

    def within(self, spots: Shapes, reach: Floats) -> tuple[Ints, Ints, Floats]:
        """All polygons whose edge is within reach of the spots, both of shape (n,).

        Returns
        -------
        tuple of ndarray
            Spot, polygon and distance, shape (m,); a polygon may come several times for a spot,
            once with its true distance.
        """
        spot, piece = self._tree.query(spots, predicate="dwithin", distance=reach)
        gap = shapely.distance(spots[spot], self._pieces[piece])
        return spot, self._owner[piece], gap

    def farther_than(self, reach: float, xy: tuple[Floats, Floats], polygon: int) -> float | None:
        """Distance of one spot to the edge of its polygon; None if any edge is within reach."""
        spot = shapely.points(*xy)
        if len(self._tree.query(spot, predicate="dwithin", distance=reach)):
            return None
        own = self._pieces[self._first[polygon] : self._first[polygon + 1]]
        return float(shapely.distance(spot, own).min())

    def nearest(self, spots: Shapes) -> tuple[Ints, Ints, Floats]:
        """The polygon with the nearest edge, and others only where they are as near.

        Returns
        -------
        tuple of ndarray
            Spot, polygon and distance, shape (m,).
        """
        (spot, piece), gap = self._tree.query_nearest(spots, return_distance=True)
        return spot, self._owner[piece], gap


def _cut(polygons: Shapes) -> tuple[Shapes, Ints]:
    """Lines of at most `_PIECE_SEGMENTS` segments, and the polygon of each."""
    parts, polygon_of_part = shapely.get_parts(polygons, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    segment = np.flatnonzero(ring[1:] == ring[:-1])
    place = segment - np.searchsorted(ring, ring[segment])
    starts = np.flatnonzero(place % _PIECE_SEGMENTS == 0)
    vertices = np.diff(np.append(starts, len(segment))) + 1
    piece = np.repeat(np.arange(len(starts)), vertices)
    place = np.arange(len(piece)) - np.repeat(np.cumsum(vertices) - vertices, vertices)
    corner = segment[starts][piece] + place
    owner = polygon_of_part[part_of_ring[ring[segment[starts]]]]
    return shapely.linestrings(xy[corner], indices=piece), owner
