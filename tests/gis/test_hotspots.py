"""Gi* and its correction: equal to esda and SciPy, and a sentence where no number would be true."""

import subprocess
import sys
import warnings

import esda
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gis.errors import GeoDataError, Reason
from gis.hotspots import (
    FEWEST_CASES,
    FEWEST_PLACES,
    benjamini_hochberg,
    gi_star,
    gi_star_by_period,
    levels,
    normal_p,
    rates,
)
from gis.localmoran import Null, Quadrant, local_moran
from gis.nets import NetKind, net_over_points
from gis.weights import Weights, distance_band

EAST, NORTH = 605_000.0, 4_233_000.0
ORIGIN = np.array([EAST, NORTH])


def square_net(side: int) -> Weights:
    edge = np.array([50.0, side * 100 - 50.0])
    return net_over_points(NetKind.SQUARE, 100, EAST + edge, NORTH + edge).queen()


def counts_of(side: int, seed: int) -> np.ndarray:
    """Counts that vary from place to place as real ones do: many small, a few large."""
    rng = np.random.default_rng(seed)
    return rng.poisson(np.exp(rng.normal(1, 1.2, side * side))).astype(float)


def of_esda(values: np.ndarray, weights: Weights, star: bool = True) -> esda.G_Local:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it divides by nothing where a place has no neighbour
        return esda.G_Local(values, weights.to_graph(), transform="B", permutations=0, star=star)


@pytest.mark.parametrize("seed", range(4))
def test_gi_star_is_that_of_esda(seed):
    values, weights = counts_of(30, seed), square_net(30)
    theirs, ours = of_esda(values, weights), gi_star(values, weights)
    np.testing.assert_allclose(ours.z, theirs.Zs, rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours.p, 2 * theirs.p_norm, rtol=1e-10)
    np.testing.assert_allclose(ours.near / values.sum(), theirs.Gs, rtol=1e-12)
    np.testing.assert_allclose(ours.expected / values.sum(), theirs.EGs, rtol=1e-12)
    np.testing.assert_allclose(
        gi_star(values, weights, itself=False).z, of_esda(values, weights, star=False).Zs,
        rtol=0, atol=1e-11,
    )  # fmt: skip


def test_gi_star_is_the_correlation_with_being_near():
    """Times the root of n - 1: which is why fewer than five places can never be significant."""
    values, weights = counts_of(12, 1), square_net(12)
    near = weights.to_graph().sparse.toarray() + np.eye(144)
    correlation = [np.corrcoef(values, row)[0, 1] for row in near]
    np.testing.assert_allclose(gi_star(values, weights).z, np.sqrt(143) * np.array(correlation))
    assert np.sqrt(FEWEST_PLACES - 2) < stats.norm.isf(0.025) < np.sqrt(FEWEST_PLACES - 1)


def test_the_order_of_the_places_is_of_no_influence():
    points = np.random.default_rng(2).uniform(0, 2_000, (200, 2)) + ORIGIN
    values = np.random.default_rng(3).poisson(3, 200)
    order = np.random.default_rng(4).permutation(200)
    first = gi_star(values, distance_band(points, 300))
    second = gi_star(values[order], distance_band(points[order], 300))
    np.testing.assert_allclose(first.z[order], second.z, atol=1e-12)


@given(st.floats(0.01, 1_000), st.floats(-1_000, 1_000))
def test_the_unit_of_the_values_is_of_no_influence(scale, shift):
    values, weights = counts_of(6, 7), square_net(6)
    np.testing.assert_allclose(
        gi_star(values * scale + shift, weights).z, gi_star(values, weights).z, atol=1e-7
    )


def test_an_island_is_named_and_tested_by_its_own_value():
    points = np.array([[i * 100.0, 0] for i in range(9)] + [[9_000, 0]]) + ORIGIN
    values = np.array([1, 2, 1, 0, 1, 2, 1, 1, 2, 40])
    found = gi_star(values, distance_band(points, 100))
    assert found.islands.tolist() == [9]
    assert found.near[9] == 40
    assert found.z[9] == pytest.approx((40 - values.mean()) / values.std())
    assert len(found.untested) == 0


