"""What the counting answers: arrays beside `places.locating.OfficePlaces`."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class GridCounts:
    """How many reports each grid of the selection had.

    at
        Indices in the arrays of `office_places(session, office)`, shape (m,): the grids in force
        that lie in the selection's area and of which the person may know anything.
    counts
        Reports, shape (m,).
    whole
        Shape (m,): True where `counts` is the sum of all that was selected, False where it holds
        only what the person's own departments lead, since the area is not theirs.
    nowhere
        Reports that count and lie in no grid in force.
    relocated
        Reports that came in when other grids were in force, which have no successor of the same
        area: they were located anew, by their points. Counted in `counts` or `nowhere`.
    """

    at: Ints
    counts: Ints
    whole: Bools
    nowhere: int
    relocated: int


@dataclass(frozen=True, eq=False)
class GridSeries:
    """The same by period: `counts` of shape (m, k); period i has the days from `edges[i]` to
    before `edges[i + 1]`. `nowhere` of shape (k,)."""

    at: Ints
    counts: Ints
    whole: Bools
    nowhere: Ints
    relocated: int
    edges: tuple[date, ...]


@dataclass(frozen=True, eq=False)
class Breakdown:
    """What the reports of some grids were about, in the order in which these were given.

    `classes[i]` and `departments[i]` are pairs of an id and its number of reports, the most first;
    department 0 stands for reports that nobody leads.
    """

    classes: list[list[tuple[int, int]]]
    departments: list[list[tuple[int, int]]]


@dataclass(frozen=True, eq=False)
class OpenNow:
    """How many cases stand open in some grids at this moment, and of these past their limit; both
    of shape (m,)."""

    open: Ints
    overdue: Ints


@dataclass(frozen=True, eq=False)
class CasePoints:
    """Cases one by one, as columns of shape (n,): those with a point first come, first served.

    `lon`, `lat`: WGS-84. `classes` and `departments`: ids, 0 for none. `days`: since 1970, at the
    office. `without`: how many more count and have no point.
    """

    ids: Ints
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    grids: Ints
    classes: Ints
    departments: Ints
    days: Ints
    without: int

    def __len__(self) -> int:
        return len(self.ids)
