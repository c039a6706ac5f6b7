"""Shapes and points for a map at some zoom."""

import numpy as np
import pytest
import shapely
from pyproj import Geod

from gis.tiles import merge_points, metres_per_pixel, simplify_for_zoom


def wavy(n: int = 40) -> list[shapely.Polygon]:
    """Two neighbours whose common edge and outer edges have many small waves."""
    t = np.linspace(0, 1, n)
    wave = 0.0004 * np.sin(t * 40)
    middle = np.column_stack([106.26 + wave, 38.27 + 0.02 * t])
    left = np.column_stack([106.24 + wave, 38.27 + 0.02 * t])
    right = np.column_stack([106.28 + wave, 38.27 + 0.02 * t])
    return [
        shapely.Polygon(np.concatenate([left, middle[::-1]])),
        shapely.Polygon(np.concatenate([middle, right[::-1]])),
    ]


@pytest.mark.parametrize("zoom", [8, 11, 14, 17])
@pytest.mark.parametrize("lat", [0, 38.28, -60])
def test_a_pixel_is_as_wide_as_on_the_ground(zoom, lat):
    degrees = 360 / 256 / 2**zoom
    metres = Geod(ellps="WGS84").inv(0, lat, degrees, lat)[2]
    assert metres_per_pixel(zoom, lat) == pytest.approx(metres, rel=0.004)


@pytest.mark.parametrize("zoom", [9, 12, 15, 18])
def test_neighbours_stay_neighbours(zoom):
    before, after = wavy(), simplify_for_zoom(wavy(), zoom)
    assert shapely.coverage_is_valid(after)
    pixel = metres_per_pixel(zoom, 38.28) / 111_320
    for was, now in zip(before, after, strict=True):
        assert now.is_valid
        assert was.hausdorff_distance(now) < 3 * pixel + 1e-6


def test_the_farther_the_fewer_vertices():
    numbers = [shapely.get_num_coordinates(simplify_for_zoom(wavy(), z)).sum() for z in (8, 12, 18)]
    assert numbers == sorted(numbers)
    assert numbers[0] <= 12
    assert numbers[-1] > 100


def test_what_overlaps_is_simplified_all_the_same():
    one, other = wavy()
    shifted = shapely.transform(other, lambda at: at - (0.005, 0))
    after = simplify_for_zoom([one, shifted], 10)
    assert shapely.get_num_coordinates(after).sum() < 40
    assert shapely.is_valid(after).all()


def test_no_shapes_are_no_shapes():
    assert len(simplify_for_zoom([], 12)) == 0


def test_joined_points_lie_apart_and_lose_no_count():
    rng = np.random.default_rng(5)
    lon, lat = 106.25 + rng.normal(0, 0.02, 3000), 38.28 + rng.normal(0, 0.02, 3000)
    counts = rng.integers(1, 9, (3000, 5))
    x, y, joined = merge_points(lon, lat, counts, 13, 70)
    assert joined.sum(axis=0).tolist() == counts.sum(axis=0).tolist()
    assert (np.diff(joined.sum(axis=1)[:1]) <= 0).all()
    degrees = 70 * 360 / 256 / 2**13
    narrow = np.cos(np.radians(38.28))
    gaps = np.hypot(x[:, None] - x, (y[:, None] - y) / narrow)
    assert gaps[~np.eye(len(x), dtype=bool)].min() > degrees * 0.999


def test_points_that_lie_apart_stay():
    lon, lat, counts = merge_points([106.2, 106.3], [38.2, 38.3], [[1, 0], [0, 1]], 16, 60)
    assert sorted(lon.tolist()) == [106.2, 106.3]
    assert sorted(lat.tolist()) == [38.2, 38.3]
    assert counts.sum() == 2


def test_no_points_are_no_points():
    assert [len(part) for part in merge_points([], [], np.empty((0, 5)), 10, 60)] == [0, 0, 0]
