"""Points that lie close together: clusters, and places where the same comes back."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.errors import GeoDataError, Reason
from gis.weights import check_metric

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_PAIRS = 10_000_000
"""Pairs of points close together that are looked at one by one: some 100 MB. With more, points are
put on a lattice first, so that 10,000 points at one spot take neither hours nor all memory."""
LATTICES = (256, 128, 64, 32, 16, 8)
"""Parts of the reach that a lattice may have, the finest that helps; after the last a refusal."""
_DAY_MS = 86_400_000


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of n points.

    Attributes
    ----------
    label
        The cluster of each point, -1 for none, shape ``(n,)``: 0 is the largest, of equal ones
        the western.
    sizes
        Points of each cluster, shape ``(c,)``.
    centres
        Means of their points, shape ``(c, 2)``.
    snapped_m
        0 if the points were taken as they are; else the lattice on which they were put first,
        because so many lie so close: distances may be wrong by this much times 1.4.
    """

    label: Ints
    sizes: Ints
    centres: Floats
    snapped_m: float


def find_clusters(points: ArrayLike, within_m: float, at_least: int) -> Clusters:
    """Clusters by DBSCAN, of scikit-learn.

    A point that has so many points within so many metres, itself included, is in a cluster, with
    all of these; clusters that share such points are one. The order of the points is of no
    influence. Source: Ester, Kriegel, Sander and Xu (1996), KDD-96, 226-231.

    Parameters
    ----------
    points
        Metres in a metric CRS, shape ``(n, 2)``.
    within_m
        Metres, greater than 0.
    at_least
        Points, 2 or more.

    Raises
    ------
    GeoDataError
        ``bad_argument``, ``bad_coordinates``, ``crs_mismatch``; ``too_many`` points, all within
        reach of many others, in more places than a lattice helps with.

    Examples
    --------
    >>> found = find_clusters([[0, 0], [10, 0], [20, 0], [500, 0]], within_m=15, at_least=3)
    >>> found.label.tolist(), found.sizes.tolist(), found.centres.tolist()
    ([0, 0, 0, -1], [3], [[10.0, 0.0]])
    """
    from sklearn.cluster import DBSCAN

    xy = _checked(points, within_m)
    if at_least < 2:
        raise _bad(f"{at_least} points make no cluster: give 2 or more.")
    if len(xy) == 0:
        return Clusters(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 2)), 0.0)
    step, spots, spot_of = _spots(xy, within_m)
    counts = np.bincount(spot_of)
    found = DBSCAN(eps=within_m, min_samples=at_least).fit(spots, sample_weight=counts)
    label = np.asarray(found.labels_, np.int64)[spot_of]
    inside = label >= 0
    sizes = np.bincount(label[inside])
    sums = [np.bincount(label[inside], weights=xy[inside, axis]) for axis in (0, 1)]
    centres = np.column_stack(sums) / sizes[:, None]
    order = np.lexsort((centres[:, 1], centres[:, 0], -sizes))
    rank = np.append(np.argsort(order), -1)
    return Clusters(rank[label], sizes[order], centres[order], step)


@dataclass(frozen=True, eq=False)
class RepeatPlace:
    """A place where cases of one class came back.

    Attributes
    ----------
    kind
        Their class, as given.
    x, y
        Metres: the case around which they lie, to the lattice if there is one.
    cases
        Positions of all cases of the class within the distance, the oldest first.
    most
        How many of them came within the time, at most.
    """

    kind: object
    x: float
    y: float
    cases: Ints
    most: int


@dataclass(frozen=True, eq=False)
class RepeatPlaces:
    """Repeat places, those with the most cases within the time first; `snapped_m` as in
    :class:`Clusters`."""

    places: list[RepeatPlace]
    snapped_m: float


