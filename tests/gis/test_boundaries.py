"""Reading files of boundaries: proposals instead of guesses, one uniform table."""

import json
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.boundaries import inspect_file, read_boundaries
from gis.crs import Evidence, contradicts, parse_crs, propose_crs
from gis.datums import from_wgs84
from gis.encodings import python_codec
from gis.errors import GeoDataError, Reason
from gis.vector import DRIVERS

COLLECTION = '{"type": "FeatureCollection", "features": [%s]}'
YONGNING = (106.25, 38.28)
NAMES = ["团结社区第一网格", "永宁县望远镇", "西关网格"]
CODES = ["640121001001001", "640121001001002", "640121001001003"]


def three_grids(crs="EPSG:4326", **columns):
    """Three squares of about 100 m in a row, west to east, at Yongning."""
    lon, lat = YONGNING
    boxes = [shapely.box(lon + i / 1e3, lat, lon + (i + 1) / 1e3, lat + 1e-3) for i in range(3)]
    columns = columns or {"编码": CODES, "名称": NAMES, "社区": ["640121001001"] * 3}
    return gpd.GeoDataFrame(columns, geometry=boxes, crs="EPSG:4326").to_crs(crs)


def write(frame, path: Path, **options) -> Path:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")
        pyogrio.write_dataframe(frame, path, **options)
    return path


@pytest.fixture
def bare_gbk_shapefile(tmp_path):
    """What a Chinese desktop often gives: GBK, Gauss-Kruger with zone number, no .cpg, no .prj."""
    path = write(three_grids("EPSG:4523"), tmp_path / "网格.shp", encoding="GBK")
    path.with_suffix(".cpg").unlink()
    path.with_suffix(".prj").unlink()
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0
    path.with_suffix(".dbf").write_bytes(table)
    return path


def read_three(path, **options):
    fields = {"code_field": "编码", "name_field": "名称", "parent_field": "社区"}
    return read_boundaries(path, **fields, **options)


def is_like_three_grids(frame):
    expected = three_grids()
    assert list(frame.columns) == ["row", "code", "name", "parent_code", "geometry"]
    assert frame.crs == "EPSG:4326"
    assert list(frame["row"]) == [1, 2, 3]
    frame = frame.sort_values("code")  # FlatGeobuf stores features in an order of its own
    assert list(frame["code"]) == CODES
    assert list(frame["name"]) == NAMES
    assert set(frame["parent_code"]) == {"640121001001"}
    assert set(frame.geom_type) == {"MultiPolygon"}
    assert not frame.has_z.any()
    for given_shape, shape in zip(expected.geometry, frame.geometry, strict=True):
        assert shapely.hausdorff_distance(given_shape, shape) < 1e-7
    return True


@pytest.mark.parametrize("name", ["grids.shp", "grids.gpkg", "grids.geojson", "grids.fgb"])
def test_every_format_gives_the_same_table(tmp_path, name):
    path = write(three_grids(), tmp_path / name)
    inspection = inspect_file(path)
    assert inspection.needs == ()
    assert inspection.feature_count == 3
    assert inspection.crs == "EPSG:4326"
    assert inspection.field_proposal.code == ("编码",)
    assert inspection.field_proposal.name == ("名称",)
    assert inspection.field_proposal.parent == ("社区",)
    assert is_like_three_grids(read_three(path))


def test_kml_with_extended_data_is_read(tmp_path):
    path = tmp_path / "grids.kml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><!-- 网格 -->'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>第一网格</name>'
        '<ExtendedData><Data name="code"><value>640121001001001</value></Data></ExtendedData>'
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>106.25,38.28,9 106.251,38.28,9 "
        "106.251,38.281,9 106.25,38.28,9</coordinates></LinearRing></outerBoundaryIs></Polygon>"
        "</Placemark></Document></kml>",
        encoding="utf-8",
    )
    assert inspect_file(path).field_proposal.code == ("code",)
    frame = read_boundaries(path, code_field="code", name_field="Name")
    assert list(frame["code"]) == ["640121001001001"]
    assert list(frame["name"]) == ["第一网格"]
    assert not frame.has_z.any()


