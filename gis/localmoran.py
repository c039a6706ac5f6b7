"""Local Moran's I: which places are like their neighbours, and which differ from them."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.hotspots import check_testable
from gis.significance import benjamini_hochberg, normal_p
from gis.weights import Weights

Floats = NDArray[np.float64]


class Quadrant(StrEnum):
    """A place and its neighbours, each above or below the mean."""

    HIGH_HIGH = "high_high"
    LOW_HIGH = "low_high"
    LOW_LOW = "low_low"
    HIGH_LOW = "high_low"
    NONE = "none"  # where it is not tested


class Null(StrEnum):
    """What is shuffled to know what chance would bring."""

    CONDITIONAL = "conditional"  # all places but this one keep their values in some order
    TOTAL = "total"  # all places


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """Local Moran's I of n places; all arrays of shape ``(n,)``.

    Attributes
    ----------
    i
        Positive where a place is like its neighbours, negative where it differs from them, with
        m2 = sum of squares / n as in R's `spdep`; esda's own is (n - 1) / n of it.
    expected, variance, z
        By the null hypothesis asked for. z is NaN where nothing is tested: a place without value
        or without neighbours, one with the very mean, one whose others are all alike.
    p
        Two-sided p-value of the normal distribution.
    corrected
        After Benjamini-Hochberg.
    quadrant
        Of :class:`Quadrant`.
    """

    i: Floats
    expected: Floats
    variance: Floats
    z: Floats
    p: Floats
    corrected: Floats
    quadrant: NDArray[np.object_]

    @classmethod
    def of_nothing(cls, n: int) -> "LocalMoran":
        """Of n places of which nothing can be said."""
        nothing = np.full(n, np.nan)
        none = np.full(n, Quadrant.NONE, object)
        return cls(nothing, nothing, nothing, nothing, nothing, nothing, none)

    def kinds(self, limit: float, *, raw: bool = False) -> NDArray[np.object_]:
        """The quadrant of each place that is significant at `limit`, NONE for all others."""
        with np.errstate(invalid="ignore"):
            sure = (self.p if raw else self.corrected) < limit
        return np.where(sure, self.quadrant, Quadrant.NONE)


def local_moran(
    values: ArrayLike,
    weights: Weights,
    cases: int | None = None,
    *,
    null: Null = Null.CONDITIONAL,
    row_standardized: bool = True,
) -> LocalMoran:
    """Local Moran's I of each place, with analytic p-values.

    For place i with deviation y from the mean, and m2 the mean of the squares of all y::

        I = y / m2 * (mean of the neighbours' y)

    Source: Anselin (1995), Local indicators of spatial association, Geographical Analysis 27,
    93-115; the moments of Sokal, Oden and Thomson (1998), Geographical Analysis 30, 331-354,
    equations A7 and A8 (conditional), A3 and A4 (total). Equal to ``esda.Moran_Local``, which
    takes 100 MB. A conditional z is that of Gi (without the place itself), with the sign of y: it
    says how unusual the neighbours are. The normal distribution fits poorly where these are few.

    Parameters
    ----------
    values
        Counts or rates, shape ``(n,)``; NaN where a place has none: it is nobody's neighbour.
    weights
        Neighbours of the n places.
    cases
        How many cases the values come from, if they are known: few are refused.
    null
        Which moments.
    row_standardized
        Take the mean of the neighbours, not their sum.

    Raises
    ------
    GeoDataError
        From :func:`check_testable`.

    Examples
    --------
    Six places in a row with 9, 9, 8, 0, 7 and 0 cases: mean 5.5. The fifth has 7 between 0 and 0:
    I = (7 - 5.5) / (93.5 / 6) * (0 - 5.5) = -0.5294.

    >>> line = Weights.of_pairs(
    ...     6, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5], [1, 0, 2, 1, 3, 2, 4, 3, 5, 4], "by hand"
    ... )
    >>> found = local_moran([9, 9, 8, 0, 7, 0], line)
    >>> print(found.quadrant[4], f"{found.i[4]:.4f} {found.z[4]:.4f} {found.corrected[4]:.2f}")
    high_low -0.5294 -1.9926 0.28
    """
    x = np.asarray(values, np.float64)
    check_testable(x, weights, cases)
    known = ~np.isnan(x)
    chosen = weights if known.all() else weights.only(known)
    y = x[known] - x[known].mean()
    total, squares = chosen.sums
    lag = chosen.lag(y)
    if row_standardized:
        each = np.where(total == 0, 1, total)  # an island's
        lag, total, squares = lag / each, total / each, squares / each**2
    moments = _conditional if null is Null.CONDITIONAL else _total
    i, (expected, variance) = y * lag / (y**2).mean(), moments(y, total, squares)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, (i - expected) / np.sqrt(variance), np.nan)
    quadrant = np.select(
        [np.isnan(z), (y > 0) & (lag > 0), lag > 0, y > 0],
        [Quadrant.NONE, Quadrant.HIGH_HIGH, Quadrant.LOW_HIGH, Quadrant.HIGH_LOW],
        Quadrant.LOW_LOW,
    ).astype(object)
    p = normal_p(z)
    found = LocalMoran(i, expected, variance, z, p, benjamini_hochberg(p), quadrant)
    return found if known.all() else _spread(found, known)


def _conditional(y: Floats, total: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Expectation and variance where a place keeps its value and all others are shuffled."""
    n, m2 = len(y), (y**2).mean()
    others = m2 - y**2 / (n - 1)
    others[others < 1e-12 * m2] = 0  # all alike: what is left is rounding
    free = squares - total**2 / (n - 1)
    return -(y**2) * total / ((n - 1) * m2), (y / m2) ** 2 * n / (n - 2) * free * others


def _total(y: Floats, total: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Expectation and variance where all values are shuffled."""
    n, kurtosis = len(y), (y**4).mean() / (y**2).mean() ** 2
    expected = -total / (n - 1)
    variance = squares * (n - kurtosis) / (n - 1) - expected**2
    variance += (total**2 - squares) * (2 * kurtosis - n) / ((n - 1) * (n - 2))
    return expected, variance


def _spread(found: LocalMoran, known: NDArray[np.bool_]) -> LocalMoran:
    """What is found of the places that have a value, among all."""
    whole = LocalMoran.of_nothing(len(known))
    columns = []
    for name, empty in vars(whole).items():
        column = empty.copy()
        column[known] = getattr(found, name)
        columns.append(column)
    return LocalMoran(*columns)
