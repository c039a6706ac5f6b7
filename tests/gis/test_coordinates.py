"""Datums, metric CRS, checks and what people type."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from gis.coordinates import (
    Datum,
    check_lonlat,
    datum_uncertainty_m,
    from_wgs84,
    metric_crs,
    parse_coordinates,
    to_wgs84,
    valid_lonlat,
)
from gis.errors import GeoDataError, Reason

EARTH = Geod(ellps="WGS84")

# (lon, lat) WGS-84 -> GCJ-02 -> BD-09, computed by the public-domain package prcoords 1.0.2.
REFERENCE = [
    ((106.25, 38.28), (106.254377964, 38.280448039), (106.260988307, 38.286143146)),
    ((116.3975, 39.9087), (116.403743573, 39.910103499), (116.410116586, 39.91644275)),
    ((114.0579, 22.5431), (114.063013999, 22.540382814), (114.069563987, 22.546041559)),
    ((126.65, 45.75), (126.65598759, 45.751965555), (126.662640539, 45.7576007)),
    ((91.1, 29.65), (91.101568283, 29.647300329), (91.108037374, 29.653419416)),
]

china_lon = st.floats(73.6, 135.0)
china_lat = st.floats(18.0, 53.5)


@pytest.mark.parametrize(("wgs", "gcj", "bd"), REFERENCE)
def test_datums_agree_with_an_independent_implementation(wgs, gcj, bd):
    assert from_wgs84(*wgs, Datum.GCJ02) == pytest.approx(gcj, abs=2e-9)
    assert from_wgs84(*wgs, Datum.BD09) == pytest.approx(bd, abs=2e-9)
    assert to_wgs84(*gcj, "gcj02") == pytest.approx(wgs, abs=3e-9)
    assert to_wgs84(*bd, "bd09") == pytest.approx(wgs, abs=3e-9)


@given(china_lon, china_lat, st.sampled_from(Datum))
def test_there_and_back_again_differs_by_less_than_a_millimetre_and_a_half(lon, lat, datum):
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    assert EARTH.inv(lon, lat, *back)[2] <= 0.0015


@given(china_lon, china_lat)
def test_gcj02_lies_tens_to_hundreds_of_metres_away_in_china(lon, lat):
    assert 20 < EARTH.inv(lon, lat, *from_wgs84(lon, lat, Datum.GCJ02))[2] < 1000


def test_arrays_are_turned_as_their_elements_are():
    lon, lat = np.array([row[1] for row in REFERENCE]).T
    together = to_wgs84(lon, lat, Datum.GCJ02)
    apart = [to_wgs84(float(x), float(y), Datum.GCJ02) for x, y in zip(lon, lat, strict=True)]
    assert np.array_equal(np.column_stack(together), np.array(apart))


def test_outside_the_box_and_for_cgcs2000_nothing_moves():
    assert from_wgs84(-118.24, 34.05, Datum.GCJ02) == (-118.24, 34.05)
    assert to_wgs84(-118.24, 34.05, Datum.GCJ02) == (-118.24, 34.05)
    assert to_wgs84(106.25, 38.28, Datum.CGCS2000) == (106.25, 38.28)


def test_nan_stays_nan_and_does_not_disturb_its_neighbours():
    lon, lat = to_wgs84([np.nan, 106.254377964], [38.0, 38.280448039], Datum.GCJ02)
    assert np.isnan(lon[0])
    assert (lon[1], lat[1]) == pytest.approx((106.25, 38.28), abs=3e-9)


def test_an_unknown_datum_is_refused_with_the_known_ones():
    with pytest.raises(GeoDataError, match="wgs84, gcj02, bd09, cgcs2000") as caught:
        to_wgs84(106.25, 38.28, "wgs72")
    assert caught.value.reason is Reason.UNKNOWN_DATUM


def test_shifted_datums_are_less_certain():
    assert datum_uncertainty_m("wgs84") == datum_uncertainty_m("cgcs2000") == 0
    assert 0 < datum_uncertainty_m("gcj02") < datum_uncertainty_m("bd09")


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (106.25, 38.28, 4544),
        (75.0, 39.0, 4534),
        (134.7, 48.3, 4554),
        (103.49, 36.0, 4543),
        (-118.24, 34.05, 32611),
        (151.2, -33.9, 32756),
        (180.0, 0.0, 32660),
        (-180.0, 0.0, 32601),
    ],
)
def test_the_metric_crs_is_the_zone_of_the_place(lon, lat, epsg):
    assert metric_crs(lon, lat).to_epsg() == epsg


@given(china_lon, china_lat)
def test_the_metric_crs_in_china_has_its_central_meridian_within_a_degree_and_a_half(lon, lat):
    parameters = metric_crs(lon, lat).to_cf()
    assert abs(parameters["longitude_of_central_meridian"] - lon) <= 1.5


@pytest.mark.parametrize(
    ("lon", "lat", "words"),
    [
        (None, 38.28, "longitude is missing"),
        (106.25, None, "latitude is missing"),
        (float("nan"), 38.28, "finite"),
        (106.25, float("inf"), "finite"),
        (38.28, 106.25, "look swapped"),
        (35609442.1, 4238559.0, "metres of a projected CRS"),
        (200.0, 38.28, "between -180 and 180"),
    ],
)
def test_what_is_no_place_is_refused_in_words(lon, lat, words):
    with pytest.raises(GeoDataError, match=words) as caught:
        check_lonlat(lon, lat)
    assert caught.value.reason is Reason.BAD_COORDINATES


def test_the_check_of_many_agrees_with_the_check_of_one():
    pairs = [(106.25, 38.28), (np.nan, 1.0), (181.0, 0.0), (0.0, -90.1), (-180.0, 90.0)]
    for (lon, lat), valid in zip(pairs, valid_lonlat(*zip(*pairs, strict=True)), strict=True):
        if valid:
            assert check_lonlat(lon, lat) == (lon, lat)
        else:
            with pytest.raises(GeoDataError):
                check_lonlat(lon, lat)


@pytest.mark.parametrize(
    "text",
    [
        "38.28, 106.25",
        "38.28 106.25",
        "106.25 38.28",
        "106.25,38.28",
        "106.25；38.28",
        "３８．２８，１０６．２５",
        "38.28、106.25",
        "38°16′48″N 106°15′E",
        "38°16'48''N, 106°15'00\"E",
        "N38°16'48\" E106°15'",
        "38.28N106.25E",
        "106.25E 38.28N",
        "38.28 N 106.25 E",
        "北纬38.28 东经106.25",
        "东经106.25，北纬38.28",
        "北纬38度16分48秒，东经106度15分",
        "纬度：38.28 经度：106.25",
        "lat: 38.28, lng: 106.25",
        "lat 38.28 lon 106.25",
        "  +38.28 ,+106.25\n",
    ],
)
def test_what_people_type_for_yongning_is_read(text):
    assert parse_coordinates(text) == pytest.approx((106.25, 38.28))


def test_south_and_west_are_negative_however_they_are_said():
    assert parse_coordinates("33.9 S, 118.24 W") == (-118.24, -33.9)
    assert parse_coordinates("南纬33.9 西经118.24") == (-118.24, -33.9)
    assert parse_coordinates("-33.9, -118.24") == (-118.24, -33.9)


def test_letters_decide_where_numbers_cannot():
    assert parse_coordinates("87.6E, 43.8N") == (87.6, 43.8)
    with pytest.raises(GeoDataError, match="can both be the latitude") as caught:
        parse_coordinates("87.6, 43.8")
    assert caught.value.reason is Reason.AMBIGUOUS_COORDINATES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Xiyuan Road 3",
        "38.28",
        "38,28 106,25",
        "38.28 106.25 12",
        "38.28N 106.25N",
        "-38.28S 106.25E",
        "38°61'N 106°15'E",
        "38.5°16'N 106°15'E",
        "106.25 116.4",
        "38.28 N, 206.25 E",
        "nan, inf",
        "1e2, 3",
        " " * 5000 + "38.28",
    ],
)
def test_anything_else_is_refused_with_the_form_or_the_range(text):
    with pytest.raises(GeoDataError, match="Write latitude|must be") as caught:
        parse_coordinates(text)
    assert caught.value.reason is Reason.BAD_COORDINATES


@given(st.text(max_size=40))
def test_no_text_at_all_breaks_the_parser(text):
    try:
        lon, lat = parse_coordinates(text)
    except GeoDataError:
        return
    assert abs(lon) <= 180
    assert abs(lat) <= 90


@given(st.floats(-180, 180), st.floats(-90, 90), st.sampled_from([", ", " ", "，", "; "]))
def test_a_written_place_is_read_back(lon, lat, between):
    north, east = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
    text = f"{abs(lat):.7f}{north}{between}{abs(lon):.7f}{east}"
    assert parse_coordinates(text) == pytest.approx((lon, lat), abs=1e-7)
