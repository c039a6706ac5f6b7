"""Clusters of points, and places where the same comes back."""

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from gis.clusters import Clusters, find_clusters, repeat_places
from gis.errors import GeoDataError, Reason

ORIGIN = np.array([605_000.0, 4_233_000.0])


def scattered(count: int, seed: int = 1, side: float = 1_000) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, side, (count, 2)) + ORIGIN


def partition(label: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(label == one)) for one in set(label.tolist()) - {-1}}


@pytest.mark.parametrize("seed", range(4))
def test_clusters_are_those_of_scikit_learn(seed):
    points = scattered(600, seed)
    order = np.lexsort((points[:, 1], points[:, 0]))  # ours: points at the rim of two are decided
    theirs = np.empty(600, int)
    theirs[order] = DBSCAN(eps=30, min_samples=4).fit(points[order]).labels_
    found = find_clusters(points, 30, 4)
    assert found.snapped_m == 0
    assert partition(found.label) == partition(theirs)
    assert len(found.sizes) > 5


def test_clusters_come_largest_first_with_their_middles():
    large, small = scattered(30, 1, 40), scattered(12, 2, 40) + 500
    found = find_clusters(np.concatenate([small, large]), 50, 5)
    assert found.sizes.tolist() == [30, 12]
    np.testing.assert_allclose(found.centres, [large.mean(axis=0), small.mean(axis=0)])
    assert found.label.tolist() == [1] * 12 + [0] * 30


def test_the_order_of_the_points_is_of_no_influence():
    points = np.repeat(scattered(300, 3), 2, axis=0)
    order = np.random.default_rng(1).permutation(600)
    first, second = find_clusters(points, 40, 5), find_clusters(points[order], 40, 5)
    np.testing.assert_array_equal(first.label[order], second.label)


def test_points_at_one_spot_count_each():
    found = find_clusters(np.repeat(scattered(1), 5, axis=0), 10, 5)
    assert found.sizes.tolist() == [5]
    assert find_clusters(np.repeat(scattered(1), 4, axis=0), 10, 5).label.tolist() == [-1] * 4


def within(seconds: float, megabytes: float, points: np.ndarray) -> Clusters:
    """Clusters and repeat places of very many points, inside these bounds."""
    find_clusters(points[:10], 50, 5)  # loads scikit-learn
    days = np.random.default_rng(1).uniform(0, 365, len(points))
    tracemalloc.start()
    started = time.perf_counter()
    found = find_clusters(points, 50, 5)
    repeated = repeat_places(points, days, np.zeros(len(points)))
    took, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(repeated.places) == 1
    assert took < seconds
    assert peak < megabytes * 1e6
    return found


def test_ten_thousand_points_at_one_spot_neither_hang_nor_take_all_memory():
    found = within(20, 100, np.repeat(scattered(1), 10_000, axis=0))
    assert found.sizes.tolist() == [10_000]
    assert found.snapped_m == 0


def test_ten_thousand_points_in_a_yard_are_put_on_a_lattice_and_that_is_said():
    found = within(60, 400, scattered(10_000, 4, 20))
    assert found.sizes.tolist() == [10_000]
    assert 0 < found.snapped_m <= 50 / 8


def test_points_that_are_too_many_for_any_lattice_are_refused_with_a_sentence():
    with pytest.raises(GeoDataError, match="Too many of the 300,000 points") as refused:
        find_clusters(scattered(300_000, 5, 3_000), 100, 5)
    assert refused.value.reason is Reason.TOO_MANY


def test_no_points_have_no_clusters():
    found = find_clusters(np.zeros((0, 2)), 50, 5)
    assert len(found.label) == len(found.sizes) == len(found.centres) == 0