def repeat_places(
    points: ArrayLike,
    times: ArrayLike,
    kinds: ArrayLike,
    within_m: float = 30.0,
    within_days: float = 90.0,
    at_least: int = 3,
) -> RepeatPlaces:
    """Places where the same class came three times or more within 90 days and 30 m.

    The rule: a case is repeated if at least so many cases of its class, itself or not, came within
    the distance of it and within some span of that many days. A repeat place is drawn around the
    repeated case with the most of these (of equals the western, then the southern), and holds all
    cases of the class within the distance, whenever they came. Cases at its spots start no further
    place; so every repeated case is in one place or more.

    Parameters
    ----------
    points
        Metres in a metric CRS, shape ``(n, 2)``.
    times
        When the cases came, shape ``(n,)``: ``datetime64``, or days as numbers.
    kinds
        Their classes, shape ``(n,)``.
    within_m, within_days
        Greater than 0; just as far or as long ago counts.
    at_least
        Cases, 2 or more.

    Raises
    ------
    GeoDataError
        As :func:`find_clusters`.

    Examples
    --------
    >>> days = [0, 40, 80, 200]
    >>> found = repeat_places([[600, 0], [640, 0], [620, 0], [622, 0]], days, ["waste"] * 4)
    >>> [(place.kind, place.x, place.cases.tolist(), place.most) for place in found.places]
    [('waste', 620.0, [0, 1, 2, 3], 3)]
    """
    xy, classes, when = _checked(points, within_m), np.asarray(kinds), _milliseconds(times)
    if not len(xy) == len(when) == len(classes):
        raise _bad(f"{len(xy):,} points, {len(when):,} times, {len(classes):,} classes: one each.")
    if at_least < 2 or not within_days > 0:
        raise _bad(f"{at_least} times in {within_days:g} days is no repetition.")
    places: list[RepeatPlace] = []
    coarsest = 0.0
    if len(xy) == 0:
        return RepeatPlaces([], 0.0)
    names, which = np.unique(classes, return_inverse=True)
    by_class = np.split(np.argsort(which, kind="stable"), np.cumsum(np.bincount(which))[:-1])
    for name, cases in zip(names.tolist(), by_class, strict=True):
        if len(cases) < at_least:
            continue
        step, spots, spot_of = _spots(xy[cases], within_m)
        coarsest = max(coarsest, step)
        history = _History(spots, spot_of, when[cases], within_m, round(within_days * _DAY_MS))
        for spot, members, most in history.places(at_least):
            x, y = spots[spot].tolist()
            places.append(RepeatPlace(name, x, y, cases[members], most))
    places.sort(key=lambda place: (-place.most, -len(place.cases), place.x, place.y))
    return RepeatPlaces(places, coarsest)


