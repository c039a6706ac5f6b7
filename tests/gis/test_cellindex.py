"""The raster that spares points the polygon test: sure cells are right, the others say so."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.cellindex import NONE, UNSURE, CellIndex


def only_holder(
    shapes: NDArray[np.object_], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.int32]:
    """By trying every polygon: its index, NONE, or UNSURE for several."""
    inside = shapely.intersects_xy(shapes[None, :], x[:, None], y[:, None])
    index = np.where(inside.any(axis=1), inside.argmax(axis=1), NONE)
    index[inside.sum(axis=1) > 1] = UNSURE
    return index.astype(np.int32)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([0.02, 0.2, 0.6]),
    corners=st.sampled_from([3, 9]),
)
def test_a_sure_cell_answers_as_the_polygons_do(seed: int, size: float, corners: int) -> None:
    rng = np.random.default_rng(seed)
    spread = rng.uniform(size=(12, corners, 2)) * size + rng.uniform(size=(12, 1, 2))
    shapes = shapely.buffer(shapely.polygons(spread), 0)
    shapes = shapes[~shapely.is_empty(shapes)]
    cells = CellIndex(shapes, lambda x, y: only_holder(shapes, x, y))
    near = rng.choice(shapely.get_coordinates(shapes), 300) + rng.normal(size=(300, 2)) * 1e-4
    x, y = np.concatenate([near, rng.uniform(-0.2, 1.8, (300, 2))]).T
    answer = cells.lookup(x, y)
    sure = answer != UNSURE
    assert sure.any()
    assert (answer[sure] == only_holder(shapes, x, y)[sure]).all()


def test_most_cells_of_a_town_are_sure() -> None:
    points = shapely.multipoints(np.random.default_rng(1).uniform(size=(1000, 2)))
    shapes = np.asarray(shapely.get_parts(shapely.voronoi_polygons(points)))
    cells = CellIndex(shapes, lambda x, y: only_holder(shapes, x, y))
    west, south, east, north = shapely.total_bounds(shapes)
    x, y = np.random.default_rng(2).uniform((west, south), (east, north), (20_000, 2)).T
    assert (cells.lookup(x, y) == UNSURE).mean() < 0.25
