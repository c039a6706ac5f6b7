"""How hot spots develop: each pattern, the trend, and what is refused."""

import numpy as np
import pymannkendall
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gis.emerging import DEFINITIONS, Emerging, Pattern, emerging, mann_kendall
from gis.errors import GeoDataError, Reason
from gis.hotspots import gi_star
from gis.nets import NetKind, net_over_points

SIDE = 15
CORNER = 1 * SIDE + 1  # the places in which something is made to happen, far from each other
FAR = (SIDE - 2) * SIDE + SIDE - 2
WEIGHTS = net_over_points(NetKind.SQUARE, 100, [50_050, 51_450], [50, 1_450]).queen()


def town(**heat: list[float]) -> Emerging:
    """Even towns in which, by period, the neighbourhood of a place has more (or fewer) cases."""
    periods = len(next(iter(heat.values())))
    rng = np.random.default_rng(1)
    counts = rng.poisson(30, (SIDE * SIDE, periods)).astype(float)
    for name, extra in heat.items():
        place = {"corner": CORNER, "far": FAR}[name]
        around = [place, *WEIGHTS.indices[slice(*WEIGHTS.indptr[place : place + 2])]]
        counts[around] = np.maximum(counts[around] + np.array(extra), 0)
    return emerging(counts, WEIGHTS)


@pytest.mark.parametrize(
    ("pattern", "heat"),
    [
        (Pattern.NEW, [0] * 11 + [60]),
        (Pattern.CONSECUTIVE, [0] * 9 + [60] * 3),
        (Pattern.INTENSIFYING, list(range(30, 150, 10))),
        (Pattern.PERSISTENT, [60, 80] * 6),
        (Pattern.DIMINISHING, list(range(140, 20, -10))),
        (Pattern.SPORADIC, [60, 0, 60, 0, 0, 60, 0, 0, 0, 0, 60, 60]),
        (Pattern.OSCILLATING, [-30, 0, 60, 0, 0, 60, 0, 0, 0, 0, 60, 60]),
        (Pattern.HISTORICAL, [60] * 11 + [0]),
        (Pattern.NONE, [60, 60, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (Pattern.NONE, [0] * 12),
    ],
)
def test_each_pattern_is_told(pattern, heat):
    found = town(corner=heat)
    assert found.pattern[CORNER] == pattern
    assert found.side[CORNER] == (0 if pattern is Pattern.NONE else 1)


def test_a_cold_spot_is_told_the_same_way():
    found = town(corner=[0] * 11 + [-30], far=[-30] * 12)
    assert (found.pattern[CORNER], found.side[CORNER]) == (Pattern.NEW, -1)
    assert found.side[FAR] == -1
    assert found.pattern[FAR] in (Pattern.PERSISTENT, Pattern.INTENSIFYING, Pattern.DIMINISHING)


def test_a_cold_spot_that_gets_colder_intensifies():
    found = town(corner=list(range(-14, -26, -1)), far=[0] * 12)
    assert (found.pattern[CORNER], found.side[CORNER]) == (Pattern.INTENSIFYING, -1)
    assert found.trend.z[CORNER] < 0


def test_what_a_place_is_now_goes_before_what_it_was():
    found = town(corner=[60] * 11 + [-30])
    assert (found.pattern[CORNER], found.side[CORNER]) == (Pattern.NEW, -1)
    assert found.state[CORNER].tolist() == [1] * 11 + [-1]
    assert found.run[CORNER] == 1


def test_the_run_tells_since_when():
    assert town(corner=[0] * 9 + [60] * 3).run[CORNER] == 3
    assert town(corner=[60] * 11 + [0]).run[CORNER] == 0


def test_the_state_of_a_period_is_the_corrected_answer_of_that_period():
    rng = np.random.default_rng(3)
    counts = rng.poisson(np.exp(rng.normal(1, 1.2, (SIDE * SIDE, 1))), (SIDE * SIDE, 12))
    found = emerging(counts, WEIGHTS)
    for period in range(12):
        alone = gi_star(counts[:, period], WEIGHTS)
        hot = np.where(alone.corrected < 0.05, np.sign(alone.z), 0)
        np.testing.assert_array_equal(found.state[:, period], hot)


def test_more_everywhere_makes_nobody_hot():
    rng = np.random.default_rng(5)
    rising = np.linspace(5, 60, 12)
    found = emerging(rng.poisson(rising, (SIDE * SIDE, 12)), WEIGHTS)
    assert np.mean(found.pattern == Pattern.NONE) > 0.97


def test_periods_without_cases_are_left_out_of_the_trend_and_the_share():
    heat = [60, 80, 0, 60, 80, 60, 80, 60, 80, 60, 80, 60]
    rng = np.random.default_rng(1)
    counts = rng.poisson(30, (SIDE * SIDE, 12)).astype(float)
    around = [CORNER, *WEIGHTS.indices[slice(*WEIGHTS.indptr[CORNER : CORNER + 2])]]
    counts[around] += heat
    counts[:, 2] = 0
    found = emerging(counts, WEIGHTS)
    assert found.pattern[CORNER] == Pattern.PERSISTENT
    assert np.isnan(found.z[:, 2]).all()
    assert not np.isnan(found.trend.z).any()


def test_too_few_periods_are_refused_with_a_sentence():
    counts = np.random.default_rng(1).poisson(3, (SIDE * SIDE, 12))
    counts[:, :4] = 0
    with pytest.raises(GeoDataError, match="In 8 of 12 periods") as refused:
        emerging(counts, WEIGHTS)
    assert refused.value.reason is Reason.TOO_FEW


def test_every_pattern_has_its_sentence():
    assert list(DEFINITIONS) == list(Pattern)
    assert all(sentence.endswith(".") for sentence in DEFINITIONS.values())


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 6), st.integers(2, 40)),
        elements=st.integers(-5, 5).map(float),
    )
)
def test_the_trend_is_that_of_pymannkendall(series):
    found = mann_kendall(series)
    for place, values in enumerate(series):
        if np.ptp(values) == 0:  # it divides by the variance, which is 0
            assert (found.s[place], found.z[place], found.p[place]) == (0, 0.0, 1.0)
            continue
        theirs = pymannkendall.original_test(values)
        assert found.s[place] == theirs.s
        assert found.z[place] == pytest.approx(theirs.z, abs=1e-12)
        assert found.p[place] == pytest.approx(theirs.p, abs=1e-12)


def test_the_trend_of_real_numbers_is_that_of_pymannkendall():
    series = np.random.default_rng(8).normal(size=(50, 104)).cumsum(axis=1)
    found = mann_kendall(series)
    theirs = [pymannkendall.original_test(values) for values in series]
    np.testing.assert_array_equal(found.s, [one.s for one in theirs])
    np.testing.assert_allclose(found.z, [one.z for one in theirs], rtol=1e-12)
    np.testing.assert_allclose(found.p, [one.p for one in theirs], atol=1e-12)
