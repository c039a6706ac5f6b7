"""Cutting a community into grids: a coverage of near-equal parts, in order, with codes for ever."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gis.errors import GeoDataError, Reason
from gis.gridding import grid_codes, make_grids, number_grids

LON, LAT = 106.25, 38.28
GEOD = Geod(ellps="WGS84")


def square(column: float, row: float) -> shapely.Polygon:
    """A square of about 110 m, counted from the south-west."""
    west, south = LON + column * 0.00125, LAT + row * 0.001
    return shapely.box(west, south, west + 0.00125, south + 0.001)


def star(seed: int, vertices: int = 40, roughness: float = 0.6) -> shapely.Polygon:
    """A ragged community of about 1 km across, seldom convex."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * math.pi, vertices))
    radius = 0.006 * (1 - roughness * rng.uniform(size=vertices))
    ring = np.column_stack([LON + radius * np.cos(angle), LAT + 0.8 * radius * np.sin(angle)])
    return shapely.Polygon(ring).buffer(0)


def area_m2(shape: shapely.Geometry) -> float:
    return abs(GEOD.geometry_area_perimeter(shape)[0])


def assert_covers_exactly(grids: list[shapely.Geometry], community: shapely.Geometry) -> None:
    assert shapely.is_valid(grids).all()
    assert shapely.coverage_is_valid(grids)
    union = shapely.coverage_union_all(grids)
    assert union.symmetric_difference(community).area < 1e-7 * community.area
    assert shapely.hausdorff_distance(union.boundary, community.boundary) < 1e-10


class TestCutting:
    @settings(max_examples=30, deadline=None)
    @given(
        seed=st.integers(0, 2**32 - 1),
        roughness=st.sampled_from([0.0, 0.4, 0.8, 0.95]),
        target=st.sampled_from([4_000, 10_000, 60_000]),
    )
    def test_grids_cover_any_community_without_gap_or_overlap_each_in_one_piece(
        self, seed: int, roughness: float, target: int
    ) -> None:
        community = star(seed, roughness=roughness)
        grids = make_grids(community, target)
        assert_covers_exactly(grids, community)
        assert {grid.geom_type for grid in grids} == {"Polygon"}

    @settings(max_examples=15, deadline=None)
    @given(seed=st.integers(0, 2**32 - 1))
    def test_areas_are_near_the_target_and_nothing_is_a_sliver(self, seed: int) -> None:
        grids = make_grids(star(seed, roughness=0.3), 10_000)
        areas = np.array([area_m2(grid) for grid in grids])
        assert len(grids) > 20
        assert areas == pytest.approx(10_000, rel=0.1)
        widths = 2 * shapely.area(grids) / shapely.length(grids) * 90_000
        assert widths.min() > 15

    def test_a_square_becomes_squares(self) -> None:
        grids = make_grids(shapely.box(LON, LAT, LON + 0.00457, LAT + 0.0036), 10_000)
        assert len(grids) == 16
        for grid in grids:
            west, south, east, north = grid.bounds
            width, height = (east - west) * 87_497, (north - south) * 111_002
            assert (width, height) == pytest.approx((100, 100), rel=0.01)

    def test_a_target_larger_than_the_community_gives_one_grid(self) -> None:
        community = star(5)
        (grid,) = make_grids(community, 1e9)
        assert shapely.equals_exact(grid, community, 1e-10, normalize=True)

    def test_a_hole_stays_a_hole(self) -> None:
        outer = shapely.box(LON, LAT, LON + 0.01, LAT + 0.01)
        pond = shapely.box(LON + 0.003, LAT + 0.002, LON + 0.006, LAT + 0.008)
        community = outer.difference(pond)
        grids = make_grids(community, 10_000)
        assert_covers_exactly(grids, community)
        assert not shapely.contains_xy(grids, LON + 0.0045, LAT + 0.005).any()

    def test_each_large_part_of_a_community_is_cut_by_itself(self) -> None:
        community = shapely.union_all([square(0, 0), square(1, 0), square(5, 5)])
        grids = make_grids(community, 12_000)
        assert len(grids) == 3
        assert_covers_exactly(grids, community)

    def test_a_tiny_exclave_belongs_to_the_grid_nearest_to_it(self) -> None:
        exclave = shapely.box(LON + 0.003, LAT, LON + 0.0031, LAT + 0.0001)
        community = shapely.union_all([square(0, 0), square(1, 0), exclave])
        grids = make_grids(community, 12_000)
        assert [grid.geom_type for grid in grids] == ["Polygon", "MultiPolygon"]
        assert_covers_exactly(grids, community)

    def test_the_same_community_is_cut_the_same_way_again(self) -> None:
        first, second = make_grids(star(8), 8_000), make_grids(star(8), 8_000)
        assert all(shapely.equals_exact(one, two) for one, two in zip(first, second, strict=True))

    def test_grids_come_in_their_order(self) -> None:
        assert number_grids(make_grids(star(3), 10_000)).tolist() == list(
            range(len(make_grids(star(3), 10_000)))
        )


