"""Nets of squares and hexagons: points in cells, neighbours, and what is refused."""

import time
import tracemalloc

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import GeoDataError, Reason
from gis.nets import MOST_CELLS, Net, NetKind, net_over_area, net_over_points
from gis.weights import queen

EAST, NORTH = 605_000.0, 4_233_000.0
KINDS = list(NetKind)


def points(count: int, seed: int = 1, side: float = 3_000) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.random.default_rng(seed).uniform(0, side, (2, count))
    return x + EAST, y + NORTH


def horseshoe() -> shapely.Polygon:
    """An area with a bay, so that the net over it has holes in its rectangle."""
    whole = shapely.Point(EAST + 2_000, NORTH + 2_000).buffer(1_900)
    return whole - shapely.box(EAST + 1_700, NORTH + 1_000, EAST + 2_300, NORTH + 4_000)


def nets(kind: NetKind) -> list[Net]:
    return [net_over_points(kind, 237.0, *points(500)), net_over_area(kind, 237.0, horseshoe())]


@pytest.mark.parametrize("kind", KINDS)
def test_a_point_lies_in_the_polygon_of_its_cell(kind):
    x, y = points(3_000, 2, 5_000)
    for net in nets(kind):
        found = net.index(x, y)
        inside = found >= 0
        assert inside.sum() > 500
        shapes = net.shapes()
        assert shapely.intersects_xy(shapes[found[inside]], x[inside], y[inside]).all()
        left = shapely.points(x[~inside], y[~inside])
        assert len(shapely.STRtree(shapes).query(left, predicate="within")[0]) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_cells_cover_the_ground_once(kind):
    net = net_over_points(kind, 150.0, *points(400))
    shapes = net.shapes()
    area = {NetKind.SQUARE: 150.0**2, NetKind.HEXAGON: 150.0**2 * np.sqrt(3) / 2}[kind]
    np.testing.assert_allclose(shapely.area(shapes), area, rtol=1e-8)
    whole = shapely.union_all(shapes, grid_size=0.001)
    assert whole.area == pytest.approx(area * len(net), rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cells_middle_is_in_it(kind):
    for net in nets(kind):
        assert net.index(*net.centres().T).tolist() == list(range(len(net)))
        chosen = [3, 0, 7]
        middles = shapely.get_coordinates(shapely.centroid(net.shapes(chosen)))
        np.testing.assert_allclose(middles, net.centres()[chosen], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_neighbours_by_arithmetic_are_those_of_the_shapes(kind):
    for net in nets(kind):
        by_shape, by_number = queen(net.shapes(), 0.01), net.queen()
        np.testing.assert_array_equal(by_number.indptr, by_shape.indptr)
        np.testing.assert_array_equal(by_number.indices, by_shape.indices)
        assert by_number.cardinalities.max() == {NetKind.SQUARE: 8, NetKind.HEXAGON: 6}[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_over_an_area_lie_just_the_cells_that_reach_into_it(kind):
    area = horseshoe()
    net = net_over_area(kind, 237.0, area)
    assert len(net) < net.columns * net.rows
    wider = net_over_area(kind, 237.0, area.buffer(1_000))
    inside = shapely.area(shapely.intersection(wider.shapes(), area)) > 1e-6
    expected = {tuple(a) for a in np.transpose(wider.addresses)[inside].tolist()}
    assert {tuple(a) for a in np.transpose(net.addresses).tolist()} == expected


@pytest.mark.parametrize("kind", KINDS)
@given(count=st.integers(1, 60), size=st.floats(1, 900), seed=st.integers(0, 1_000))
def test_a_net_holds_all_the_points_it_was_laid_over(kind, count, size, seed):
    x, y = points(count, seed, side=300)
    net = net_over_points(kind, size, x, y)
    counts = net.count(x, y)
    assert counts.sum() == count
    assert len(counts) == len(net) == net.columns * net.rows
    edges = counts.reshape(net.rows, net.columns)
    for rim in (edges[0], edges[-1], edges[:, 0], edges[:, -1]):
        assert rim.any()  # no wider than need be


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_cell_has_the_same_address_in_any_net(kind):
    x, y = points(50)
    large, small = net_over_points(kind, 100, x, y), net_over_points(kind, 100, x[:5], y[:5])
    addresses = [np.transpose(net.addresses)[net.index(x[:5], y[:5])] for net in (large, small)]
    np.testing.assert_array_equal(*addresses)


def test_an_origin_moves_the_net():
    net = net_over_points(NetKind.SQUARE, 100, [EAST + 130], [NORTH + 30], (EAST + 20, NORTH - 70))
    assert [a.tolist() for a in net.addresses] == [[1], [1]]
    assert net.shapes()[0].bounds == (EAST + 120, NORTH + 30, EAST + 220, NORTH + 130)


def test_a_point_on_an_edge_belongs_to_the_square_east_and_north_of_it():
    net = net_over_points(NetKind.SQUARE, 100, [EAST, EAST + 150], [NORTH, NORTH + 150])
    assert net.index([EAST + 100, EAST], [NORTH, NORTH + 100]).tolist() == [1, 2]


def test_points_outside_and_unknown_are_in_no_cell_and_not_counted():
    net = net_over_points(NetKind.HEXAGON, 100, [EAST, EAST + 500], [NORTH, NORTH + 500])
    x, y = [EAST, EAST - 5_000, np.nan, np.inf, EAST], [NORTH, NORTH, NORTH, NORTH, 1e300]
    assert net.index(x, y)[1:].tolist() == [-1] * 4
    assert net.count(x, y).sum() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_points_at_one_spot_are_one_cell(kind):
    net = net_over_points(kind, 500, np.full(10_000, EAST), np.full(10_000, NORTH))
    assert net.count(np.full(10_000, EAST), np.full(10_000, NORTH)).tolist() == [10_000]


def test_a_net_of_ten_million_squares_is_refused_before_it_takes_memory():
    area = shapely.box(EAST, NORTH, EAST + 31_623, NORTH + 31_623)
    tracemalloc.start()
    started = time.perf_counter()
    for lay in (
        lambda: net_over_area(NetKind.SQUARE, 10, area),
        lambda: net_over_points(NetKind.SQUARE, 10, *np.transpose(area.exterior.coords)),
    ):
        with pytest.raises(GeoDataError) as refused:
            lay()
        assert refused.value.reason is Reason.TOO_MANY
        assert str(refused.value) == (
            "A net of 10 m over 31.6 by 31.6 km has about 10,006,467 squares; 200,000 can be "
            "worked with: give 72 m or more, or a smaller area."
        )
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    assert time.perf_counter() - started < 1
    tracemalloc.stop()


@pytest.mark.parametrize("kind", KINDS)
@given(side=st.floats(1_000, 1e7), size=st.floats(1, 100))
def test_the_size_that_is_advised_is_taken(kind, side, size):
    x, y = [EAST, EAST + side], [NORTH, NORTH + side / 3]
    try:
        net = net_over_points(kind, size, x, y)
    except GeoDataError as refused:
        advised = str(refused).partition("give ")[2].partition(" m")[0].replace(",", "")
        net = net_over_points(kind, float(advised), x, y)
    assert len(net) <= MOST_CELLS * 1.01


@pytest.mark.parametrize("size", [0.0, -5.0, 0.5, float("nan"), float("inf")])
def test_no_size_is_refused(size):
    with pytest.raises(GeoDataError, match="give 1 m or more"):
        net_over_points(NetKind.SQUARE, size, [EAST], [NORTH])


def test_no_points_no_area_and_degrees_are_refused():
    with pytest.raises(GeoDataError, match="no points"):
        net_over_points(NetKind.SQUARE, 100, [], [])
    with pytest.raises(GeoDataError, match="no points"):
        net_over_points(NetKind.SQUARE, 100, [np.nan], [NORTH])
    with pytest.raises(GeoDataError, match="The area is empty"):
        net_over_area(NetKind.SQUARE, 100, shapely.Polygon())
    with pytest.raises(GeoDataError, match="degrees"):
        net_over_points(NetKind.SQUARE, 100, [106.25], [38.28])