def test_a_place_without_a_value_is_neither_tested_nor_a_neighbour():
    values, weights = counts_of(8, 3), square_net(8)
    values[[10, 40]] = np.nan
    found = gi_star(values, weights)
    known = ~np.isnan(values)
    rest = gi_star(values[known], weights.only(known))
    assert found.untested.tolist() == [10, 40]
    assert np.isnan(found.corrected[[10, 40]]).all()
    np.testing.assert_array_equal(found.z[known], rest.z)
    np.testing.assert_array_equal(found.corrected[known], rest.corrected)


def test_a_place_next_to_all_others_is_said_to_be_untested():
    hub = Weights.of_pairs(6, [0] * 5 + [1, 2, 3, 4, 5], [1, 2, 3, 4, 5] + [0] * 5, "by hand")
    found = gi_star([1, 5, 2, 8, 0, 1], hub)
    assert found.untested.tolist() == [0]
    assert not np.isnan(found.corrected[1:]).any()


@pytest.mark.parametrize(
    ("values", "weights", "cases", "reason", "words"),
    [
        ([7], Weights.of_pairs(1, [], [], ""), None, Reason.TOO_FEW, "There is 1 place"),
        ([7, 1, 2, 3], square_net(2), None, Reason.TOO_FEW, "There are 4 places"),
        ([], Weights.of_pairs(0, [], [], ""), None, Reason.TOO_FEW, "There are 0 places"),
        ([0] * 9, square_net(3), None, Reason.ALL_EQUAL, "All 9 places have the same value, 0:"),
        ([0.1] * 9, square_net(3), None, Reason.ALL_EQUAL, "the same value, 0.1:"),
        ([1] + [0] * 8, square_net(3), 1, Reason.TOO_FEW, "There are 1 cases"),
        ([1] + [0] * 8, Weights.of_pairs(9, [], [], ""), None, Reason.NO_NEIGHBOURS, "None of"),
        ([np.inf] + [0] * 8, square_net(3), None, Reason.BAD_ARGUMENT, "place 0 is infinite"),
        ([1, 2, 3], square_net(3), None, Reason.BAD_ARGUMENT, r"shape \(3,\) for 9 places"),
        ([np.nan] * 9, square_net(3), None, Reason.TOO_FEW, "There are 0 places"),
    ],
    ids=[
        "one place", "four places", "no place", "no cases", "all equal", "few cases",
        "nobody has neighbours", "infinite", "another number", "no values",
    ],
)  # fmt: skip
def test_a_sentence_stands_in_place_of_a_number(values, weights, cases, reason, words):
    with pytest.raises(GeoDataError, match=words) as refused:
        gi_star(values, weights, cases)
    assert refused.value.reason is reason


def test_all_next_to_all_cannot_be_compared():
    points = np.arange(12.0).reshape(6, 2) + ORIGIN
    with pytest.raises(GeoDataError, match="neighbour of all others") as refused:
        gi_star([1, 2, 3, 4, 5, 6], distance_band(points, 500))
    assert refused.value.reason is Reason.NO_NEIGHBOURS


def test_cases_enough_are_tested():
    assert len(gi_star([9, 1, 0, 0, 0, 0, 0, 0, 0], square_net(3), FEWEST_CASES).z) == 9


def test_periods_are_tested_as_each_by_itself():
    weights = square_net(10)
    counts = np.column_stack([counts_of(10, seed) for seed in range(5)])
    together = gi_star_by_period(counts, weights)
    for period in range(5):
        alone = gi_star(counts[:, period], weights)
        np.testing.assert_allclose(together.z[:, period], alone.z, atol=1e-12)
        np.testing.assert_allclose(together.corrected[:, period], alone.corrected, atol=1e-12)


