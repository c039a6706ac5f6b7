"""Which places are neighbours of which: the weights of spatial statistics, as sparse rows."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.errors import GeoDataError, Reason

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOUCHING_M = 1.0
"""Outlines that come as near as this are neighbours: drawn boundaries overlap and leave gaps."""
MOST_PAIRS = 20_000_000
"""More pairs of neighbours than this are refused: they would take 240 MB."""


@dataclass(frozen=True, eq=False)
class Weights:
    """Neighbours of n places, without the place itself, in compressed sparse rows.

    Attributes
    ----------
    indptr
        Shape ``(n + 1,)``: the neighbours of place i are ``indices[indptr[i]:indptr[i + 1]]``.
    indices
        Shape ``(m,)``: positions of places, ascending within each row.
    data
        Shape ``(m,)``: their weights; None if each is 1, as in all that this module makes.
    rule
        What makes two places neighbours, such as "queen:1" (outlines within 1 m) or "band:1000".

    Examples
    --------
    >>> row_of_three = Weights.of_pairs(3, [0, 1, 1, 2], [1, 0, 2, 1], "by hand")
    >>> row_of_three.lag([10.0, 20.0, 40.0])
    array([20., 50., 20.])
    """

    indptr: Ints
    indices: NDArray[np.int32]
    data: Floats | None = None
    rule: str = ""

    @classmethod
    def of_pairs(
        cls,
        n: int,
        places: ArrayLike,
        neighbours: ArrayLike,
        rule: str,
        data: ArrayLike | None = None,
    ) -> "Weights":
        """Weights of n places from pairs of positions in any order; pairs of equals are left out.

        Raises
        ------
        GeoDataError
            ``bad_argument``: a position that is none of the n, or a pair that is given twice.
        """
        head, tail = np.asarray(places, np.int64), np.asarray(neighbours, np.int64)
        if len(head) and not (0 <= min(head.min(), tail.min()) <= max(head.max(), tail.max()) < n):
            raise _bad(f"Neighbours are numbered beyond the {n:,} places: use 0 to {n - 1:,}.")
        own = head == tail
        order = np.lexsort((tail, head))
        order = order[~own[order]]
        head, tail = head[order], tail[order]
        if np.any((np.diff(head) == 0) & (np.diff(tail) == 0)):
            raise _bad("A pair of neighbours is given twice: give each pair once.")
        indptr = np.zeros(n + 1, np.int64)
        np.cumsum(np.bincount(head, minlength=n), out=indptr[1:])
        values = None if data is None else np.asarray(data, np.float64)[order]
        return cls(indptr, tail.astype(np.int32), values, rule)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @cached_property
    def cardinalities(self) -> Ints:
        """How many neighbours each place has, shape ``(n,)``."""
        return np.diff(self.indptr)

    @property
    def islands(self) -> Ints:
        """Positions of the places without neighbours: to be named, never dropped."""
        return np.flatnonzero(self.cardinalities == 0)

    @cached_property
    def sums(self) -> tuple[Floats, Floats]:
        """Sum of the weights, and of their squares, of each place; both of shape ``(n,)``."""
        if self.data is None:
            ones = self.cardinalities.astype(np.float64)
            return ones, ones
        return self._by_row(self.data), self._by_row(self.data**2)

    def lag(self, values: ArrayLike) -> Floats:
        """The weighted sum of the neighbours' values: the product of the sparse matrix.

        Parameters
        ----------
        values
            Shape ``(n,)``, or ``(n, k)`` for k vectors at once.

        Returns
        -------
        array of the same shape
            0 for a place without neighbours.
        """
        x = np.asarray(values, np.float64)
        if x.shape[0] != len(self):
            raise _bad(f"There are {x.shape[0]:,} values for {len(self):,} places: give one each.")
        if x.ndim == 1:
            near = x.take(self.indices)
            return self._by_row(near if self.data is None else near * self.data)
        return np.stack([self.lag(column) for column in np.ascontiguousarray(x.T)], axis=1)

    def only(self, chosen: NDArray[np.bool_]) -> "Weights":
        """The weights among some of the places, in their order."""
        place = np.cumsum(chosen) - 1
        head = np.repeat(np.arange(len(self)), self.cardinalities)
        both = chosen[head] & chosen[self.indices]
        data = None if self.data is None else self.data[both]
        pairs = place[head[both]], place[self.indices[both]]
        return Weights.of_pairs(int(np.count_nonzero(chosen)), *pairs, self.rule, data)

    def to_bytes(self) -> bytes:
        """A compact form to keep; :meth:`from_bytes` reads it."""
        arrays: dict[str, Any] = {
            "cardinalities": self.cardinalities.astype(np.int32),
            # Steps between neighbours are small numbers and take a fifth of the room.
            "steps": np.diff(self.indices, prepend=np.int32(0)),
            "rule": np.array(self.rule),
        }
        if self.data is not None:
            arrays["data"] = self.data
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, kept: bytes) -> "Weights":
        """Weights as :meth:`to_bytes` wrote them.

        Raises
        ------
        GeoDataError
            ``broken_file``.
        """
        try:
            with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
                cardinalities, steps = arrays["cardinalities"], arrays["steps"]
                data = arrays.get("data")
                rule = str(arrays["rule"])
            indptr = np.concatenate([[0], np.cumsum(cardinalities, dtype=np.int64)])
            indices = np.cumsum(steps, dtype=np.int32)
            fits = indptr[-1] == len(indices) and np.all(
                (indices >= 0) & (indices < len(cardinalities))
            )
            if not fits or (data is not None and len(data) != len(indices)):
                raise ValueError("rows and neighbours do not fit each other")
        except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise GeoDataError(
                Reason.BROKEN_FILE, "The kept neighbours cannot be read: work them out anew."
            ) from error
        return cls(indptr, indices, data, rule)

    def to_graph(self) -> Any:
        """The same as a ``libpysal.graph.Graph``, which `esda` takes; a place's id is its position.

        Loads libpysal: about a second and 90 MB, once a process.
        """
        from libpysal.graph import Graph

        head = np.repeat(np.arange(len(self)), self.cardinalities)
        weight = np.ones(len(head)) if self.data is None else self.data
        islands = self.islands  # libpysal's form of them: neighbours of themselves, with weight 0
        order = np.argsort(np.concatenate([head, islands]), kind="stable")
        return Graph.from_arrays(
            np.concatenate([head, islands])[order],
            np.concatenate([self.indices, islands])[order],
            np.concatenate([weight, np.zeros(len(islands))])[order],
        )

    def _by_row(self, values: Floats) -> Floats:
        """Sums of consecutive values, one for each place."""
        sums = np.zeros(len(self))
        filled = self.cardinalities > 0  # reduceat gives an empty row the next one's first value
        if filled.any():
            sums[filled] = np.add.reduceat(values, self.indptr[:-1][filled])
        return sums


def queen(shapes: NDArray[np.object_], tolerance_m: float = TOUCHING_M) -> Weights:
    """Places are neighbours if their outlines touch, at a line or a point.

    Equal to ``libpysal.graph.Graph.build_contiguity(rook=False)`` where neighbours share vertices.
    Real outlines seldom do: they overlap a little or leave gaps, and would all be islands. So
    outlines within `tolerance_m` of each other touch, as with libpysal's fuzzy contiguity (which
    buffers the shapes), but measured exactly.

    Parameters
    ----------
    shapes
        Polygons or multipolygons, shape ``(n,)``, in a metric CRS.
    tolerance_m
        Metres, 0 or more.

    Raises
    ------
    GeoDataError
        ``bad_geometry`` if one is missing or empty, ``crs_mismatch`` if they are in degrees,
        ``too_many`` from :func:`distance_band`.
    """
    shapes = np.asarray(shapes, dtype=object)
    for at in np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes)):
        raise GeoDataError(
            Reason.BAD_GEOMETRY, f"Place {at} has no outline: it cannot have neighbours.",
            feature=int(at),
        )  # fmt: skip
    if not 0 <= tolerance_m < np.inf:
        raise _bad(f"{tolerance_m:g} m is no distance between outlines: give 0 or more.")
    if len(shapes):
        check_metric(shapely.total_bounds(shapes))
    return _within(shapes, tolerance_m, f"queen:{tolerance_m:g}")


def distance_band(points: ArrayLike, metres: float) -> Weights:
    """Places are neighbours if their points are at most so many metres apart.

    Equal to ``libpysal.graph.Graph.build_distance_band(threshold=metres, binary=True)``.

    Parameters
    ----------
    points
        Shape ``(n, 2)``: x and y in a metric CRS, such as the places' centroids.
    metres
        Greater than 0; a distance of just as much counts.

    Raises
    ------
    GeoDataError
        ``bad_coordinates`` if one is not finite, ``crs_mismatch`` if they are in degrees,
        ``too_many`` if there would be more than 20 million pairs.

    Examples
    --------
    >>> distance_band([[0, 0], [300, 0], [600, 0], [5000, 0]], 300).cardinalities
    array([1, 2, 1, 0])
    """
    xy = np.asarray(points, np.float64).reshape(-1, 2)
    for at in np.flatnonzero(~np.isfinite(xy).all(axis=1)):
        raise GeoDataError(
            Reason.BAD_COORDINATES, f"Place {at} has no point: it cannot have neighbours.",
            feature=int(at),
        )  # fmt: skip
    if not 0 < metres < np.inf:
        raise _bad(f"A band of {metres:g} m holds no neighbours: give metres greater than 0.")
    if len(xy):
        check_metric(np.concatenate([xy.min(axis=0), xy.max(axis=0)]))
    return _within(np.asarray(shapely.points(xy)), metres, f"band:{metres:g}")


def read_gal(path: Path) -> tuple[Weights, tuple[Any, ...]]:
    """Weights from a ``.gal`` file, and the ids of the places in their order.

    Raises
    ------
    GeoDataError
        ``broken_file``.
    """
    from libpysal.graph import read_gal as read

    try:
        graph = read(str(path))
        ids = tuple(graph.unique_ids)
        return of_neighbours(graph.neighbors, ids, f"file:{path.name}"), ids
    except (ValueError, IndexError, KeyError) as error:
        raise GeoDataError(
            Reason.BROKEN_FILE, f"{path.name} is no .gal file of neighbours."
        ) from error


def of_neighbours(
    neighbours: Mapping[Any, Sequence[Any]], ids: Sequence[Any], rule: str
) -> Weights:
    """Weights from lists of neighbours' ids, the places in the order of `ids`."""
    position = {one: at for at, one in enumerate(ids)}
    pairs = [(position[one], position[other]) for one in ids for other in neighbours[one]]
    head, tail = np.array(pairs, np.int64).reshape(-1, 2).T
    return Weights.of_pairs(len(ids), head, tail, rule)


