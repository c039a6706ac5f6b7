"""The map on which points are measured."""

import numpy as np
import shapely
from pyproj import Transformer

from gis.conformal import geometries_to_map, to_map


def test_the_map_is_the_one_that_proj_calls_world_mercator() -> None:
    lon, lat = np.array([106.25, -118.2, 0.0]), np.array([38.28, 34.1, -70.0])
    expected = Transformer.from_crs(4326, 3395, always_xy=True).transform(lon, lat)
    np.testing.assert_allclose(np.array(to_map(lon, lat)) * 6_378_137, expected, atol=1e-3)


def test_short_edges_gain_no_vertices_on_the_map() -> None:
    flat = geometries_to_map(np.array([shapely.box(106.25, 38.28, 106.251, 38.281)]))
    assert shapely.get_num_coordinates(flat).tolist() == [5]