def test_a_period_without_cases_is_untested_and_disturbs_no_other():
    counts = np.column_stack([counts_of(10, 1), np.zeros(100), counts_of(10, 2)])
    found = gi_star_by_period(counts, square_net(10))
    assert np.isnan(found.z[:, 1]).all()
    assert not np.isnan(found.z[:, [0, 2]]).any()


def test_a_place_without_a_count_in_a_period_is_refused():
    counts = np.zeros((9, 2))
    counts[4, 1] = np.nan
    with pytest.raises(GeoDataError, match="give 0 where there were no cases"):
        gi_star_by_period(counts, square_net(3))


@given(st.lists(st.floats(-40, 40), min_size=1, max_size=30))
def test_p_values_are_those_of_scipy(z):
    np.testing.assert_allclose(normal_p(z), 2 * stats.norm.sf(np.abs(z)), rtol=1e-11, atol=1e-300)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_the_correction_is_that_of_scipy(p):
    np.testing.assert_allclose(benjamini_hochberg(p), stats.false_discovery_control(p), rtol=1e-12)


@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=1, max_size=30))
def test_what_is_not_tested_does_not_count_as_a_test(p):
    given_, corrected = np.array(p), benjamini_hochberg(p)
    tested = ~np.isnan(given_)
    assert np.array_equal(np.isnan(corrected), ~tested)
    np.testing.assert_array_equal(corrected[tested], benjamini_hochberg(given_[tested]))


def test_families_of_tests_are_corrected_by_themselves():
    p = np.random.default_rng(1).uniform(0, 1, (40, 3))
    p[5, 1] = np.nan
    expected = np.column_stack([benjamini_hochberg(column) for column in p.T])
    np.testing.assert_array_equal(benjamini_hochberg(p), expected)


def test_by_chance_alone_hardly_anything_is_hot():
    """Of 200 maps without any pattern, the corrected answer finds something in about one of 20."""
    weights = square_net(20)
    rng = np.random.default_rng(11)
    raw, corrected = [], []
    for _ in range(200):
        found = gi_star(rng.poisson(20, 400), weights)
        raw.append(np.count_nonzero(found.p < 0.05))
        corrected.append(np.any(found.corrected < 0.05))
    assert 12 < np.mean(raw) < 28  # a twentieth of 400
    assert np.mean(corrected) < 0.12


def test_levels_tell_hot_from_cold():
    z, p = np.array([4.0, 3.0, 2.5, 1.8, -3.0]), np.array([0.0005, 0.005, 0.02, 0.08, 0.009])
    assert levels(z, p).tolist() == [3, 2, 1, 0, -2]


def test_rates_name_the_places_they_cannot_be_said_of():
    found = rates([4, 0, 3, 5], [2.0, 8.0, 0.0, np.nan])
    assert found.without.tolist() == [2, 3]
    np.testing.assert_array_equal(found.values, [2.0, 0.0, np.nan, np.nan])
    with pytest.raises(GeoDataError, match="1 sizes for 2 counts"):
        rates([1, 2], [1.0])


@pytest.mark.parametrize(("null", "suffix"), [(Null.CONDITIONAL, "c"), (Null.TOTAL, "")])
@pytest.mark.parametrize("row_standardized", [True, False])
def test_local_moran_is_that_of_esda_but_for_its_scale(null, suffix, row_standardized):
    values, weights = counts_of(12, 5), square_net(12)
    theirs = esda.Moran_Local(
        values, weights.to_graph(), "r" if row_standardized else "b", permutations=0
    )
    ours = local_moran(values, weights, null=null, row_standardized=row_standardized)
    close = {"rtol": 1e-11, "atol": 1e-14}
    np.testing.assert_allclose(ours.i, theirs.Is * 144 / 143, **close)
    np.testing.assert_allclose(ours.expected, getattr(theirs, f"EI{suffix}"), **close)
    np.testing.assert_allclose(ours.variance, getattr(theirs, f"VI{suffix}"), **close)
    np.testing.assert_allclose(ours.corrected, stats.false_discovery_control(ours.p), **close)
    order = [Quadrant.HIGH_HIGH, Quadrant.LOW_HIGH, Quadrant.LOW_LOW, Quadrant.HIGH_LOW]
    assert ours.quadrant.tolist() == [order[q - 1] for q in theirs.q]


