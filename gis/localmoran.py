"""Local Moran's I: which places are like their neighbours, and which differ from them."""

import warnings
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import GeoDataError, Reason
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
        By the null hypothesis asked for; z is NaN for places without neighbours.
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


def local_moran(
    values: ArrayLike,
    weights: Weights,
    *,
    null: Null = Null.CONDITIONAL,
    row_standardized: bool = True,
) -> LocalMoran:
    """Local Moran's I of each place, by `esda`, with analytic p-values.

    Source: Anselin (1995), Local indicators of spatial association, Geographical Analysis 27,
    93-115; the moments of Sokal, Oden and Thomson (1998), Geographical Analysis 30, 331-354. The
    normal distribution fits poorly where a place has few neighbours; Gi* is the one to show.
    Loads esda, libpysal, scikit-learn and SciPy: about a second and 100 MB, once a process.

    Parameters
    ----------
    values
        Shape ``(n,)``, all finite.
    weights
        Neighbours of the n places.
    null
        Which moments.
    row_standardized
        Take the mean of the neighbours, not their sum.

    Raises
    ------
    GeoDataError
        From :func:`check_testable`.
    """
    from esda import Moran_Local

    x = np.asarray(values, np.float64)
    check_testable(x, weights)
    if not np.isfinite(x).all():
        raise GeoDataError(
            Reason.BAD_ARGUMENT, "A place has no value: leave it out, as Weights.only does."
        )
    with warnings.catch_warnings():  # esda adds filters of its own
        found = Moran_Local(
            x, weights.to_graph(), transformation="r" if row_standardized else "b", permutations=0
        )
    conditional = null is Null.CONDITIONAL
    i = found.Is * len(x) / (len(x) - 1)
    expected = found.EIc if conditional else found.EI
    variance = found.VIc if conditional else found.VI
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(weights.cardinalities > 0, (i - expected) / np.sqrt(variance), np.nan)
    p = normal_p(z)
    quadrant = np.array(list(Quadrant), object)[found.q - 1]
    return LocalMoran(i, expected, variance, z, p, benjamini_hochberg(p), quadrant)
