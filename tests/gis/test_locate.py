"""Points to grids: the edge rule, distances, candidates, and what is no place at all."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from gis.errors import GeoDataError, Reason
from gis.locate import GridLocator

LON, LAT = 106.25, 38.28
GEOD = Geod(ellps="WGS84")


def square(column: float, row: float, size: float = 1.0) -> shapely.Polygon:
    """A cell of a chessboard whose corners are exact in floating point."""
    west, south = LON + column / 1024, LAT + row / 1024
    return shapely.box(west, south, west + size / 1024, south + size / 1024)


def spot(column: float, row: float) -> tuple[float, float]:
    return LON + column / 1024, LAT + row / 1024


def voronoi(seeds: int, seed: int) -> NDArray[np.object_]:
    points = np.random.default_rng(seed).uniform(size=(seeds, 2)) * 0.02 + (LON, LAT)
    cells = shapely.voronoi_polygons(shapely.multipoints(points))
    return np.asarray(shapely.get_parts(cells))


BOARD = np.array([square(column, row) for row in range(3) for column in range(3)])
BOARD_IDS = np.arange(10, 19)


class TestTheEdgeRule:
    def test_a_point_inside_one_grid_has_that_grid(self) -> None:
        lon, lat = np.array([spot(0.5, 0.5), spot(2.5, 1.5)]).T
        assert GridLocator(BOARD_IDS, BOARD).membership(lon, lat).tolist() == [10, 15]

    def test_a_corner_of_four_grids_has_the_first_in_the_order_of_the_caller(self) -> None:
        order = ["d", "c", "z", "b", "a", "z", "z", "z", "z"]
        locator = GridLocator(BOARD_IDS, BOARD, order=order)
        found = locator.locate(*spot(1, 1))
        assert found.grid_id.tolist() == [14]
        assert found.candidates(0) == [(13, 0.0), (11, 0.0), (10, 0.0)]
        assert found.near_edge.tolist() == [True]
        assert found.overlapping.tolist() == [False]
        assert found.edge_distance_m == pytest.approx(0, abs=1e-6)

    def test_without_an_order_the_smallest_id_has_the_edge(self) -> None:
        assert GridLocator([9, 4], [square(0, 0), square(1, 0)]).membership(*spot(1, 0.5)) == [4]

    def test_of_overlapping_grids_the_smaller_has_the_point_and_it_is_flagged(self) -> None:
        locator = GridLocator([1, 2], [square(0, 0, 3), square(1, 1)])
        found = locator.locate(*np.array([spot(1.5, 1.5), spot(0.5, 0.5)]).T)
        assert found.grid_id.tolist() == [2, 1]
        assert found.overlapping.tolist() == [True, False]
        assert found.candidates(0) == [(1, 0.0)]

    def test_of_equal_overlapping_grids_the_first_in_order_has_the_point(self) -> None:
        twins = [square(0, 0), square(0, 0)]
        assert GridLocator([1, 2], twins, order=["b", "a"]).membership(*spot(0.5, 0.5)) == [2]

    def test_a_grid_that_holds_the_point_inside_goes_before_one_that_has_it_on_its_edge(
        self,
    ) -> None:
        small, large = square(0, 0), square(0.5, 0, 3)
        found = GridLocator([1, 2], [small, large]).locate(*spot(1, 0.5))
        assert found.grid_id.tolist() == [2]
        assert found.overlapping.tolist() == [False]

    def test_a_point_near_a_small_grid_laid_over_a_large_one_is_near_an_edge(self) -> None:
        locator = GridLocator([1, 2], [square(0, 0, 3), square(1, 1)])
        found = locator.locate(*spot(0.96, 1.5))
        assert found.grid_id.tolist() == [1]
        assert found.edge_distance_m[0] > 80
        assert found.near_edge.tolist() == [True]
        assert found.candidates(0) == [(2, pytest.approx(3.42, abs=0.02))]

    def test_a_point_on_the_edge_of_a_small_grid_inside_a_large_one_is_near_an_edge(self) -> None:
        locator = GridLocator([1, 2], [square(0, 0, 3), square(1, 1)])
        found = locator.locate(*spot(1, 1.5))
        assert found.grid_id.tolist() == [1]
        assert found.near_edge.tolist() == [True]
        assert found.overlapping.tolist() == [False]
        assert found.candidates(0) == [(2, 0.0)]

    def test_a_hole_is_outside_and_its_rim_is_an_edge(self) -> None:
        ring = shapely.difference(square(0, 0, 3), square(1, 1))
        found = GridLocator([1], [ring]).locate(*np.array([spot(1.5, 1.5), spot(0.99, 1.5)]).T)
        assert found.grid_id.tolist() == [-1, 1]
        assert found.nearest_id.tolist() == [1, -1]
        assert found.near_edge.tolist() == [False, True]

    @settings(max_examples=40, deadline=None)
    @given(seed=st.integers(0, 2**32 - 1), overlaps=st.integers(0, 4))
    def test_no_order_of_grids_or_points_changes_an_answer(self, seed: int, overlaps: int) -> None:
        rng = np.random.default_rng(seed)
        shapes = np.append(
            voronoi(12, seed), shapely.buffer(voronoi(12, seed + 1)[:overlaps], 1e-3)
        )
        ids = rng.permutation(len(shapes)) * 7
        codes = np.array([f"6401210010{rank:05}" for rank in rng.permutation(len(shapes))])
        corners = rng.choice(shapely.get_coordinates(shapes), 20)
        middles = corners[:-1] / 2 + corners[1:] / 2
        points = np.concatenate([corners, middles, rng.uniform(size=(60, 2)) * 0.03 + (LON, LAT)])
        first = GridLocator(ids, shapes, order=codes).locate(*points.T)

        grids, places = rng.permutation(len(shapes)), rng.permutation(len(points))
        locator = GridLocator(ids[grids], shapes[grids], order=codes[grids])
        second = locator.locate(*points[places].T)
        for name in ("grid_id", "edge_distance_m", "near_edge", "overlapping", "nearest_id"):
            np.testing.assert_array_equal(getattr(first, name)[places], getattr(second, name))
        for new, old in enumerate(places):
            assert first.candidates(old) == second.candidates(new)


class TestMembership:
    @settings(max_examples=40, deadline=None)
    @given(seed=st.integers(0, 2**32 - 1))
    def test_every_point_has_a_grid_that_covers_it_or_none_does(self, seed: int) -> None:
        shapes = voronoi(40, seed)
        rng = np.random.default_rng(seed)
        corners = rng.choice(shapely.get_coordinates(shapes), 200)
        points = corners + rng.normal(size=corners.shape) * rng.choice(
            [0, 1e-12, 1e-7, 1e-3], (200, 1)
        )
        found = GridLocator(np.arange(len(shapes)), shapes).membership(*points.T)
        covers = shapely.covers(shapes[None, :], shapely.points(points)[:, None])
        assert ((found >= 0) == covers.any(axis=1)).all()
        assert covers[np.flatnonzero(found >= 0), found[found >= 0]].all()

    def test_many_points_get_the_answers_that_each_gets_alone(self) -> None:
        shapes = voronoi(300, 5)
        locator = GridLocator(np.arange(len(shapes)), shapes)
        points = np.random.default_rng(6).uniform(size=(120_000, 2)) * 0.024 + (LON, LAT)
        together = locator.locate(*points.T)
        assert (locator.membership(*points.T) == together.grid_id).all()
        for number in range(0, len(points), 997):
            alone = locator.locate(*points[number])
            assert alone.grid_id[0] == together.grid_id[number]
            assert alone.edge_distance_m[0] == together.edge_distance_m[number]
            assert alone.near_edge[0] == together.near_edge[number]
            assert alone.nearest_id[0] == together.nearest_id[number]
            assert alone.candidates(0) == together.candidates(number)

    def test_one_grid_far_away_spoils_no_answer(self) -> None:
        shapes = np.append(BOARD, shapely.box(-120, -40, -119.999, -39.999))
        locator = GridLocator(np.arange(10), shapes)
        lon, lat = np.array([spot(0.5, 0.5), spot(2.5, 2.5), (-119.9995, -39.9995), (0, 0)]).T
        assert locator.membership(lon, lat).tolist() == [0, 8, 9, -1]

    def test_a_grid_of_several_parts_holds_points_in_each(self) -> None:
        both = shapely.union_all([square(0, 0), square(2, 2)])
        points = np.array([spot(0.5, 0.5), spot(2.5, 2.5), spot(1.5, 1.5)]).T
        assert GridLocator([3], [both]).membership(*points).tolist() == [3, 3, -1]


class TestDistance:
    @pytest.mark.parametrize("lat", [-54.8, 0.0, 19.2, 38.28, 53.3, 69.6])
    def test_metres_are_those_of_a_geodesic_to_the_nearest_point_of_the_edge(
        self, lat: float
    ) -> None:
        shape = shapely.box(LON, lat, LON + 0.01, lat + 0.01)
        rng = np.random.default_rng(3)
        points = np.array([LON, lat]) + rng.uniform(-0.005, 0.015, (25, 2))
        found = GridLocator([1], [shape]).locate(*points.T)
        edge = shapely.get_coordinates(shapely.segmentize(shape.exterior, 1e-6))
        for point, metres in zip(points, found.edge_distance_m, strict=True):
            near = edge[
                np.hypot(*((edge - point) * (np.cos(np.radians(lat)), 1)).T).argsort()[:9999]
            ]
            lon0, lat0 = np.full(len(near), point[0]), np.full(len(near), point[1])
            truth = GEOD.inv(lon0, lat0, *near.T)[2].min()
            assert metres == pytest.approx(truth, rel=5e-4 if abs(lat) > 60 else 1.5e-4, abs=1e-3)

    def test_a_long_edge_is_measured_where_membership_sees_it(self) -> None:
        shape = shapely.Polygon([(106, 38), (107, 39), (106, 39)])
        lon = np.linspace(106.05, 106.95, 19)
        found = GridLocator([1], [shape]).locate(lon, lon - 68)
        assert found.edge_distance_m.max() < 0.001
        assert found.near_edge.all()


class TestOutside:
    def test_a_point_outside_all_has_no_grid_but_the_nearest_and_its_distance(self) -> None:
        found = GridLocator(BOARD_IDS, BOARD).locate(*spot(4, 1.5))
        assert found.grid_id.tolist() == [-1]
        assert found.nearest_id.tolist() == [15]
        assert found.edge_distance_m[0] == pytest.approx(85.5, abs=0.1)
        assert found.near_edge.tolist() == [False]
        assert found.candidates(0) == []

    def test_a_point_just_outside_stays_unplaced_with_its_candidates(self) -> None:
        found = GridLocator(BOARD_IDS, BOARD).locate(*spot(3.05, 2))
        assert found.grid_id.tolist() == [-1]
        assert found.nearest_id.tolist() == [15]
        assert found.near_edge.tolist() == [True]
        assert [grid for grid, _ in found.candidates(0)] == [15, 18]

    def test_what_is_no_place_on_earth_has_neither_grid_nor_distance(self) -> None:
        nan, inf = float("nan"), float("inf")
        lon = [nan, LON, inf, LON, 38.28, 36_000_000.0, LON]
        lat = [LAT, nan, LAT, -inf, 106.25, 4_238_000.0, 90.0]
        found = GridLocator(BOARD_IDS, BOARD).locate(lon, lat)
        assert (found.grid_id == -1).all()
        assert (found.nearest_id == -1).all()
        assert np.isnan(found.edge_distance_m).all()
        assert not found.near_edge.any()
        assert len(found.candidate_ids) == 0

    def test_without_any_grid_everything_is_infinitely_far(self) -> None:
        found = GridLocator([], []).locate([LON, float("nan")], [LAT, LAT])
        assert found.grid_id.tolist() == [-1, -1]
        assert found.edge_distance_m[0] == np.inf
        assert np.isnan(found.edge_distance_m[1])

    def test_no_points_give_no_answers(self) -> None:
        found = GridLocator(BOARD_IDS, BOARD).locate([], [])
        assert len(found.grid_id) == 0
        assert found.candidate_offsets.tolist() == [0]


class TestCandidates:
    def test_neighbours_within_the_margin_come_nearest_first(self) -> None:
        found = GridLocator(BOARD_IDS, BOARD).locate(*spot(1.03, 1.05))
        assert found.grid_id.tolist() == [14]
        ids, metres = zip(*found.candidates(0), strict=True)
        assert ids == (13, 11, 10)
        assert metres == pytest.approx([2.56, 5.42, 6.00], abs=0.02)

    def test_a_wider_margin_of_one_point_widens_nothing_for_the_others(self) -> None:
        lon, lat = np.array([spot(1.3, 1.5)] * 2).T
        found = GridLocator(BOARD_IDS, BOARD).locate(lon, lat, margin_m=[10, 30])
        assert found.near_edge.tolist() == [False, True]
        assert [found.candidates(0), [grid for grid, _ in found.candidates(1)]] == [[], [13]]

    def test_at_most_as_many_as_asked_for(self) -> None:
        lon, lat = np.array([spot(1.03, 1.05)] * 3).T
        found = GridLocator(BOARD_IDS, BOARD).locate(lon, lat, k_candidates=1)
        assert found.candidate_offsets.tolist() == [0, 1, 2, 3]
        assert found.candidate_ids.tolist() == [13, 13, 13]

    @settings(max_examples=25, deadline=None)
    @given(seed=st.integers(0, 2**32 - 1), margin=st.sampled_from([1.0, 10.0, 80.0]))
    def test_they_are_all_other_grids_within_the_margin_and_no_more(
        self, seed: int, margin: float
    ) -> None:
        shapes = np.append(voronoi(30, seed), shapely.buffer(voronoi(9, seed + 1)[:3], 5e-4))
        rng = np.random.default_rng(seed)
        points = rng.uniform(size=(40, 2)) * 0.022 + (LON, LAT)
        found = GridLocator(np.arange(len(shapes)), shapes).locate(*points.T, margin_m=margin)
        metric = Transformer.from_crs(4326, 4544, always_xy=True)
        flat = shapely.segmentize(shapes, 1e-4)
        flat = shapely.transform(flat, lambda xy: np.column_stack(metric.transform(*xy.T)))
        gaps = shapely.distance(
            shapely.points(*metric.transform(*points.T))[:, None], flat[None, :]
        )
        for number, row in enumerate(gaps):
            row[found.grid_id[number]] = np.inf if found.grid_id[number] >= 0 else row[-1]
            got = dict(found.candidates(number))
            assert set(np.flatnonzero(row <= margin * 0.999)) <= set(got)
            assert set(got) <= set(np.flatnonzero(row <= margin * 1.001))
            for grid, metres in got.items():
                assert metres == pytest.approx(row[grid], rel=1e-3, abs=2e-3)


class TestBadInput:
    @pytest.mark.parametrize(
        ("ids", "shapes", "order", "words"),
        [
            ([1], [square(0, 0), square(1, 0)], None, "1 ids, 2 geometries"),
            ([1, 1], [square(0, 0), square(1, 0)], None, "must be different"),
            ([-1], [square(0, 0)], None, "not negative"),
            ([1], [square(0, 0)], ["a", "b"], "2 places in the order"),
            ([5], [shapely.Point(1, 2)], None, "Grid 5 is not a polygon"),
            ([5], [shapely.Polygon()], None, "Grid 5 is not a polygon"),
            ([5], [shapely.Polygon([(106, 38)] * 4)], None, "that has an area"),
            ([5], [None], None, "Grid 5 is not a polygon"),
            ([5], [shapely.box(605_000, 4_233_000, 605_100, 4_233_100)], None, "EPSG:4326"),
        ],
    )  # fmt: skip
    def test_grids_that_cannot_be_are_refused_in_words(
        self, ids: list[int], shapes: list[object], order: list[str] | None, words: str
    ) -> None:
        with pytest.raises(GeoDataError, match=words):
            GridLocator(ids, shapes, order=order)

    def test_points_of_two_lengths_are_refused(self) -> None:
        with pytest.raises(GeoDataError, match="equally long") as raised:
            GridLocator(BOARD_IDS, BOARD).locate([1.0, 2.0], [1.0])
        assert raised.value.reason is Reason.BAD_ARGUMENT

    @pytest.mark.parametrize("margin", [-1.0, float("nan")])
    def test_a_margin_below_zero_is_refused(self, margin: float) -> None:
        with pytest.raises(GeoDataError, match="0 m or more"):
            GridLocator(BOARD_IDS, BOARD).locate(LON, LAT, margin_m=margin)


class TestDeepInside:
    @given(seed=st.integers(0, 2**32 - 1), margin=st.sampled_from([0.0, 1.0, 10.0, 80.0]))
    @settings(max_examples=20)
    def test_says_of_one_point_what_locate_says_or_nothing(self, seed: int, margin: float) -> None:
        locator = GridLocator(np.arange(40), voronoi(40, seed))
        points = np.random.default_rng(seed).uniform(-0.3, 1.3, size=(50, 2)) * 0.02 + (LON, LAT)
        found = locator.locate(*points.T, margin_m=margin)
        told = 0
        for number, (lon, lat) in enumerate(points.tolist()):
            if deep := locator.deep_inside(lon, lat, margin):
                told += 1
                assert deep[0] == found.grid_id[number]
                assert deep[1] == pytest.approx(found.edge_distance_m[number], rel=1e-12)
                assert not found.near_edge[number]
                assert not found.overlapping[number]
        assert told > 0 or margin > 10

    def test_nothing_of_what_lies_in_several_grids_or_in_none_or_at_a_pole(self) -> None:
        locator = GridLocator([1, 2], [square(0, 0, 3), square(0, 0, 2)])
        places = [spot(1, 1), spot(9, 9), (LON, 90.0), (LON, -90.0)]
        assert [locator.deep_inside(*place, 1.0) for place in places] == [None] * 4
        assert GridLocator([], np.empty(0, object)).deep_inside(LON, LAT, 1.0) is None
