"""Neighbours of places: by touching, by distance, kept and read again."""

import numpy as np
import pytest
import shapely
from geopandas import GeoSeries
from hypothesis import given
from hypothesis import strategies as st
from libpysal.graph import Graph
from libpysal.graph import read_gal as their_gal

from gis.errors import GeoDataError, Reason
from gis.weights import TOUCHING_M, Weights, distance_band, of_neighbours, queen, read_gal

EAST, NORTH = 605_000.0, 4_233_000.0
ORIGIN = np.array([EAST, NORTH])


def same(first: Weights, second: Weights) -> bool:
    data = (first.data is None) == (second.data is None) and (
        first.data is None or np.array_equal(first.data, second.data)
    )
    return (
        data
        and np.array_equal(first.indptr, second.indptr)
        and np.array_equal(first.indices, second.indices)
    )


def of_graph(graph: Graph) -> Weights:
    matrix = graph.sparse.tocsr()
    head = np.repeat(np.arange(graph.n), np.diff(matrix.indptr))
    return Weights.of_pairs(graph.n, head, matrix.indices, "libpysal")


def boxes(columns: int, rows: int, gap: float = 0.0) -> np.ndarray:
    """Squares of 100 m, each smaller (or, with a gap below 0, larger) by the gap on all sides."""
    x, y = (a.ravel() for a in np.meshgrid(np.arange(columns) * 100, np.arange(rows) * 100))
    x, y = x + EAST, y + NORTH
    return shapely.box(x + gap / 2, y + gap / 2, x + 100 - gap / 2, y + 100 - gap / 2)


def cells(count: int, seed: int) -> np.ndarray:
    seeds = shapely.multipoints(np.random.default_rng(seed).uniform(0, 5_000, (count, 2)))
    around = shapely.box(0, 0, 5_000, 5_000)
    found = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=around))
    return shapely.transform(
        shapely.intersection(found, around), lambda xy: np.round(xy, 3) + ORIGIN
    )


@st.composite
def weights(draw: st.DrawFn) -> Weights:
    n = draw(st.integers(1, 30))
    position = st.integers(0, n - 1)
    pairs = sorted(draw(st.sets(st.tuples(position, position).filter(lambda p: p[0] != p[1]))))
    head, tail = np.array(pairs, np.int64).reshape(-1, 2).T
    data = draw(st.none() | st.just(np.linspace(0.1, 2, len(pairs))))
    return Weights.of_pairs(n, head, tail, "drawn", data)


@pytest.mark.parametrize("seed", range(3))
def test_touching_cells_are_neighbours_as_in_libpysal(seed):
    shapes = cells(200, seed)
    assert same(queen(shapes, 0.0), of_graph(Graph.build_contiguity(GeoSeries(shapes), rook=False)))


def test_with_a_tolerance_they_are_those_of_libpysals_fuzzy_contiguity():
    shapes = boxes(8, 8, gap=0.6)
    theirs = Graph.build_fuzzy_contiguity(shapes, buffer=0.5)
    ours = queen(shapes)
    assert same(ours, of_graph(theirs))
    assert ours.rule == f"queen:{TOUCHING_M:g}"


@pytest.mark.parametrize("gap", [-5.0, -0.4, 0.0, 0.4])
def test_small_gaps_and_overlaps_make_no_islands(gap):
    inner = queen(boxes(5, 5, gap)).cardinalities.reshape(5, 5)
    assert inner[1:-1, 1:-1].tolist() == [[8] * 3] * 3
    assert inner[0, 0] == 3


def test_a_street_between_two_grids_separates_them():
    assert queen(boxes(2, 1, gap=10.0)).islands.tolist() == [0, 1]


def test_an_island_is_named_and_kept():
    shapes = np.append(boxes(3, 3), [shapely.box(EAST + 900, NORTH, EAST + 1_000, NORTH + 100)])
    found = queen(shapes)
    assert len(found) == 10
    assert found.islands.tolist() == [9]
    assert same(Weights.from_bytes(found.to_bytes()), found)


@pytest.mark.parametrize("metres", [60.0, 250.0, 1_000.0])
def test_a_band_is_that_of_libpysal(metres):
    points = np.random.default_rng(5).uniform(0, 4_000, (300, 2)) + ORIGIN
    places = GeoSeries(shapely.points(points))
    theirs = Graph.build_distance_band(places, metres, binary=True)
    assert same(distance_band(points, metres), of_graph(theirs))


def test_just_as_far_is_a_neighbour():
    points = np.array([[EAST, NORTH], [EAST + 500, NORTH], [EAST, NORTH + 500.001]])
    assert distance_band(points, 500).cardinalities.tolist() == [1, 1, 0]


def test_too_wide_a_band_is_refused_before_it_takes_memory():
    points = np.random.default_rng(1).uniform(0, 1_000, (6_000, 2)) + ORIGIN
    with pytest.raises(GeoDataError, match="20,000,000 pairs of the 6,000 places") as refused:
        distance_band(points, 5_000)
    assert refused.value.reason is Reason.TOO_MANY