class TestBadCommunities:
    @pytest.mark.parametrize("target", [0, -5, float("nan"), float("inf")])
    def test_a_target_that_is_no_area_is_refused(self, target: float) -> None:
        with pytest.raises(GeoDataError, match="above 0"):
            make_grids(square(0, 0), target)

    def test_more_than_999_grids_are_refused_with_the_area_that_would_fit(self) -> None:
        community = shapely.union_all(
            [shapely.box(LON, LAT, LON + 0.05, LAT + 0.05), square(90, 90), square(95, 95)]
        )
        with pytest.raises(GeoDataError, match="999 at most") as raised:
            make_grids(community, 10_000)
        fits = float(raised.value.message.split(" m² or more")[0].split()[-1])
        assert 990 <= len(make_grids(community, fits)) <= 999

    @pytest.mark.parametrize(
        ("shape", "words"),
        [
            (shapely.Point(LON, LAT), "is not a polygon"),
            (shapely.Polygon(), "is not a polygon"),
            (shapely.box(605_000, 4_233_000, 606_000, 4_234_000), "degrees"),
            (shapely.Polygon([(106, 38), (107, 39), (107, 38), (106, 39)]), "Self-intersection"),
        ],
    )
    def test_what_is_no_community_is_refused(self, shape: shapely.Geometry, words: str) -> None:
        with pytest.raises(GeoDataError, match=words) as raised:
            make_grids(shape)
        assert raised.value.reason is Reason.BAD_GEOMETRY


class TestNumbering:
    def test_rows_run_west_to_east_from_north_to_south(self) -> None:
        board = [square(column, row) for row in (2, 1, 0) for column in (0, 1, 2)]
        assert number_grids(board).tolist() == list(range(9))

    def test_grids_of_similar_northing_are_one_row(self) -> None:
        staggered = [square(0, 0), square(1, 0.3), square(2, -0.1)]
        assert number_grids(staggered).tolist() == [0, 1, 2]

    def test_half_a_height_further_south_a_new_row_begins(self) -> None:
        assert number_grids([square(0, 0), square(1, 0.6)]).tolist() == [1, 0]

    @given(seed=st.integers(0, 2**32 - 1))
    @settings(max_examples=20, deadline=None)
    def test_the_order_of_the_input_changes_nothing(self, seed: int) -> None:
        grids = np.array(make_grids(star(4), 10_000))
        shuffled = np.random.default_rng(seed).permutation(len(grids))
        again = grids[shuffled][number_grids(grids[shuffled])]
        assert shapely.equals(again, grids).all()

    def test_no_grids_have_no_order(self) -> None:
        assert number_grids([]).tolist() == []


class TestCodes:
    def test_they_begin_at_one(self) -> None:
        assert grid_codes("640121001001", 2) == ["640121001001001", "640121001001002"]

    def test_they_go_on_after_the_largest_and_fill_no_gap(self) -> None:
        used = ["640121001001007", "640121001001003", "640121001002800", "A-17"]
        assert grid_codes("640121001001", 1, used) == ["640121001001008"]

    def test_the_last_number_is_999(self) -> None:
        assert grid_codes("640121001001", 1, ["640121001001998"]) == ["640121001001999"]

    def test_when_they_are_used_up_it_says_so(self) -> None:
        with pytest.raises(GeoDataError, match="up to 990 and 9 are left, but 10 are needed"):
            grid_codes("640121001001", 10, ["640121001001990"])

    @pytest.mark.parametrize("code", ["", "64012100100", "64012100100A", "６" * 12])
    def test_a_community_code_of_another_form_is_refused(self, code: str) -> None:
        with pytest.raises(GeoDataError, match="12 digits"):
            grid_codes(code, 1)

    def test_fewer_than_no_codes_are_refused(self) -> None:
        with pytest.raises(GeoDataError, match="0 or more"):
            grid_codes("640121001001", -1)