def test_a_bare_gbk_shapefile_is_proposed_and_not_guessed(bare_gbk_shapefile):
    inspection = inspect_file(bare_gbk_shapefile, near=YONGNING)
    assert inspection.needs == ("crs", "encoding")
    assert inspection.crs is None
    assert inspection.encoding is None
    assert inspection.encoding_proposals[0].encoding == "GBK"
    assert {"编码", "名称", NAMES[0]} <= set(inspection.encoding_proposals[0].samples)
    first = inspection.crs_proposals[0]
    assert (first.crs, first.evidence) == ("EPSG:4523", Evidence.ZONE_NUMBER)
    assert first.center == pytest.approx((106.2515, 38.2805), abs=1e-6)
    assert inspection.field_proposal.code == ("编码",)


def test_a_bare_gbk_shapefile_needs_both_answers(bare_gbk_shapefile):
    with pytest.raises(GeoDataError, match="GBK") as caught:
        read_three(bare_gbk_shapefile, crs="EPSG:4523")
    assert caught.value.reason is Reason.ENCODING_MISSING
    assert "GBK" in caught.value.choices
    with pytest.raises(GeoDataError, match="EPSG:4523") as caught:
        read_three(bare_gbk_shapefile, encoding="GBK")
    assert caught.value.reason is Reason.CRS_MISSING
    assert "EPSG:4523" in caught.value.choices
    assert is_like_three_grids(read_three(bare_gbk_shapefile, crs="4523", encoding="gbk"))


@pytest.mark.parametrize(("true", "false"), [("GBK", "UTF-8"), ("UTF-8", "GBK")])
def test_a_cpg_that_lies_is_found(tmp_path, true, false):
    path = write(three_grids(), tmp_path / "grids.shp", encoding=true)
    path.with_suffix(".cpg").write_text(false)
    inspection = inspect_file(path)
    assert inspection.encoding == false
    assert inspection.encoding_contradicted
    assert inspection.needs == ("encoding",)
    assert inspection.encoding_proposals[0].encoding == true
    with pytest.raises(GeoDataError, match=f"states {false}") as caught:
        read_three(path)
    assert caught.value.reason is Reason.ENCODING_WRONG
    assert is_like_three_grids(read_three(path, encoding=true))


def test_plain_ascii_texts_need_no_answer(tmp_path):
    path = write(three_grids(id=CODES), tmp_path / "grids.shp")
    path.with_suffix(".cpg").unlink()
    assert inspect_file(path).needs == ()
    assert list(read_boundaries(path, code_field="id")["code"]) == CODES


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_a_text_cut_within_a_character_is_read_without_its_half(tmp_path, encoding):
    path = write(three_grids(name=["网格" * 20, "一", "二"]), tmp_path / "g.shp", encoding=encoding)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    first, width = int.from_bytes(table[8:10], "little") + 1, table[32 + 16]
    cut = ("x" + "网" * width).encode(encoding)[:width]
    assert not cut.endswith("网".encode(encoding))
    table[first : first + width] = cut
    path.with_suffix(".dbf").write_bytes(table)
    name = read_boundaries(path, name_field="name")["name"][0]
    assert name == "x" + "网" * (len(name) - 1)
    assert len((name + "网").encode(encoding)) > width


def test_an_encoding_that_the_person_gets_wrong_is_refused(bare_gbk_shapefile):
    for wrong in ("UTF-8", "elvish"):
        with pytest.raises(GeoDataError) as caught:
            read_three(bare_gbk_shapefile, crs="4523", encoding=wrong)
        assert caught.value.reason is Reason.ENCODING_WRONG


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([640121001001001, 640121001001002, 640121001001003], CODES),
        ([640121001001001.0, 640121001001002.0, 640121001001003.0], CODES),
        ([f" {code}.0 " for code in CODES], CODES),
        ([None, "640121001001002", ""], ["", "640121001001002", ""]),
        (["A-1", "A-2", "A-3"], ["A-1", "A-2", "A-3"]),
    ],
)
def test_codes_are_texts_whatever_they_were(tmp_path, values, codes):
    path = write(three_grids(code=values), tmp_path / "grids.gpkg")
    assert list(read_boundaries(path, code_field="code")["code"]) == codes


def test_a_field_that_is_not_there_is_named_with_those_that_are(tmp_path):
    path = write(three_grids(), tmp_path / "grids.gpkg")
    with pytest.raises(GeoDataError, match="编码, 名称, 社区") as caught:
        read_boundaries(path, code_field="code")
    assert caught.value.reason is Reason.FIELD_MISSING
    assert caught.value.choices == ("编码", "名称", "社区")


