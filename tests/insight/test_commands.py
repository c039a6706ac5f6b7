"""Hot spots from the command line: of the office's cases, and of any file of points."""

import csv
import json
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.factories.life import make_town
from tests.factories.people import make_office
from tests.insight.conftest import Counted
from tests.shared import shared_data

UTM = "EPSG:32649"  # metres around 111 degrees east


@pytest.fixture
def say(app):
    """Give `flask insight hotspots` some words; answers its exit code and what it printed."""

    def command(*words):
        told = app.test_cli_runner().invoke(args=["insight", "hotspots", *map(str, words)])
        assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
        return told.exit_code, told.output

    return command


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- the cases of the office --------------------------------------------------------------------


@pytest.fixture
def office(session):
    """A town with many reports in one grid and few in others."""
    counted = Counted(make_town(session))
    for grid, reports in enumerate([20, 1, 1, 2, 0, 1, 1, 2]):
        for number in range(reports):
            counted.report(grid, days=number)
    session.commit()
    return counted


def test_all_grids_are_written_as_they_are_counted(office, say, tmp_path):
    out = tmp_path / "grids.csv"
    code, words = say("--from", "2026-09-01", "--to", "2026-11-30", "--out", out)
    assert code == 0, words
    rows = rows_of(out)
    assert +Counter({row["code"][-6:]: int(row["cases"]) for row in rows}) == +office.read()
    assert all(row["z"] and row["p_corrected"] for row in rows)
    assert "28 cases, 2026-09-01 to 2026-11-30." in words
    assert "It took" in words
    assert f"8 places written to {out}." in words


@pytest.mark.parametrize("ending", ["geojson", "gpkg"])
def test_a_map_program_finds_the_outlines_of_a_net(office, say, tmp_path, ending):
    out = tmp_path / f"net.{ending}"
    code, words = say("--from", "2026-09-01", "--to", "2026-11-30", "--by", "square:100",
                      "--weights", "band:200", "--out", out)  # fmt: skip
    assert code == 0, words
    frame = gpd.read_file(out)
    assert frame.crs == "EPSG:4326"
    assert frame.geometry.is_valid.all()
    assert frame["cases"].sum() == 28
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_few_cases_are_said_to_be_few_and_have_no_numbers(office, say, tmp_path):
    out = tmp_path / "grids.csv"
    code, words = say("--from", "2020-01-01", "--to", "2020-03-31", "--out", out)
    assert code == 0, words
    assert "nothing can be said" in words
    assert {row["z"] for row in rows_of(out)} == {""}


WRONG = [
    (("--from", "2026-11-30", "--to", "2026-09-01"), "is after the last"),
    (("--from", "yesterday"), "yesterday"),
    (("--class", "Z99"), "Z99"),
    (("--department", "Z99"), "Z99"),
    (("--source", "pigeon"), "pigeon"),
    (("--area", "999"), 'has no community "999"'),
    (("--by", "triangle:5"), "use grids, square:500 or hex:250"),
    (("--by", "square:0"), "cannot be used"),
    (("--weights", "rook"), "use queen or band:1000"),
    (("--crs", "EPSG:4544"), "--crs says nothing without --points"),
    (("--office", "nobody"), "nobody"),
]