def _within(shapes: NDArray[np.object_], metres: float, rule: str) -> Weights:
    """Neighbours among shapes, asked for in blocks: too many are noticed before they take room."""
    tree = shapely.STRtree(shapes)
    cardinalities = np.zeros(len(shapes), np.int64)
    near: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
    pairs = 0
    for start in range(0, len(shapes), 500):
        block = shapes[start : start + 500]
        head, tail = tree.query(block, predicate="dwithin", distance=metres)
        pairs += len(head)
        if pairs > MOST_PAIRS:
            raise GeoDataError(
                Reason.TOO_MANY,
                f"Within {metres:g} m of each other lie more than {MOST_PAIRS:,} pairs of the "
                f"{len(shapes):,} places: give a shorter distance or larger places.",
            )
        order = np.lexsort((tail, head))
        head, tail = head[order], tail[order]
        others = tail != head + start
        cardinalities[start : start + 500] = np.bincount(head[others], minlength=len(block))
        near.append(tail[others].astype(np.int32))
    indptr = np.concatenate([[0], np.cumsum(cardinalities)])
    return Weights(indptr, np.concatenate(near), None, rule)


def check_metric(bounds: Floats) -> None:
    """Refuse an extent ``(x_min, y_min, x_max, y_max)`` that is in degrees.

    Raises
    ------
    GeoDataError
        ``crs_mismatch``. The 90 m around the origin of a metric CRS, where this is wrong, are
        in the sea or abroad.
    """
    if bounds.any() and np.all(np.abs(bounds) <= [180, 90, 180, 90]):
        raise GeoDataError(
            Reason.CRS_MISMATCH,
            "The places seem to be in degrees: distances need a metric CRS (gis.metric_crs).",
        )


def _bad(message: str) -> GeoDataError:
    return GeoDataError(Reason.BAD_ARGUMENT, message)