def test_several_layers_are_asked_for(tmp_path):
    path = write(three_grids(), tmp_path / "all.gpkg", layer="grids")
    write(three_grids().head(1), path, layer="communities")
    assert inspect_file(path).layers == ("grids", "communities")
    with pytest.raises(GeoDataError, match="grids, communities") as caught:
        read_three(path)
    assert caught.value.reason is Reason.LAYER_MISSING
    assert len(read_three(path, layer="communities")) == 1
    with pytest.raises(GeoDataError, match='no layer "streets"'):
        inspect_file(path, layer="streets")


def test_metres_in_a_file_that_says_degrees_are_noticed_and_kept_for_the_findings(tmp_path):
    path = write(three_grids("EPSG:4544"), tmp_path / "grids.geojson")
    document = json.loads(path.read_text())
    document.pop("crs", None)
    path.write_text(json.dumps(document))
    inspection = inspect_file(path, near=YONGNING)
    assert inspection.crs_contradicted
    assert inspection.crs_proposals[0].crs == "EPSG:4544"
    assert read_three(path).total_bounds[0] > 600_000
    assert is_like_three_grids(read_three(path, crs="EPSG:4544"))


def test_a_false_projected_crs_is_refused_with_what_fits(tmp_path):
    path = write(three_grids("EPSG:4523"), tmp_path / "grids.gpkg")
    with pytest.raises(GeoDataError, match="EPSG:4523") as caught:
        read_three(path, crs="EPSG:4544")
    assert caught.value.reason is Reason.CRS_MISMATCH
    with pytest.raises(GeoDataError, match="no known CRS") as caught:
        read_three(path, crs="EPSG:99999999")
    assert caught.value.reason is Reason.CRS_UNKNOWN


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4523"])
def test_exchanged_axes_are_proposed_and_put_right(tmp_path, crs):
    frame = three_grids(crs)
    exchanged = frame.set_geometry(shapely.transform(frame.geometry.values, lambda xy: xy[:, ::-1]))
    path = write(exchanged.set_crs(None, allow_override=True), tmp_path / "grids.gpkg")
    first = inspect_file(path).crs_proposals[0]
    assert (first.crs, first.swapped) == (crs, True)
    assert is_like_three_grids(read_three(path, crs=crs, swap_axes=True))


def test_exchanged_axes_are_put_right_in_the_stated_crs_too(tmp_path):
    frame = three_grids("EPSG:4490")
    exchanged = shapely.transform(frame.geometry.values, lambda xy: xy[:, ::-1])
    path = write(frame.set_geometry(exchanged, crs=frame.crs), tmp_path / "grids.gpkg")
    assert inspect_file(path).crs_contradicted
    assert read_three(path).total_bounds[0] == pytest.approx(38.28)
    assert is_like_three_grids(read_three(path, swap_axes=True))


def test_degrees_of_another_datum_are_never_let_through_unchanged(tmp_path):
    path = write(three_grids("EPSG:4523").set_crs(4214, allow_override=True), tmp_path / "g.gpkg")
    with pytest.raises(GeoDataError, match="Beijing 1954") as caught:
        read_three(path)
    assert caught.value.reason is Reason.CRS_MISMATCH


def test_shifted_degrees_are_turned_into_wgs84_when_the_person_says_so(tmp_path):
    frame = three_grids()
    shifted = shapely.transform(
        frame.geometry.values, lambda xy: np.column_stack(from_wgs84(*xy.T, "gcj02"))
    )
    path = write(frame.set_geometry(shifted, crs=4326), tmp_path / "grids.gpkg")
    assert read_three(path).total_bounds[0] > 106.254
    assert is_like_three_grids(read_three(path, datum="gcj02"))


def test_cgcs2000_degrees_are_taken_as_wgs84(tmp_path):
    path = write(three_grids("EPSG:4490"), tmp_path / "grids.gpkg")
    assert is_like_three_grids(read_three(path))


@pytest.mark.parametrize(
    ("crs", "evidence"),
    [
        ("EPSG:4326", Evidence.DEGREES),
        ("EPSG:4523", Evidence.ZONE_NUMBER),
        ("EPSG:4496", Evidence.ZONE_NUMBER),
        ("EPSG:4544", Evidence.FALSE_EASTING),
        ("EPSG:3857", Evidence.WEB_MERCATOR),
    ],
)
def test_the_true_crs_is_proposed_first_for_a_known_place(crs, evidence):
    bounds = tuple(three_grids(crs).total_bounds)
    first = propose_crs(bounds, near=YONGNING)[0]
    assert (first.crs, first.evidence, first.swapped) == (crs, evidence, False)
    assert crs in first.describe()


