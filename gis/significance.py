"""How sure one may be: p-values, their correction for many tests, and levels of confidence."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LIMITS = (0.05, 0.01, 0.001)
"""p-values of the three levels: 95, 99 and 99.9 % confidence. All that is called significant
here is so at the first; at 90 %, where some programs begin, one in ten of it may be chance."""


def normal_p(z: ArrayLike) -> Floats:
    """Two-sided p-values of standard normal deviates; NaN stays NaN.

    Of the C library's ``erfc``: exact to the last digits, and nothing to load.

    Examples
    --------
    >>> normal_p([0.0, -1.959963984540054]).round(12)
    array([1.  , 0.05])
    """
    halves = np.abs(np.asarray(z, np.float64)) / math.sqrt(2)
    p = np.fromiter(map(math.erfc, halves.ravel().tolist()), np.float64, halves.size)
    return p.reshape(halves.shape)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """p-values corrected for the number of tests: the smallest false discovery rate of each.

    Of those called significant at 0.05 after this, no more than one in twenty is expected to be
    chance. Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57,
    289-300. Equal to ``scipy.stats.false_discovery_control`` and R's ``p.adjust(method="BH")``.

    Parameters
    ----------
    p
        Shape ``(n,)``, or ``(n, k)`` for k families of tests. NaN is no test and stays NaN.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, float("nan"), 0.5])
    array([0.04      , 0.05333333, 0.05333333,        nan, 0.5       ])
    """
    given = np.asarray(p, np.float64)
    order = np.argsort(given, axis=0)[::-1]  # NaN comes first, then the largest
    sorted_p = np.take_along_axis(given, order, axis=0)
    tests = np.count_nonzero(~np.isnan(given), axis=0)
    ranks = np.arange(len(given), 0, -1).reshape(-1, *[1] * (given.ndim - 1))
    with np.errstate(invalid="ignore"):
        false_rates = np.where(np.isnan(sorted_p), np.inf, sorted_p * tests / ranks)
    least = np.minimum(np.minimum.accumulate(false_rates, axis=0), 1)
    corrected = np.empty_like(given)
    np.put_along_axis(corrected, order, np.where(np.isnan(sorted_p), np.nan, least), axis=0)
    return corrected


def levels(z: ArrayLike, p: ArrayLike, limits: tuple[float, ...] = LIMITS) -> NDArray[np.int8]:
    """How sure one may be: 1, 2, 3 for hot at 95, 99, 99.9 %, negative for cold, 0 for neither.

    Examples
    --------
    >>> levels([4.0, -2.0, 1.0, float("nan")], [0.0001, 0.045, 0.3, float("nan")])
    array([ 3, -1,  0,  0], dtype=int8)
    """
    given = np.asarray(p, np.float64)
    with np.errstate(invalid="ignore"):
        sure = np.sum([given < limit for limit in limits], axis=0)
    return np.asarray(np.sign(np.nan_to_num(np.asarray(z, np.float64))) * sure, np.int8)
