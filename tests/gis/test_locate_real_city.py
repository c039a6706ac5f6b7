"""10,000 reports of a city whose councils overlap, with the council that it wrote itself."""

import geopandas
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from gis.locate import GridLocator, Located
from tests.shared import shared_data

pytestmark = pytest.mark.shared

City = tuple[NDArray[np.int64], NDArray[np.object_], pd.DataFrame]


@pytest.fixture(scope="module")
def city() -> City:
    councils = geopandas.read_file(shared_data("la311", "councils", "councils.shp"))
    rows = pd.read_csv(shared_data("la311", "requests-2018.csv"))
    return councils.nc_id.astype(int).to_numpy(), councils.geometry.to_numpy(), rows


@pytest.fixture(scope="module", params=[None, 1, 2])
def answers(
    request: pytest.FixtureRequest,
    city: City,
) -> pd.DataFrame:
    """One row a request: the city's number and ours; as given and in two other orders."""
    ids, shapes, rows = city
    if request.param is not None:
        grids = np.random.default_rng(request.param).permutation(len(ids))
        ids, shapes = ids[grids], shapes[grids]
        rows = rows.sample(frac=1, random_state=request.param)
    found = GridLocator(ids, shapes).locate(rows.Longitude, rows.Latitude)
    return compared(rows, found)


def compared(rows: pd.DataFrame, found: Located) -> pd.DataFrame:
    candidates = [{grid for grid, _ in found.candidates(row)} for row in range(len(rows))]
    own = zip(rows.NC, candidates, strict=True)
    return rows.assign(
        hit=rows.NC.to_numpy() == found.grid_id,
        nearly=[number in near for number, near in own],
        near_edge=found.near_edge,
        overlapping=found.overlapping,
    )


def test_the_citys_own_number_is_found_whatever_the_order(answers: pd.DataFrame) -> None:
    known = answers[answers.NC.notna() & answers.Longitude.notna()]
    assert len(known) == 8_786
    assert known.hit.sum() == 8_678
    assert known.overlapping.sum() == 17


def test_where_it_can_be_it_is_the_grid_or_a_candidate(answers: pd.DataFrame) -> None:
    known = answers[answers.NC.notna() & answers.Longitude.notna()]
    assert (known.hit | (known.nearly & known.overlapping)).sum() == 8_688


def test_the_31_just_outside_are_flagged_and_the_67_are_listed_with_their_distance(
    answers: pd.DataFrame,
    city: City,
) -> None:
    ids, shapes, _ = city
    missed = answers[
        answers.NC.notna() & answers.Longitude.notna() & ~answers.hit & ~answers.overlapping
    ]
    assert len(missed) == 98
    near = missed[missed.nearly]
    assert len(near) == 31
    assert near.near_edge.all()
    far = missed[~missed.nearly]
    metres = [
        GridLocator(ids[ids == row.NC], shapes[ids == row.NC])
        .locate(row.Longitude, row.Latitude)
        .edge_distance_m[0]
        for row in far.itertuples()
    ]
    assert len(metres) == 67
    assert min(metres) > 10
    assert max(metres) == pytest.approx(2_600, abs=100)


def test_at_most_two_in_a_hundred_are_near_an_edge(answers: pd.DataFrame) -> None:
    assert 0 < answers.near_edge.sum() <= 200