@pytest.mark.parametrize(("words", "told"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_cannot_be_is_refused_in_a_sentence(office, say, tmp_path, words, told):
    code, output = say(*words, "--out", tmp_path / "out.csv")
    assert code != 0
    assert told in output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["out.xlsx", "out", "folder/out.csv"])
def test_where_it_cannot_be_written_is_said_before_anything_is_counted(say, tmp_path, name):
    code, output = say("--out", tmp_path / name)
    assert code != 0
    assert "no format of ours" in output or "no folder" in output
    assert list(tmp_path.iterdir()) == []


def test_without_boundaries_there_are_no_places(session, say):
    make_office(session)
    session.commit()
    code, output = say()
    assert code != 0
    assert "no places to compare yet" in output


# --- any file of points -------------------------------------------------------------------------


@pytest.mark.shared
def test_robberies_in_memphis_from_file_to_file(own_app, tmp_path):
    robberies = shared_data("memphis", "memphis_robberies.geojson")
    out = tmp_path / "memphis.csv"
    words = ["--points", robberies, "--areas", "square:500", "--out", out]
    told = own_app.test_cli_runner().invoke(args=["insight", "hotspots", *map(str, words)])
    assert told.exit_code == 0, told.output
    rows = rows_of(out)
    assert len(rows) == 74 * 59
    p, corrected, z = (np.array([float(row[name]) for row in rows])
                       for name in ("p", "p_corrected", "z"))  # fmt: skip
    assert (p < 0.05).sum() == 552
    assert (corrected < 0.05).sum() == 380
    assert z.max() == pytest.approx(15.43966, abs=5e-6)
    assert "In 380 of 4366 squares of 500 m" in told.output
    assert "2245 points, 0 of them in none of the places" in told.output


def points_file(path: Path, cells: int = 6) -> Path:
    """Points in a square of cells of 500 m: as many in each as its column and row multiply to."""
    xy = [(500_000 + 500 * c + 250, 4_000_000 + 500 * r + 250)
          for c in range(cells) for r in range(cells) for _n in range(c * r)]  # fmt: skip
    points = gpd.points_from_xy(*zip(*xy, strict=True), crs=UTM)
    gpd.GeoDataFrame({"n": range(len(xy))}, geometry=points).to_file(path)
    return path


def areas_file(path: Path, cells: int = 6, east: float = 0) -> Path:
    left, below = (np.ravel(a) for a in np.mgrid[0:cells, 0:cells] * 500)
    boxes = shapely.box(left + 500_000 + east, below + 4_000_000,
                        left + 500_500 + east, below + 4_000_500)  # fmt: skip
    codes = [f"C{n}" for n in range(len(boxes))]
    gpd.GeoDataFrame({"code": codes}, geometry=boxes, crs=UTM).to_file(path)
    return path


def test_points_are_counted_in_the_areas_of_a_file(say, tmp_path):
    points, areas = points_file(tmp_path / "p.gpkg"), areas_file(tmp_path / "a.gpkg")
    out = tmp_path / "out.csv"
    code, words = say("--points", points, "--areas", areas, "--code", "code", "--out", out)
    assert code == 0, words
    found = {row["code"]: int(row["cases"]) for row in rows_of(out)}
    assert found == {f"C{c * 6 + r}": c * r for c in range(6) for r in range(6)}
    assert "of 36 areas" in words


def test_a_net_says_the_same_of_the_same_points(say, tmp_path):
    points, areas = points_file(tmp_path / "p.gpkg", cells=9), areas_file(tmp_path / "a.gpkg", 9)
    outs = tmp_path / "areas.csv", tmp_path / "net.csv"
    for out, places in zip(outs, (areas, "square:500"), strict=True):
        code, words = say("--points", points, "--areas", places, "--weights", "band:800",
                          "--out", out)  # fmt: skip
        assert code == 0, words
    by_areas, by_net = ({row["cases"] for row in rows_of(out)} for out in outs)
    assert by_areas == by_net | {"0"}


def test_a_shapefile_without_a_crs_is_never_guessed(say, tmp_path):
    points = points_file(tmp_path / "p.shp")
    points.with_suffix(".prj").unlink()
    out = tmp_path / "out.geojson"
    code, words = say("--points", points, "--areas", "square:500", "--out", out)
    assert code != 0
    assert "does not state its CRS" in words
    assert not out.exists()
    code, words = say("--points", points, "--areas", "square:500", "--crs", UTM, "--out", out)
    assert code == 0, words
    west, south, *_ = gpd.read_file(out).total_bounds
    assert (west, south) == pytest.approx((111.006, 36.148), abs=0.001)


def test_points_outside_all_areas_are_told(say, tmp_path):
    points, areas = points_file(tmp_path / "p.gpkg"), areas_file(tmp_path / "a.gpkg", 5)
    code, words = say("--points", points, "--areas", areas)
    assert code == 0, words
    outside = 5 * (1 + 2 + 3 + 4 + 5) * 2 - 25
    assert f"225 points, {outside} of them in none of the places" in words


def test_files_that_cannot_be_used_are_refused_in_a_sentence(say, tmp_path):
    points, areas = points_file(tmp_path / "p.gpkg"), areas_file(tmp_path / "a.gpkg")
    empty = tmp_path / "empty.geojson"
    empty.write_text("")
    none = tmp_path / "none.geojson"
    none.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    away = areas_file(tmp_path / "away.gpkg", east=50_000)
    few = points_file(tmp_path / "few.gpkg", cells=3)
    before = {path.name for path in tmp_path.iterdir()}
    for words, told in [
        (("--points", points, "--areas", "square:500", "--crs", "EPSG:4326"), "nowhere on earth"),
        (("--points", points, "--areas", "square:500", "--crs", "EPSG:4523"), "cannot be in"),
        (("--points", points, "--areas", "square:500", "--crs", "EPSG:1"), "is no known CRS"),
        (("--points", points, "--areas", "square:1"), "can be worked with"),
        (("--points", points, "--areas", "square:500", "--code", "code"), "of a net"),
        (("--points", points, "--areas", "square:500", "--by", "grids"), "with --points"),
        (("--points", points, "--areas", points), "are no areas"),
        (("--points", areas, "--areas", "square:500"), "are no points"),
        (("--points", points, "--areas", away), "lies in any of the areas"),
        (("--points", points, "--areas", areas, "--code", "name"), 'has no field "name"'),
        (("--points", points, "--areas", areas, "--layer", "x"), 'no layer "x"'),
        (("--points", empty, "--areas", "square:500"), "empty.geojson is empty"),
        (("--points", none, "--areas", "square:500"), "none.geojson has no points"),
        (("--points", few, "--areas", "square:500"), "fewer than"),
        (("--points", points), "Say with --areas"),
    ]:
        code, output = say(*words, "--out", tmp_path / "out.csv")
        assert code != 0, words
        assert told in output, (words, output)
        assert {path.name for path in tmp_path.iterdir()} == before
