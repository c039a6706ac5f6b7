"""Where more happens than chance would bring: Getis-Ord Gi*. It takes NumPy alone."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import GeoDataError, Reason
from gis.significance import LIMITS, benjamini_hochberg, levels, normal_p
from gis.weights import Weights

__all__ = [
    "FEWEST_CASES", "FEWEST_PLACES", "LIMITS", "GiStar", "Rates", "benjamini_hochberg",
    "check_testable", "gi_star", "gi_star_by_period", "levels", "normal_p", "rates",
]  # fmt: skip

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_PLACES = 5
"""Gi* of n places never exceeds the root of n - 1: of four, not one could ever be significant."""
FEWEST_CASES = 10
"""Below this the sums of neighbourhoods are no more normal than a die."""


@dataclass(frozen=True, eq=False)
class GiStar:
    """Gi* of n places; all arrays of shape ``(n,)``, or ``(n, k)`` where k vectors were tested.

    Attributes
    ----------
    z
        Gi* as a standard normal deviate: positive where the place and its neighbours together
        have more than chance would give them, negative where less. NaN where it is not tested.
    p
        Two-sided p-value of the normal distribution, each place by itself.
    corrected
        The same after Benjamini-Hochberg across all places tested: the answer to show.
    near
        The sum of the values in the neighbourhood: the place itself and its neighbours.
    expected
        What chance would give to the neighbourhood.
    islands
        Positions of the places without neighbours: they are tested by their own value alone.
    untested
        Positions of the places that have no value (NaN), or whose neighbourhood is all there is.
    """

    z: Floats
    p: Floats
    corrected: Floats
    near: Floats
    expected: Floats
    islands: Ints
    untested: Ints


def gi_star(
    values: ArrayLike, weights: Weights, cases: int | None = None, *, itself: bool = True
) -> GiStar:
    """Getis-Ord Gi* of each place, with its p-values.

    Each place counts among its own neighbours, with weight 1. For place i with weights w::

        z = (sum(w x) - W mean) / (s sqrt((n S - W^2) / (n - 1)))

    where W is the sum of its weights, S the sum of their squares, and mean and s (divided by n)
    are those of all n values. That is the correlation of the values with being near i, times the
    root of n - 1. Source: Ord and Getis (1995), Local spatial autocorrelation statistics,
    Geographical Analysis 27, 286-306. Equal to ``esda.G_Local(star=True, transform="B")``.

    Parameters
    ----------
    values
        Counts or rates, shape ``(n,)``; NaN where a place has none (see :func:`rates`): such a
        place is not tested and is nobody's neighbour.
    weights
        Neighbours of the n places.
    cases
        How many cases the values come from, if they are known: few are refused.
    itself
        False leaves the place itself out of its neighbourhood, and of the mean: the statistic Gi.

    Raises
    ------
    GeoDataError
        From :func:`check_testable`, with a sentence in place of a number.

    Examples
    --------
    Five places in a row with 0, 0, 1, 4 and 5 cases: mean 2, s^2 = 42/5 - 4 = 4.4. The last has
    one neighbour, so W = S = 2, its neighbourhood has 9 cases where chance gives 4, and
    z = 5 / sqrt(4.4 (5 x 2 - 4) / 4) = 5 / sqrt(6.6) = 1.9462.

    >>> line = Weights.of_pairs(5, [0, 1, 1, 2, 2, 3, 3, 4], [1, 0, 2, 1, 3, 2, 4, 3], "by hand")
    >>> found = gi_star([0, 0, 1, 4, 5], line)
    >>> f"{found.near[4]:g} {found.expected[4]:g} {found.z[4]:.4f} {found.p[4]:.4f}"
    '9 4 1.9462 0.0516'
    """
    x = np.asarray(values, np.float64)
    check_testable(x, weights, cases)
    known = ~np.isnan(x)
    chosen = weights if known.all() else weights.only(known)
    statistic = _gi_star if itself else _gi
    z, near, expected = (_spread(a, known) for a in statistic(x[known], chosen))
    p = normal_p(z)
    return GiStar(
        z, p, benjamini_hochberg(p), near, expected,
        islands=np.flatnonzero(known)[chosen.islands], untested=np.flatnonzero(np.isnan(z)),
    )  # fmt: skip


def gi_star_by_period(counts: ArrayLike, weights: Weights) -> GiStar:
    """Gi* of each period by itself, corrected across the places of each.

    Parameters
    ----------
    counts
        Shape ``(n, k)``: places by periods. A period in which all places have the same, such as
        none, has NaN throughout.
    weights
        Neighbours of the n places.

    Raises
    ------
    GeoDataError
        ``too_few``, ``no_neighbours``, ``bad_argument``.
    """
    x = np.asarray(counts, np.float64)
    _check_shape(x, weights, 2)
    if not np.isfinite(x).all():
        raise _bad("A place has no count in some period: give 0 where there were no cases.")
    _check_places(len(x), weights)
    z, near, expected = _gi_star(x, weights)
    p = normal_p(z)
    untested = np.flatnonzero(np.isnan(z).all(axis=1))
    corrected = benjamini_hochberg(p)
    return GiStar(z, p, corrected, near, expected, weights.islands, untested)


def _gi_star(x: Floats, weights: Weights) -> tuple[Floats, Floats, Floats]:
    """Gi*, the neighbourhood's sum and what is expected of it, for one vector or many."""
    n = len(x)
    total, squares = (sums + 1 for sums in weights.sums)  # itself, with weight 1
    free = (n * squares - total**2) / (n - 1)
    if x.ndim == 2:
        total, free = total[:, None], free[:, None]
    near = weights.lag(x) + x
    mean, spread = x.mean(axis=0), x.std(axis=0)
    equal = np.ptp(x, axis=0) == 0
    expected = total * mean
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (near - expected) / (spread * np.sqrt(free))
    # A neighbourhood of all places has nothing to be compared with; nor have equal values.
    return np.where((free > 0) & ~equal, z, np.nan), near, expected


