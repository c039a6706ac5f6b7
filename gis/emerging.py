"""How hot spots develop: Gi* by period, the trend of it, and the pattern that both make."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import GeoDataError, Reason
from gis.hotspots import gi_star_by_period
from gis.significance import normal_p
from gis.weights import Weights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_PERIODS = 10
"""Below this the normal distribution does not fit the trend's statistic (Kendall 1975)."""
MOST_OF_THE_TIME = 0.9


class Pattern(StrEnum):
    """How a place has been hot (or cold) over the periods."""

    NEW = "new"
    CONSECUTIVE = "consecutive"
    INTENSIFYING = "intensifying"
    PERSISTENT = "persistent"
    DIMINISHING = "diminishing"
    SPORADIC = "sporadic"
    OSCILLATING = "oscillating"
    HISTORICAL = "historical"
    NONE = "none"


DEFINITIONS: Mapping[Pattern, str] = {
    Pattern.NEW: "Hot in the last period and never before.",
    Pattern.CONSECUTIVE: (
        "Hot in the last two periods or more without a break, never before these, and in fewer "
        "than nine of ten periods."
    ),
    Pattern.INTENSIFYING: (
        "Hot in the last period and in at least nine of ten, and getting hotter (Mann-Kendall, 95 "
        "% confidence)."
    ),
    Pattern.PERSISTENT: (
        "Hot in the last period and in at least nine of ten, getting neither hotter nor cooler."
    ),
    Pattern.DIMINISHING: (
        "Hot in the last period and in at least nine of ten, and getting cooler (Mann-Kendall, 95 "
        "% confidence)."
    ),
    Pattern.SPORADIC: (
        "Hot in the last period and, with breaks, in some before, in fewer than nine of ten; never "
        "cold."
    ),
    Pattern.OSCILLATING: (
        "Hot in the last period and, with breaks, in some before, in fewer than nine of ten; cold "
        "at some time."
    ),
    Pattern.HISTORICAL: "Not hot in the last period, but in at least nine of ten.",
    Pattern.NONE: "None of these.",
}
"""Each pattern in a sentence; of a cold spot the same with hot and cold exchanged."""


class Trend(NamedTuple):
    """The Mann-Kendall test of n series, shape ``(n,)`` each: S, its normal deviate, p."""

    s: Ints
    z: Floats
    p: Floats


@dataclass(frozen=True, eq=False)
class Emerging:
    """Patterns of n places over k periods.

    Attributes
    ----------
    pattern
        :class:`Pattern` of each place, shape ``(n,)``.
    side
        1 where the pattern is of a hot spot, -1 of a cold one, 0 for none; shape ``(n,)``.
    run
        For how many periods up to the last the place has been so without a break; 0 if it is
        not so now. Shape ``(n,)``: tells since when.
    trend
        Of Gi* over the periods.
    state
        1 hot, -1 cold, 0 neither, of each place in each period, shape ``(n, k)``.
    z
        Gi* of each place in each period, shape ``(n, k)``; NaN throughout a period in which all
        places have the same.
    """

    pattern: NDArray[np.object_]
    side: NDArray[np.int8]
    run: Ints
    trend: Trend
    state: NDArray[np.int8]
    z: Floats