@pytest.mark.parametrize(
    ("points", "metres", "least", "words"),
    [
        ([[106.2, 38.2], [106.3, 38.3]], 50, 5, "degrees"),
        ([[np.nan, 0.0]], 50, 5, "no coordinates"),
        (ORIGIN[None], 0, 5, "0 m is no distance"),
        (ORIGIN[None], np.inf, 5, "inf m is no distance"),
        (ORIGIN[None], 50, 1, "1 points make no cluster"),
    ],
    ids=["degrees", "nowhere", "no distance", "no end", "one point"],
)
def test_what_makes_no_sense_is_refused(points, metres, least, words):
    with pytest.raises(GeoDataError, match=words):
        find_clusters(points, metres, least)


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = draw(st.integers(0, 40))
    metres = st.integers(0, 12).map(lambda at: at * 10.0)
    points = draw(st.lists(st.tuples(metres, metres), min_size=count, max_size=count))
    days = draw(st.lists(st.integers(0, 300), min_size=count, max_size=count))
    kinds = draw(st.lists(st.sampled_from("ab"), min_size=count, max_size=count))
    xy = np.array(points, float).reshape(-1, 2) + ORIGIN
    return xy, np.array(days, float), np.array(kinds, object)


def repeated_cases(xy: np.ndarray, days: np.ndarray, kinds: np.ndarray) -> dict[int, int]:
    """By the words of the rule: the cases that are repeated, and how many came in 90 days."""
    found = {}
    for case in range(len(xy)):
        near = (np.hypot(*(xy - xy[case]).T) <= 30) & (kinds == kinds[case])
        most = max(np.sum(near & (days <= last) & (days >= last - 90)) for last in days)
        if most >= 3:
            found[case] = int(most)
    return found


@settings(deadline=None)
@given(cases())
def test_repeat_places_keep_their_rule(given_):
    xy, days, kinds = given_
    found = repeat_places(xy, days, kinds).places
    repeated = repeated_cases(xy, days, kinds)
    covered = set()
    for place in found:
        middle = np.array([place.x, place.y])
        near = np.hypot(*(xy - middle).T) <= 30
        assert sorted(place.cases) == np.flatnonzero(near & (kinds == place.kind)).tolist()
        assert days[place.cases].tolist() == sorted(days[place.cases])
        at = [c for c in repeated if (xy[c] == middle).all() and kinds[c] == place.kind]
        assert place.most == max(repeated[c] for c in at)
        covered |= set(place.cases.tolist())
    assert set(repeated) <= covered
    assert [place.most for place in found] == sorted((p.most for p in found), reverse=True)


@settings(deadline=None)
@given(cases(), st.randoms())
def test_the_order_of_the_cases_makes_no_other_places(given_, random):
    order = np.array(random.sample(range(len(given_[0])), len(given_[0])), int)
    places = [
        [(p.kind, p.x, p.y, p.most, len(p.cases)) for p in repeat_places(*given).places]
        for given in (given_, tuple(part[order] for part in given_))
    ]
    assert places[0] == places[1]


def test_thirty_metres_and_ninety_days_just_count():
    xy = ORIGIN + np.array([[0, 0], [30, 0], [0, 30]])
    days = np.array(["2026-01-01", "2026-02-01", "2026-04-01"], "datetime64[D]")
    assert days[2] - days[0] == np.timedelta64(90, "D")
    assert len(repeat_places(xy, days, ["a"] * 3).places) == 1
    later = days.astype("datetime64[ms]") + np.array([0, 0, 1], "timedelta64[ms]")
    assert repeat_places(xy, later, ["a"] * 3).places == []
    farther = xy + np.array([[0, 0], [0.01, 0], [0, 0]])
    assert repeat_places(farther, days, ["a"] * 3).places == []


def test_other_classes_do_not_add_up():
    xy, days = np.repeat(ORIGIN[None], 4, axis=0), [0, 1, 2, 3]
    assert repeat_places(xy, days, ["a", "b", "a", "b"]).places == []
    assert repeat_places(xy, days, [7, 7, 9, 7]).places[0].kind == 7


def test_a_case_without_a_time_is_refused():
    xy = np.repeat(ORIGIN[None], 3, axis=0)
    with pytest.raises(GeoDataError, match="has no time"):
        repeat_places(xy, np.array(["2026-01-01", "NaT", "2026-01-02"], "datetime64[s]"), [1] * 3)
    with pytest.raises(GeoDataError, match="has no time"):
        repeat_places(xy, [1, 2, np.nan], [1] * 3)
    with pytest.raises(GeoDataError, match="3 points, 2 times, 3 classes"):
        repeat_places(xy, [1, 2], [1] * 3)