def test_without_a_known_place_all_central_meridians_are_offered():
    bounds = tuple(three_grids("EPSG:4544").total_bounds)
    assert [p.crs for p in propose_crs(bounds)] == [f"EPSG:{n}" for n in range(4534, 4555)]


def test_numbers_that_fit_nothing_are_given_no_crs():
    assert propose_crs((1e9, 1e9, 2e9, 2e9)) == ()


@given(st.integers(25, 45), st.floats(-1.4, 1.4), st.floats(22, 53))
@settings(max_examples=25, deadline=None)
def test_the_number_of_the_zone_is_always_read(zone, from_meridian, lat):
    crs = f"EPSG:{4513 + zone - 25}"
    point = gpd.points_from_xy([zone * 3 + from_meridian], [lat], crs="EPSG:4326").to_crs(crs)
    bounds = tuple(point.buffer(500).total_bounds)
    assert propose_crs(bounds)[0].crs == crs
    assert not contradicts(parse_crs(crs), bounds)


def test_names_of_encodings_are_understood_as_they_occur_in_cpg_files():
    for name in ("GBK", "936", "CP936", "gb2312", "ANSI 936", "OEM 936", "GB18030"):
        assert python_codec(name) == "gb18030"
    assert python_codec("hex") is None


def test_gdal_knows_our_drivers_only():
    assert set(pyogrio.list_drivers()) <= DRIVERS


@pytest.mark.parametrize("suffix", [".kml", ".geojson", ".json"])
@pytest.mark.parametrize(
    "text",
    [
        '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{other}</SrcDataSource>',
        '{{"type": "gdal_streamed_alg", "command_line": "gdal vector read {other}"}}',
    ],
)
def test_a_file_that_points_to_another_is_refused(tmp_path, suffix, text):
    other = write(three_grids(), tmp_path / "other.gpkg")
    path = tmp_path / f"grids{suffix}"
    path.write_text(text.format(other=other))
    with pytest.raises(GeoDataError) as caught:
        inspect_file(path)
    assert caught.value.reason is Reason.BROKEN_FILE
    with pytest.raises(pyogrio.errors.DataSourceError):
        pyogrio.read_info(path)


@pytest.mark.parametrize(
    ("document", "reason", "words"),
    [
        ("[1, 2]", Reason.BROKEN_FILE, "an array"),
        ('{"type": "Feature"}', Reason.BROKEN_FILE, "FeatureCollection"),
        ('{"type": "FeatureCollection"}', Reason.BROKEN_FILE, "lacks the list"),
        ('{"type": "FeatureCollection", "features": [3]}', Reason.BROKEN_FILE, "no. 1"),
        ('{"type": "FeatureCollection", "features": [', Reason.BROKEN_FILE, "not JSON"),
        ("[" * 100_000, Reason.BROKEN_FILE, "not JSON"),
        (
            COLLECTION
            % '{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[3]]}}',
            Reason.BAD_GEOMETRY,
            "no. 1",
        ),
        (
            '{"type": "FeatureCollection", "features": [], "crs": {"type": "name"}}',
            Reason.CRS_UNKNOWN,
            "not known",
        ),
        ('{"name": "网格"}'.encode("gbk"), Reason.ENCODING_WRONG, "UTF-8"),
    ],
)
def test_geojson_that_is_none_is_refused_in_words(tmp_path, document, reason, words):
    path = tmp_path / "grids.geojson"
    path.write_bytes(document if isinstance(document, bytes) else document.encode())
    with pytest.raises(GeoDataError, match=words) as caught:
        read_boundaries(path)
    assert caught.value.reason is reason


def test_a_file_cut_in_the_middle_is_refused(tmp_path):
    for name in ("grids.gpkg", "grids.fgb"):
        path = write(three_grids(), tmp_path / name)
        path.write_bytes(path.read_bytes()[:300])
        with pytest.raises(GeoDataError) as caught:
            read_boundaries(path)
        assert caught.value.reason is Reason.BROKEN_FILE


def test_features_without_shape_and_of_other_kinds_are_kept_for_the_findings(tmp_path):
    frame = three_grids()
    frame.loc[1, "geometry"] = None
    frame.loc[2, "geometry"] = shapely.Point(YONGNING)
    path = write(frame, tmp_path / "grids.geojson")
    read = read_three(path)
    assert list(read["row"]) == [1, 2, 3]
    assert read.geometry[1] is None
    assert read.geom_type[2] == "Point"
