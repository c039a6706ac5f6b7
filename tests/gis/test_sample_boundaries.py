"""The sample sub-district in data/shapefiles: what its README promises."""

import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from data.shapefiles import make_sample

FOLDER = Path(make_sample.__file__).parent
NAMES = ["建设", "利民", "胜利", "团结", "东环", "南环", "阳光", "祥和", "宁和", "永和"]


@pytest.fixture(scope="module")
def communities() -> gpd.GeoDataFrame:
    return gpd.read_file(FOLDER / "communities.shp")


@pytest.fixture(scope="module")
def grids() -> gpd.GeoDataFrame:
    return gpd.read_file(FOLDER / "grids.shp")


def test_the_communities_have_their_real_names_and_codes(communities: gpd.GeoDataFrame) -> None:
    assert communities.name.tolist() == [f"{name}社区" for name in NAMES]
    assert communities.code.tolist() == [f"640121001{number:03}" for number in range(1, 11)]
    assert set(communities.parent) == {"640121001"}


def test_every_grid_has_a_code_and_a_name_under_its_community(
    communities: gpd.GeoDataFrame, grids: gpd.GeoDataFrame
) -> None:
    names = communities.set_index("code").name
    assert len(grids) == 122
    assert grids.code.is_unique
    for grid in grids.itertuples():
        assert re.fullmatch(rf"{grid.parent}\d{{3}}", grid.code)
        assert grid.name == f"{names[grid.parent]}第{int(grid.code[12:]):02}网格"


def test_grids_cover_their_community_exactly_and_communities_meet_without_gap_or_overlap(
    communities: gpd.GeoDataFrame, grids: gpd.GeoDataFrame
) -> None:
    assert shapely.coverage_is_valid(communities.geometry.to_numpy())
    assert shapely.coverage_is_valid(grids.geometry.to_numpy())
    for community in communities.itertuples():
        own = shapely.coverage_union_all(grids.geometry[grids.parent == community.code].to_numpy())
        assert own.symmetric_difference(community.geometry).area == 0


def test_each_file_says_its_crs_and_its_encoding(
    communities: gpd.GeoDataFrame, grids: gpd.GeoDataFrame
) -> None:
    for layer, shapes in (("communities", communities), ("grids", grids)):
        assert shapes.crs.to_epsg() == 4326
        assert (FOLDER / f"{layer}.cpg").read_text() == "UTF-8"


def test_drawing_it_again_gives_the_same_files(tmp_path: Path) -> None:
    make_sample.main(tmp_path)
    for layer in ("communities", "grids"):
        again, kept = (gpd.read_file(place / f"{layer}.shp") for place in (tmp_path, FOLDER))
        assert again.drop(columns="geometry").equals(kept.drop(columns="geometry"))
        assert again.geometry.geom_equals_exact(kept.geometry, 1e-9).all()
        header = (tmp_path / f"{layer}.dbf").read_bytes()
        assert header == (FOLDER / f"{layer}.dbf").read_bytes()
