"""The ledger as CSV, GeoJSON and GeoPackage."""

import csv
import json

import geopandas as gpd
import pytest

from tests.factories.ledger import FORMULA
from webapp.cases.ledger.columns import COLUMNS, chosen
from webapp.cases.ledger.files import write_ledger
from webapp.cases.ledger.workbook import Wish


@pytest.fixture
def written(ledger, language, tmp_path):
    def write(kind, columns=COLUMNS):
        path, told = tmp_path / f"ledger.{kind}", []
        wish = Wish(ledger.ids(), columns, "台账")
        write_ledger(ledger.session, ledger.reading(), wish, path, kind, told.append)
        assert told[-1] == len(ledger.cases)
        return path

    return write


def test_csv_opens_in_excel_and_holds_every_column(ledger, language, written):
    raw = written("csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert list(rows[0]) == [column.name for column in COLUMNS]
    number, description = (chosen([key])[0].name for key in ("number", "description"))
    by_number = {row[number]: row for row in rows}
    formula = by_number[ledger.cases["formula"].number]
    assert formula[description] == f"'{FORMULA}"
    serial = COLUMNS[0].name
    assert [row[serial] for row in rows][:3] == ["1", "2", "3"]


def test_geojson_has_a_point_for_each_that_has_a_place(ledger, written):
    features = json.loads(written("geojson").read_text("utf-8"))["features"]
    placed = [case for case in ledger.cases.values() if case.location is not None]
    assert len(features) == len(ledger.cases)
    points = [f["geometry"]["coordinates"] for f in features if f["geometry"]]
    assert points == [pytest.approx(case.lonlat) for case in placed]


def test_geopackage_reads_back_with_the_same_numbers(ledger, written):
    frame = gpd.read_file(written("gpkg"))
    number = chosen(["number"])[0].name
    assert list(frame[number]) == [case.number for case in ledger.cases.values()]
    assert frame.crs.to_epsg() == 4326