def _gi(x: Floats, weights: Weights) -> tuple[Floats, Floats, Floats]:
    """The same without the place itself: mean and spread are those of the other places."""
    n = len(x) - 1
    total, squares = weights.sums
    free = (n * squares - total**2) / (n - 1)
    y = x - x.mean()
    mean = -y / n
    spread = np.sqrt(((y**2).sum() - y**2) / n - mean**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (weights.lag(y) - total * mean) / (spread * np.sqrt(free))
    return np.where(free > 0, z, np.nan), weights.lag(x), total * (x.mean() + mean)


class Rates(NamedTuple):
    """Cases in proportion to something, shape ``(n,)``; NaN at the positions in `without`."""

    values: Floats
    without: Ints


def rates(counts: ArrayLike, of: ArrayLike) -> Rates:
    """Counts per area, per household or whatever `of` says; NaN where that is 0 or not known.

    Examples
    --------
    >>> rates([4, 3, 0], [2.0, 0.0, 5.0])
    Rates(values=array([ 2., nan,  0.]), without=array([1]))
    """
    x, size = np.asarray(counts, np.float64), np.asarray(of, np.float64)
    if x.shape != size.shape:
        raise _bad(f"There are {size.size:,} sizes for {x.size:,} counts: give one each.")
    known = np.isfinite(size) & (size > 0)
    values = np.full(x.shape, np.nan)
    values[known] = x[known] / size[known]
    return Rates(values, np.flatnonzero(~known))


def check_testable(values: ArrayLike, weights: Weights, cases: int | None = None) -> None:
    """Refuse values of which nothing can be said.

    Raises
    ------
    GeoDataError
        ``bad_argument`` if they are not one for each place, or infinite; ``too_few`` places
        (fewer than 5) or cases (fewer than 10); ``all_equal``; ``no_neighbours``.
    """
    x = np.asarray(values, np.float64)
    _check_shape(x, weights, 1)
    if np.isinf(x).any():
        raise _bad(f"The value of place {np.flatnonzero(np.isinf(x))[0]} is infinite: see rates().")
    known = ~np.isnan(x)
    _check_places(int(known.sum()), weights if known.all() else weights.only(known))
    if cases is not None and cases < FEWEST_CASES:
        raise GeoDataError(
            Reason.TOO_FEW,
            f"There are {cases} cases: with fewer than {FEWEST_CASES} chance explains anything. "
            "Choose a longer time or more classes.",
        )
    if np.ptp(x[known]) <= 1e-12 * np.abs(x[known]).max():
        raise GeoDataError(
            Reason.ALL_EQUAL,
            f"All {known.sum():,} places have the same value, {x[known][0]:g}: none stands out. "
            "Choose other cases or other places.",
        )


def _check_shape(x: Floats, weights: Weights, dimensions: int) -> None:
    if x.ndim != dimensions or len(x) != len(weights):
        raise _bad(f"There are values of shape {x.shape} for {len(weights):,} places.")


def _check_places(n: int, weights: Weights) -> None:
    if n < FEWEST_PLACES:
        places = "is 1 place" if n == 1 else f"are {n} places"
        raise GeoDataError(
            Reason.TOO_FEW,
            f"There {places} to compare: with fewer than {FEWEST_PLACES} none can stand out. "
            "Choose a larger area or smaller places.",
        )
    if not weights.cardinalities.any():
        raise GeoDataError(
            Reason.NO_NEIGHBOURS,
            f"None of the {n:,} places has a neighbour: choose a longer distance.",
        )
    if weights.cardinalities.min() == n - 1:
        raise GeoDataError(
            Reason.NO_NEIGHBOURS,
            f"Each of the {n:,} places is a neighbour of all others, so that none can be compared: "
            "choose a shorter distance.",
        )


def _spread(found: Floats, known: NDArray[np.bool_]) -> Floats:
    """Results of the places that have a value, among all; NaN for the others."""
    if known.all():
        return found
    spread = np.full(len(known), np.nan)
    spread[known] = found
    return spread


def _bad(message: str) -> GeoDataError:
    return GeoDataError(Reason.BAD_ARGUMENT, message)