def test_degrees_are_refused():
    degrees = shapely.box([106.2, 106.3], 38.2, [106.3, 106.4], 38.3)
    with pytest.raises(GeoDataError, match="degrees") as refused:
        queen(degrees)
    assert refused.value.reason is Reason.CRS_MISMATCH
    with pytest.raises(GeoDataError, match="degrees"):
        distance_band([[106.2, 38.2], [106.3, 38.3]], 500)


@pytest.mark.parametrize("metres", [0.0, -5.0, float("nan"), float("inf")])
def test_no_distance_is_refused(metres):
    with pytest.raises(GeoDataError, match="m holds no neighbours"):
        distance_band([[EAST, NORTH], [EAST, NORTH + 5]], metres)


def test_a_place_without_outline_or_point_is_named():
    shapes = boxes(3, 1)
    shapes[1] = None
    with pytest.raises(GeoDataError, match="Place 1 has no outline") as refused:
        queen(shapes)
    assert refused.value.feature == 1
    with pytest.raises(GeoDataError, match="Place 2 has no point"):
        distance_band([[EAST, NORTH], [EAST, NORTH + 1], [float("nan"), NORTH]], 10)


@given(weights())
def test_what_is_kept_comes_back(found):
    back = Weights.from_bytes(found.to_bytes())
    assert same(back, found)
    assert back.rule == "drawn"


def test_ten_thousand_grids_are_kept_in_little_room():
    points = np.column_stack([a.ravel() for a in np.meshgrid(np.arange(100), np.arange(100))])
    found = distance_band(points * 100.0 + ORIGIN, 150)
    assert len(found.indices) == 78_804
    assert len(found.to_bytes()) < 20_000


@pytest.mark.parametrize("kept", [b"", b"nonsense", b"PK\x05\x06" + bytes(18)])
def test_broken_bytes_are_refused(kept):
    with pytest.raises(GeoDataError) as refused:
        Weights.from_bytes(kept)
    assert refused.value.reason is Reason.BROKEN_FILE


def test_cut_or_inconsistent_bytes_are_refused():
    found = queen(boxes(4, 4))
    whole = found.to_bytes()
    short = Weights(found.indptr[:-1], found.indices)
    beyond = Weights(found.indptr, found.indices + 5)
    for kept in (whole[: len(whole) // 2], short.to_bytes(), beyond.to_bytes()):
        with pytest.raises(GeoDataError) as refused:
            Weights.from_bytes(kept)
        assert refused.value.reason is Reason.BROKEN_FILE


@given(weights(), st.integers(1, 4))
def test_a_lag_is_the_product_of_the_matrix(found, k):
    values = np.random.default_rng(k).integers(0, 100, (len(found), k)).astype(float)
    matrix = np.zeros((len(found), len(found)))
    head = np.repeat(np.arange(len(found)), found.cardinalities)
    matrix[head, found.indices] = 1.0 if found.data is None else found.data
    np.testing.assert_allclose(found.lag(values), matrix @ values, atol=1e-9)
    np.testing.assert_allclose(found.lag(values[:, 0]), matrix @ values[:, 0], atol=1e-9)
    np.testing.assert_allclose(found.sums, [matrix.sum(axis=1), (matrix**2).sum(axis=1)])
    np.testing.assert_array_equal(found.to_graph().sparse.toarray(), matrix)


@given(weights(), st.randoms())
def test_some_of_the_places_keep_the_neighbours_among_them(found, random):
    chosen = np.array([random.random() < 0.6 for _ in range(len(found))])
    inner = found.only(chosen)
    dense = [w.to_graph().sparse.toarray() if len(w) else np.zeros((0, 0)) for w in (found, inner)]
    np.testing.assert_array_equal(dense[1], dense[0][np.ix_(chosen, chosen)])


def test_pairs_that_cannot_be_are_refused():
    with pytest.raises(GeoDataError, match="beyond the 3 places"):
        Weights.of_pairs(3, [0, 1], [1, 3], "by hand")
    with pytest.raises(GeoDataError, match="twice"):
        Weights.of_pairs(3, [0, 1, 0], [1, 0, 1], "by hand")
    with pytest.raises(GeoDataError, match="2 values for 3 places"):
        Weights.of_pairs(3, [0, 1], [1, 0], "by hand").lag([1.0, 2.0])


def test_a_gal_file_is_read_as_libpysal_does(tmp_path):
    path = tmp_path / "four.gal"
    path.write_text("4\na 2\nb c\nb 1\na\nc 1\na\nd 0\n\n")
    found, ids = read_gal(path)
    assert ids == ("a", "b", "c", "d")
    assert [ids[at] for at in found.islands] == ["d"]
    assert same(found, of_graph(their_gal(str(path))))
    assert same(found, of_neighbours({"a": "bc", "b": "a", "c": "a", "d": ""}, ids, ""))


def test_another_file_is_no_gal(tmp_path):
    path = tmp_path / "other.gal"
    path.write_text("three\n1 2\n")
    with pytest.raises(GeoDataError, match=r"other\.gal is no \.gal file"):
        read_gal(path)