def emerging(counts: ArrayLike, weights: Weights, alpha: float = 0.05) -> Emerging:
    """Find hot and cold spots that come, stay and go.

    Each period is compared within itself: that all places have more in summer makes none hot. The
    p-values are corrected across the places of a period (Benjamini-Hochberg), so that what is
    said of a past period does not change later. The patterns are those of ArcGIS's Emerging Hot
    Spot Analysis; unlike there, Gi* of a period does not count the period before as a neighbour,
    and the mean is that of the period, not of all of them.

    Parameters
    ----------
    counts
        Cases of n places in k periods of equal length, the oldest first, shape ``(n, k)``.
    weights
        Neighbours of the n places.
    alpha
        Corrected p-value below which a place is hot or cold; also the trend's, which is of one
        test a place and not corrected.

    Raises
    ------
    GeoDataError
        ``too_few`` periods with cases, fewer than 10; and what
        :func:`gis.hotspots.gi_star_by_period` raises.
    """
    found = gi_star_by_period(counts, weights)
    tested: NDArray[np.bool_] = np.asarray(~np.isnan(found.z).all(axis=0))
    if tested.sum() < FEWEST_PERIODS:
        raise GeoDataError(
            Reason.TOO_FEW,
            f"In {tested.sum()} of {len(tested)} periods the places can be compared: how they "
            f"develop takes {FEWEST_PERIODS}. Choose a longer time or shorter periods.",
        )
    with np.errstate(invalid="ignore"):
        state = (np.sign(np.nan_to_num(found.z)) * (found.corrected < alpha)).astype(np.int8)
    trend = mann_kendall(found.z[:, tested])
    rising = np.where(trend.p < alpha, np.sign(trend.s), 0)
    pattern, side = np.full(len(state), Pattern.NONE, object), np.zeros(len(state), np.int8)
    run = np.zeros(len(state), np.int64)
    for sign in (1, -1):
        those = _patterns(state == sign, state == -sign, rising * sign, int(tested.sum()))
        # What a place is now goes before what it was.
        wins = (those != Pattern.NONE) & ((side == 0) | (state[:, -1] == sign))
        pattern[wins], side[wins] = those[wins], sign
        run += _last_run(state == sign)
    return Emerging(pattern, side, run, trend, state, found.z)


def _patterns(
    hot: NDArray[np.bool_], cold: NDArray[np.bool_], rising: Ints, periods: int
) -> NDArray[np.object_]:
    """The pattern of each place; exchange hot and cold, and the trend's sign, for cold spots."""
    now, times, run = hot[:, -1], hot.sum(axis=1), _last_run(hot)
    mostly = times >= MOST_OF_THE_TIME * periods
    rules = {
        Pattern.HISTORICAL: ~now & mostly,
        Pattern.NONE: ~now,
        Pattern.NEW: times == 1,
        Pattern.INTENSIFYING: mostly & (rising > 0),
        Pattern.DIMINISHING: mostly & (rising < 0),
        Pattern.PERSISTENT: mostly,
        Pattern.CONSECUTIVE: run == times,
        Pattern.OSCILLATING: cold.any(axis=1),
    }  # the first that holds
    chosen = np.select(list(rules.values()), list(range(len(rules))), len(rules))
    return np.asarray(np.array([*rules, Pattern.SPORADIC], object)[chosen])


def _last_run(state: NDArray[np.bool_]) -> Ints:
    """How many of the last columns are true without a break, for each row."""
    return np.asarray(np.logical_and.accumulate(state[:, ::-1], axis=1).sum(axis=1))


def mann_kendall(series: ArrayLike) -> Trend:
    """Whether series go up or down in the long run, whatever their shape: Mann-Kendall.

    S counts the pairs in which the later value is greater, less those in which it is smaller; its
    variance allows for ties, its deviate for continuity. Sources: Mann (1945), Econometrica 13,
    245-259; Kendall (1975), Rank correlation methods. Equal to `pymannkendall.original_test`,
    which takes one series at a time.

    Parameters
    ----------
    series
        Shape ``(n, k)``, the oldest first, without gaps.

    Examples
    --------
    Of 4, 5, 7, 7 five pairs rise and one is a tie: S = 5, its variance
    (4 x 3 x 13 - 2 x 1 x 9) / 18 = 7.667, and z = (5 - 1) / 2.769 = 1.4446.

    >>> trend = mann_kendall([[4, 5, 7, 7]])
    >>> trend.s, trend.z.round(4)
    (array([5]), array([1.4446]))
    """
    x = np.ascontiguousarray(np.asarray(series, np.float64).T)  # a row is a period
    k, n = x.shape
    s = np.zeros(n, np.int64)
    same = np.zeros((k, n), np.int64)  # how many others are equal to each
    for earlier in range(k - 1):
        later = x[earlier + 1 :]
        s += (later > x[earlier]).sum(axis=0) - (later < x[earlier]).sum(axis=0)
        equal = later == x[earlier]
        same[earlier] += equal.sum(axis=0)
        same[earlier + 1 :] += equal
    # A group of t equals counts t (t - 1) (2 t + 5): each of its members a t-th of that.
    ties = (same * (2 * same + 7)).sum(axis=0)
    variance = (k * (k - 1) * (2 * k + 5) - ties) / 18
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(s == 0, 0.0, (s - np.sign(s)) / np.sqrt(variance))
    return Trend(s, z, normal_p(z))
