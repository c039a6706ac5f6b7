"""Regular nets of squares or hexagons over a place; points find their cell by arithmetic.

A net is anchored to the origin of its CRS unless another is said, so that the same cells come back
whatever cases or area are chosen.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gis.errors import GeoDataError, Reason
from gis.weights import Weights, check_metric

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_CELLS = 200_000
_BLOCK = 20_000
_ROOT3 = math.sqrt(3)


class NetKind(StrEnum):
    """The shape of the cells."""

    SQUARE = "square"
    HEXAGON = "hex"  # standing on a corner; two sides are upright


@dataclass(frozen=True, eq=False)
class Net:
    """Cells in rows from south to north, each from west to east; n of them.

    A point on an edge belongs to the square east or north of it; at the same distance from two
    hexagons' middles, to the southern or eastern one.

    Attributes
    ----------
    kind, size_m
        Squares with this side, or hexagons with this distance between opposite sides, in metres.
    origin
        x and y of a square's south-western corner, or of a hexagon's middle: cell (0, 0).
    first
        Column and row of the first cell of the rectangle, counted from the origin.
    columns, rows
        How many the rectangle has. Odd rows of hexagons stand half a cell to the east.
    places
        Where the cells lie in the rectangle, ascending, shape ``(n,)``; None for all of it.
    """

    kind: NetKind
    size_m: float
    origin: tuple[float, float]
    first: tuple[int, int]
    columns: int
    rows: int
    places: Ints | None = None

    def __len__(self) -> int:
        return self.columns * self.rows if self.places is None else len(self.places)

    @cached_property
    def addresses(self) -> tuple[Ints, Ints]:
        """Column and row of each cell, counted from the origin: its name, as long as size and
        origin are the same. Both of shape ``(n,)``."""
        places = np.arange(len(self)) if self.places is None else self.places
        return places % self.columns + self.first[0], places // self.columns + self.first[1]

    def index(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.int32]:
        """The cell of each point, -1 outside the net or without coordinates.

        Parameters
        ----------
        x, y
            Metres in the net's CRS, shape ``(m,)``.
        """
        with np.errstate(invalid="ignore", over="ignore"):  # of points that are nowhere
            column, row = _address(self.kind, self.size_m, self.origin, x, y)
            column -= self.first[0]
            row -= self.first[1]
            inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
            row *= self.columns
            row += column
        place = np.where(inside, row, -1).astype(np.int32)
        return place if self.places is None else self._cell_at[place]

    def count(self, x: ArrayLike, y: ArrayLike) -> Ints:
        """How many points each cell holds, shape ``(n,)``; those outside are not counted."""
        # The bin before the first is for points outside.
        return np.bincount(self.index(x, y) + 1, minlength=len(self) + 1)[1:]

    def centres(self) -> Floats:
        """Middles of the cells, shape ``(n, 2)``."""
        column, row = self.addresses
        if self.kind is NetKind.SQUARE:
            xy = np.column_stack([column + 0.5, row + 0.5])
        else:
            xy = np.column_stack([column + row % 2 / 2, row * (_ROOT3 / 2)])
        return xy * self.size_m + self.origin

    def shapes(self, chosen: ArrayLike | None = None) -> NDArray[np.object_]:
        """Polygons of the cells, or of the chosen ones only (positions or a mask)."""
        centres = self.centres()
        if chosen is not None:
            centres = centres[np.asarray(chosen)]
        return np.asarray(shapely.polygons(centres[:, None, :] + self._corners), dtype=object)

    def queen(self) -> Weights:
        """Neighbours at a side or a corner: eight of a square, six of a hexagon, fewer at the rim.

        Equal to :func:`gis.weights.queen` of the shapes, without making them.
        """
        column, row = (a - start for a, start in zip(self.addresses, self.first, strict=True))
        heads, tails = [], []
        for steps, which in self._steps():
            for across, up in steps:
                c, r = column[which] + across, row[which] + up
                inside = (c >= 0) & (c < self.columns) & (r >= 0) & (r < self.rows)
                cell = self._cell_at[r[inside] * self.columns + c[inside]]
                heads.append(which[inside][cell >= 0])
                tails.append(cell[cell >= 0])
        return Weights.of_pairs(
            len(self), np.concatenate(heads), np.concatenate(tails), f"queen:{self.kind}"
        )

    @cached_property
    def _cell_at(self) -> NDArray[np.int32]:
        """The cell at each place of the rectangle, -1 where there is none; the last for -1."""
        cell = np.full(self.columns * self.rows + 1, -1, np.int32)
        cell[slice(-1) if self.places is None else self.places] = np.arange(len(self))
        return cell

    @cached_property
    def _corners(self) -> Floats:
        if self.kind is NetKind.SQUARE:
            return np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * (self.size_m / 2)
        side = self.size_m / _ROOT3
        x, y = self.size_m / 2, side / 2
        return np.array([[0, -side], [x, -y], [x, y], [0, side], [-x, y], [-x, -y], [0, -side]])

    def _steps(self) -> Iterator[tuple[list[tuple[int, int]], Ints]]:
        """Columns and rows to go from some cells to their neighbours."""
        cells = np.arange(len(self))
        if self.kind is NetKind.SQUARE:
            yield [(c, r) for c in (-1, 0, 1) for r in (-1, 0, 1) if c or r], cells
            return
        odd = self.addresses[1] % 2
        for east in (0, 1):  # an odd row's neighbours above and below start at its own column
            steps = [(-1, 0), (1, 0)] + [(c, r) for c in (east - 1, east) for r in (-1, 1)]
            yield steps, cells[odd == east]


def net_over_points(
    kind: NetKind, size_m: float, x: ArrayLike, y: ArrayLike, origin: tuple[float, float] = (0, 0)
) -> Net:
    """The rectangle of cells that just holds all points.

    Parameters
    ----------
    kind, size_m
        Shape and size of the cells, see :class:`Net`.
    x, y
        Metres in a metric CRS, shape ``(m,)``; NaN for points that are not known.
    origin
        Where a cell begins, see :class:`Net`.

    Raises
    ------
    GeoDataError
        ``empty_file`` without a point, ``crs_mismatch`` for degrees, ``bad_argument`` for a size
        below 1 m, ``too_many`` for more than 200,000 cells: before any are made.

    Examples
    --------
    >>> net = net_over_points(NetKind.SQUARE, 500, [605100, 606200], [4233900, 4234100])
    >>> net.columns, net.rows, net.index([605100, 606200], [4233900, 4234100]).tolist()
    (3, 2, [0, 5])
    """
    xs, ys = np.asarray(x, np.float64), np.asarray(y, np.float64)
    known = np.isfinite(xs) & np.isfinite(ys)
    if not known.any():
        raise GeoDataError(Reason.EMPTY_FILE, "There are no points: a net needs at least one.")
    xs, ys = xs[known], ys[known]
    _check(kind, size_m, (xs.min(), ys.min(), xs.max(), ys.max()))
    column, row = _address(kind, size_m, origin, xs, ys)
    return _rectangle(kind, size_m, origin, column, row)


def net_over_area(
    kind: NetKind, size_m: float, area: BaseGeometry, origin: tuple[float, float] = (0, 0)
) -> Net:
    """The cells of which some part lies in an area; those that only touch its edge do not.

    Parameters
    ----------
    kind, size_m, origin
        See :func:`net_over_points`.
    area
        Polygon or multipolygon in a metric CRS.

    Raises
    ------
    GeoDataError
        As :func:`net_over_points`; ``bad_geometry`` for an area without an inside. The 200,000
        cells are those of the rectangle around the area.

    Examples
    --------
    >>> area = shapely.box(0, 0, 1500, 1500) - shapely.box(500, 500, 1500, 1500)
    >>> len(net_over_area(NetKind.SQUARE, 500, area))
    5
    """
    if area.is_empty or not area.area > 0:
        raise GeoDataError(Reason.BAD_GEOMETRY, "The area is empty: give one with an inside.")
    bounds = area.bounds
    _check(kind, size_m, bounds)
    column, row = _address(kind, size_m, origin, bounds[::2], bounds[1::2])
    if kind is NetKind.HEXAGON:  # those of the corners may be farther in than others
        column, row = column + np.array([-1, 1]), row + np.array([-1, 1])
    whole = _rectangle(kind, size_m, origin, column, row)
    shapely.prepare(area)
    overlapping = [
        block[_overlap(area, whole.shapes(block))]
        for block in np.array_split(np.arange(len(whole)), len(whole) // _BLOCK + 1)
    ]
    places = np.concatenate(overlapping)
    return Net(kind, size_m, origin, whole.first, whole.columns, whole.rows, places)


def _overlap(area: BaseGeometry, cells: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray(shapely.intersects(area, cells) & ~shapely.touches(area, cells))


def _address(
    kind: NetKind, size_m: float, origin: tuple[float, float], x: ArrayLike, y: ArrayLike
) -> tuple[Floats, Floats]:
    """Column and row of points, counted from the origin: whole numbers, NaN stays NaN."""
    u = (np.asarray(x, np.float64) - origin[0]) / size_m
    v = (np.asarray(y, np.float64) - origin[1]) / size_m
    if kind is NetKind.SQUARE:
        return np.floor(u), np.floor(v)
    # The nearest middle of the two rows below and above the point.
    v /= _ROOT3 / 2
    below = np.floor(v)
    columns, away = [], []
    for row in (below, below + 1):
        shift = row % 2 / 2
        column = np.floor(u - shift + 0.5)
        columns.append(column)
        away.append((u - shift - column) ** 2 + 0.75 * (v - row) ** 2)
    above = away[1] < away[0]
    return np.where(above, columns[1], columns[0]), below + above


def _check(kind: NetKind, size_m: float, bounds: tuple[float, float, float, float]) -> None:
    """Refuse a net that is too fine for its extent, before any of it is made."""
    if not (math.isfinite(size_m) and size_m >= 1):
        raise GeoDataError(
            Reason.BAD_ARGUMENT, f"A net of {size_m:g} m cannot be made: give 1 m or more."
        )
    check_metric(np.array(bounds))
    wide, high = bounds[2] - bounds[0], bounds[3] - bounds[1]
    up = size_m * (_ROOT3 / 2 if kind is NetKind.HEXAGON else 1)
    cells = (wide / size_m + 1) * (high / up + 1)
    if not cells <= MOST_CELLS:
        enough = math.ceil(size_m * math.sqrt(cells / MOST_CELLS) * 1.01)
        word = "squares" if kind is NetKind.SQUARE else "hexagons"
        raise GeoDataError(
            Reason.TOO_MANY,
            f"A net of {size_m:g} m over {wide / 1000:,.1f} by {high / 1000:,.1f} km has about "
            f"{cells:,.0f} {word}; {MOST_CELLS:,} can be worked with: "
            f"give {enough:,} m or more, or a smaller area.",
        )


def _rectangle(
    kind: NetKind, size_m: float, origin: tuple[float, float], column: Floats, row: Floats
) -> Net:
    first = int(column.min()), int(row.min())
    columns, rows = int(column.max()) - first[0] + 1, int(row.max()) - first[1] + 1
    return Net(kind, size_m, origin, first, columns, rows)