def test_a_conditional_local_moran_is_gi_with_the_sign_of_the_place():
    values, weights = counts_of(15, 3), square_net(15)
    without = gi_star(values, weights, itself=False)
    found = local_moran(values, weights)
    np.testing.assert_allclose(found.z, np.sign(values - values.mean()) * without.z, atol=1e-11)


def test_a_lone_high_place_is_high_among_low():
    """What Gi* cannot say: it sees a middling neighbourhood and is silent."""
    values, weights = np.full(400, 5.0), square_net(20)
    values[::3] += 1
    block = (np.arange(400) // 20 < 7) & (np.arange(400) % 20 < 7)
    values[block] = 0
    values[3 * 20 + 3] = 40
    found = local_moran(values, weights)
    assert found.kinds(0.05)[63] == Quadrant.HIGH_LOW
    assert gi_star(values, weights).corrected[63] > 0.05
    assert found.kinds(0.05)[0] == Quadrant.LOW_LOW
    assert set(found.kinds(0.05, raw=True)) >= set(found.kinds(0.05))


def test_local_moran_leaves_an_island_without_p_value():
    points = np.array([[i * 100.0, 0] for i in range(9)] + [[9_000, 0]]) + ORIGIN
    found = local_moran([1, 2, 1, 0, 1, 2, 1, 1, 2, 40], distance_band(points, 100))
    assert np.isnan(found.z).tolist() == [False] * 9 + [True]
    assert np.isnan(found.corrected[9])
    assert found.quadrant[9] == found.kinds(1.1)[9] == Quadrant.NONE


def test_local_moran_says_nothing_of_the_only_place_with_cases_and_of_the_very_mean():
    values = np.zeros(25)
    values[12] = 40
    assert np.isnan(local_moran(values, square_net(5)).z).tolist() == [n == 12 for n in range(25)]
    values[:] = [4.0, 0.0, 2.0, 2.0, 2.0] * 5
    untested = np.isnan(local_moran(values, square_net(5)).z)
    assert untested.tolist() == (values == 2).tolist()


def test_local_moran_of_a_place_without_value_is_that_of_the_others():
    values, weights = counts_of(8, 2).astype(float), square_net(8)
    values[[5, 20]] = np.nan
    known = ~np.isnan(values)
    found, others = local_moran(values, weights), local_moran(values[known], weights.only(known))
    for name, column in vars(others).items():
        np.testing.assert_array_equal(getattr(found, name)[known], column)
    assert np.isnan(found.z[[5, 20]]).all()
    assert found.quadrant[5] == Quadrant.NONE


def test_local_moran_refuses_what_it_cannot_say():
    with pytest.raises(GeoDataError, match="the same value"):
        local_moran([1.0] * 9, square_net(3))
    with pytest.raises(GeoDataError, match="There are 9 cases"):
        local_moran([1.0, 8.0, *[0.0] * 7], square_net(3), 9)


def test_what_a_page_asks_loads_no_heavy_library():
    """A web worker has no room for them."""
    code = (
        "import sys, numpy as np\n"
        "from gis import clusters, emerging, hotspots, localmoran, nets\n"
        "net = nets.net_over_points(nets.NetKind.SQUARE, 100, [50, 1950], [50, 1950])\n"
        "counts = np.random.default_rng(1).poisson(3, (400, 12))\n"
        "hotspots.gi_star(counts[:, 0], net.queen())\n"
        "localmoran.local_moran(counts[:, 0], net.queen())\n"
        "emerging.emerging(counts, net.queen())\n"
        "heavy = ('scipy', 'sklearn', 'esda', 'libpysal', 'pandas', 'geopandas')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