class _History:
    """Cases of one class at spots, which spots are near each other, and how much came there."""

    def __init__(
        self, spots: Floats, spot_of: Ints, when: Ints, within_m: float, span: int
    ) -> None:
        self.when, self.span = when, span
        self.cases = np.lexsort((when, spot_of))  # by spot, the oldest first
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(spot_of))])
        points = shapely.points(spots)
        head, tail = shapely.STRtree(points).query(points, predicate="dwithin", distance=within_m)
        self.near = tail[np.lexsort((tail, head))]
        self.near_starts = np.concatenate([[0], np.cumsum(np.bincount(head))])

    def places(self, at_least: int) -> Iterator[tuple[int, Ints, int]]:
        """The spot in the middle, all cases around it, and the most that came in one span."""
        most = self._most()
        repeated = np.flatnonzero(most >= at_least)
        free = np.ones(len(most), bool)
        for spot in repeated[np.argsort(-most[repeated], kind="stable")]:
            if not free[spot]:
                continue
            around = slice(*self.near_starts[spot : spot + 2])
            free[self.near[around]] = False
            members = self.cases[_ranges(self.starts, self.near[around])]
            order = np.argsort(self.when[members], kind="stable")
            yield int(spot), members[order], int(most[spot])

    def _most(self) -> Ints:
        """For each spot: how many cases near it came within one span of time, at most."""
        near_cases = np.diff(self.starts)[self.near]
        many = np.add.reduceat(near_cases, self.near_starts[:-1])  # each is near itself
        blocks = np.flatnonzero(np.diff(np.cumsum(many) // (MOST_PAIRS // 10))) + 1
        found = [self._most_of(block, many) for block in np.split(np.arange(len(many)), blocks)]
        return np.concatenate(found)

    def _most_of(self, block: Ints, many: Ints) -> Ints:
        # One number for spot and time finds spans of time at all spots at once.
        since = self.when[self.cases] - self.when.min() + self.span
        all_time = int(np.ptp(self.when)) + 2 * self.span + 1
        around = self.near[self.near_starts[block[0]] : self.near_starts[block[-1] + 1]]
        spot = np.repeat(block - block[0], many[block])
        keys = np.sort(spot * all_time + since[_ranges(self.starts, around)])
        counts = np.arange(1, len(keys) + 1) - np.searchsorted(keys, keys - self.span, "left")
        return np.asarray(np.maximum.reduceat(counts, np.cumsum(many[block]) - many[block]))


def _ranges(starts: Ints, which: Ints) -> Ints:
    """The numbers from `starts[i]` to before `starts[i + 1]`, for each i of `which`."""
    many = np.diff(starts)[which]
    return np.asarray(
        np.arange(many.sum()) + np.repeat(starts[which] - np.cumsum(many) + many, many)
    )


def _spots(xy: Floats, reach: float) -> tuple[float, Floats, Ints]:
    """Where the points lie, each spot once, from west to east, and the spot of each point.

    First comes the lattice that was needed: 0, or the finest that leaves few enough pairs.
    """
    steps = [0.0, *(reach / part for part in LATTICES)]
    spots, spot_of = _on_lattice(xy, 0.0)
    if _pairs_at_most(spots, reach) <= MOST_PAIRS:
        return 0.0, spots, spot_of
    if _pairs_at_most(_on_lattice(xy, steps[-1])[0], reach) > MOST_PAIRS:
        raise GeoDataError(
            Reason.TOO_MANY,
            f"Too many of the {len(xy):,} points lie within {reach:g} m of each other: choose a "
            "shorter time, fewer classes or a shorter distance.",
        )
    few_enough = bisect_left(
        steps, True, key=lambda step: _pairs_at_most(_on_lattice(xy, step)[0], reach) <= MOST_PAIRS
    )
    return steps[few_enough], *_on_lattice(xy, steps[few_enough])


def _on_lattice(xy: Floats, step: float) -> tuple[Floats, Ints]:
    at = np.round(xy / step) * step if step else xy
    numbers, spot_of = np.unique(at[:, 0] + 1j * at[:, 1], return_inverse=True)
    return np.column_stack([numbers.real, numbers.imag]), spot_of


def _pairs_at_most(spots: Floats, reach: float) -> int:
    """No fewer than there are pairs of spots within reach: those in neighbouring squares."""
    cells, counts = np.unique(np.floor(spots / reach).astype(np.int64), axis=0, return_counts=True)
    low = cells.min(axis=0)
    width = int(np.ptp(cells[:, 0])) + 3
    place = (cells[:, 1] - low[1] + 1) * width + cells[:, 0] - low[0] + 1
    order = np.argsort(place)
    place, counts = place[order], counts[order]
    pairs = 0
    for step in (a * width + b for a in (-1, 0, 1) for b in (-1, 0, 1)):
        at = np.minimum(np.searchsorted(place, place + step), len(place) - 1)
        pairs += int(np.sum(counts * counts[at] * (place[at] == place + step)))
    return pairs


def _milliseconds(times: ArrayLike) -> Ints:
    given = np.asarray(times)
    if np.issubdtype(given.dtype, np.datetime64):
        known = ~np.isnat(given)
        ms = given.astype("datetime64[ms]").astype(np.int64)
    else:
        days = np.asarray(given, np.float64)
        known = np.isfinite(days)
        ms = np.round(np.where(known, days, 0) * _DAY_MS).astype(np.int64)
    if not known.all():
        raise _bad("A case has no time: leave it out.")
    return ms


def _checked(points: ArrayLike, within_m: float) -> Floats:
    xy = np.asarray(points, np.float64).reshape(-1, 2)
    if not 0 < within_m < np.inf:
        raise _bad(f"{within_m:g} m is no distance: give metres greater than 0.")
    if not np.isfinite(xy).all():
        raise GeoDataError(Reason.BAD_COORDINATES, "A point has no coordinates: leave it out.")
    if len(xy):
        check_metric(np.concatenate([xy.min(axis=0), xy.max(axis=0)]))
    return xy


def _bad(message: str) -> GeoDataError:
    return GeoDataError(Reason.BAD_ARGUMENT, message)
