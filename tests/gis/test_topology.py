"""Findings: each kind where it is, none where nothing is wrong, areas one can check by hand."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.boundaries import read_boundaries
from gis.datums import from_wgs84
from gis.errors import GeoDataError, Reason
from gis.findings import Finding, FindingKind, Severity
from gis.texts import wrongly_decoded
from gis.topology import find_problems, repair
from tests.shared import shared_data

ORIGIN = (609_000.0, 4_238_000.0)  # Yongning in EPSG:4544
BOWTIE = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])


def boundaries(*shapes, codes=None, names=None, parents=None, crs=4544):
    """Areas drawn in metres from a corner at Yongning."""
    placed = [s and shapely.transform(s, lambda xy: xy + ORIGIN) for s in shapes]
    count = len(shapes)
    return gpd.GeoDataFrame(
        {
            "row": range(1, count + 1),
            "code": codes or [f"{number:02}" for number in range(1, count + 1)],
            "name": names or ["网格"] * count,
            "parent_code": parents or [""] * count,
        },
        geometry=placed,
        crs=crs,
    ).to_crs(4326)


def square(x, y, width=100.0, height=100.0):
    return shapely.box(x, y, x + width, y + height)


def kinds(findings):
    return [finding.kind for finding in findings]


def the_only(findings, kind):
    (finding,) = [one for one in findings if one.kind is kind]
    assert finding.describe()
    return finding


def test_a_clean_coverage_has_no_findings():
    grids = [square(x, y) for x in (0, 100, 200) for y in (0, 100, 200)]
    assert find_problems(boundaries(*grids), parents=boundaries(square(0, 0, 300, 300))) == []


def test_an_overlap_is_found_with_its_area_and_its_shape():
    finding = the_only(
        find_problems(boundaries(square(0, 0), square(97, 0), square(197, 0))), FindingKind.OVERLAP
    )
    assert finding.severity is Severity.WARNING
    assert (finding.features, finding.codes) == ((1, 2), ("01", "02"))
    assert finding.area_m2 == pytest.approx(300, rel=1e-4)
    assert gpd.GeoSeries([finding.geometry], crs=4326).to_crs(4544).area[0] == pytest.approx(300)


def test_overlaps_up_to_the_limit_are_let_go():
    frame = boundaries(square(0, 0), square(99.99, 0))
    assert find_problems(frame) == []
    assert kinds(find_problems(frame, min_overlap_m2=0.9)) == [FindingKind.OVERLAP]


def test_an_area_within_another_and_the_same_area_twice_overlap():
    found = find_problems(boundaries(square(0, 0), square(20, 20, 10, 10), square(0, 0)))
    pairs = {finding.features: finding.area_m2 for finding in found}
    assert pairs == {
        (1, 3): pytest.approx(10_000, rel=1e-4),
        (1, 2): pytest.approx(100, rel=1e-4),
        (2, 3): pytest.approx(100, rel=1e-4),
    }


def test_an_enclosed_gap_is_found_at_any_width_with_its_neighbours():
    ring = [square(0, 0, 300), square(0, 200, 300), square(0, 100), square(200, 100)]
    finding = the_only(find_problems(boundaries(*ring)), FindingKind.GAP)
    assert finding.features == (1, 2, 3, 4)
    assert finding.area_m2 == pytest.approx(10_000, rel=1e-3)
    assert finding.detail["width_m"] == pytest.approx(50, rel=1e-3)


def test_an_open_gap_is_found_up_to_the_given_width():
    frame = boundaries(square(0, 0), square(106, 0))
    finding = the_only(find_problems(frame), FindingKind.GAP)
    assert finding.features == (1, 2)
    assert finding.area_m2 == pytest.approx(600, rel=0.01)
    assert find_problems(frame, gap_width_m=4) == []


def test_what_no_grid_covers_of_a_community_is_a_gap():
    frame = boundaries(square(0, 0), square(100, 0))
    communities = boundaries(square(0, 0, 250), square(0, 300))
    finding = the_only(find_problems(frame, parents=communities), FindingKind.GAP)
    assert finding.features == (2,)
    assert finding.area_m2 == pytest.approx(5_000, rel=1e-3)


def test_a_community_that_grids_only_reach_into_is_not_called_a_gap():
    communities = boundaries(square(0, 0), square(100, 0))
    found = find_problems(boundaries(square(0, 0, 103)), parents=communities)
    assert kinds(found) == [FindingKind.IN_TWO_PARENTS]


def test_a_hole_that_belongs_to_no_community_is_not_a_gap():
    ring = shapely.difference(square(0, 0, 300, 300), square(100, 100))
    grids = [square(0, 0, 300), square(0, 200, 300), square(0, 100), square(200, 100)]
    assert find_problems(boundaries(*grids), parents=boundaries(ring)) == []


def test_thin_gaps_between_the_same_areas_are_one_sliver():
    toothed = shapely.Polygon([(100.5, 0), (200, 0), (200, 100), (100.5, 100), (100, 50)])
    finding = the_only(find_problems(boundaries(square(0, 0), toothed)), FindingKind.SLIVER)
    assert finding.features == (1, 2)
    assert (finding.detail["part"], finding.detail["count"]) == ("gap", 2)
    assert finding.area_m2 == pytest.approx(25, rel=0.02)


def test_a_thin_part_of_an_area_is_a_sliver():
    two = shapely.MultiPolygon([square(0, 0), square(0, 150, 100, 0.4)])
    finding = the_only(find_problems(boundaries(two)), FindingKind.SLIVER)
    assert (finding.features, finding.detail["part"]) == ((1,), "area")
    assert finding.detail["width_m"] == pytest.approx(0.4, rel=0.01)


def test_a_ring_that_crosses_itself_is_found_where_it_does_and_can_be_repaired():
    frame = boundaries(BOWTIE, square(200, 0))
    finding = the_only(find_problems(frame), FindingKind.INVALID_RING)
    assert finding.severity is Severity.ERROR
    assert finding.detail["reason"] == "Self-intersection"
    crossing = boundaries(shapely.Point(50, 50)).geometry[0]
    assert shapely.distance(finding.geometry, crossing) < 1e-6
    repaired = repair(frame, [finding])
    assert repaired.is_valid.all()
    assert not frame.is_valid.all()
    assert repaired.to_crs(4544).area[0] == pytest.approx(5_000, rel=1e-3)
    assert find_problems(repaired) == []


def test_overlaps_of_a_broken_area_are_those_of_its_repair():
    finding = the_only(find_problems(boundaries(BOWTIE, square(0, 0))), FindingKind.OVERLAP)
    assert finding.area_m2 == pytest.approx(5_000, rel=1e-3)


def test_missing_and_other_shapes_are_found():
    mixed = shapely.GeometryCollection([square(300, 0), shapely.Point(0, 0)])
    frame = boundaries(None, shapely.Polygon(), shapely.Point(0, 0), mixed, square(0, 0))
    found = find_problems(frame)
    assert kinds(found) == [FindingKind.EMPTY_GEOMETRY] * 2 + [FindingKind.NOT_POLYGON] * 2
    assert [finding.features for finding in found] == [(1,), (2,), (3,), (4,)]
    assert found[2].repair is None
    assert found[3].repair.geom_type == "MultiPolygon"
    assert all(finding.describe() for finding in found)


def test_a_swapped_feature_is_found_among_right_ones_and_can_be_repaired():
    frame = boundaries(square(0, 0), square(100, 0))
    swapped = frame.copy()
    swapped.loc[1, "geometry"] = shapely.transform(frame.geometry[1], lambda xy: xy[:, ::-1])
    finding = the_only(find_problems(swapped), FindingKind.SWAPPED_COORDINATES)
    assert finding.features == (2,)
    assert shapely.equals_exact(repair(swapped, [finding]).geometry[1], frame.geometry[1])


def test_swapped_numbers_that_could_both_be_latitudes_are_found_by_what_is_known():
    lon, lat = 87.6, 43.8  # Urumqi
    known = boundaries(square(0, 0)).set_geometry([shapely.box(lon, lat, lon + 0.01, lat + 0.01)])
    known = known.set_crs(4326)
    swapped = known.set_geometry([shapely.box(lat, lon, lat + 0.01, lon + 0.01)]).set_crs(4326)
    assert kinds(find_problems(swapped)) == []
    found = find_problems(swapped, reference=known)
    assert kinds(found) == [FindingKind.SWAPPED_COORDINATES]
    assert find_problems(repair(swapped, found), reference=known) == []


def test_a_swapped_ring_that_crosses_itself_is_repaired_in_one_go():
    frame = boundaries(BOWTIE)
    frame.loc[0, "geometry"] = shapely.transform(frame.geometry[0], lambda xy: xy[:, ::-1])
    found = find_problems(frame)
    assert kinds(found) == [FindingKind.SWAPPED_COORDINATES, FindingKind.INVALID_RING]
    assert find_problems(repair(frame, found)) == []


def test_metres_and_infinite_numbers_are_one_finding_for_all_features():
    frame = boundaries(square(0, 0), square(100, 0), square(200, 0))
    metres = frame.to_crs(4544).geometry
    frame.loc[[0, 1], "geometry"] = metres.values[:2]
    finding = the_only(find_problems(frame), FindingKind.PROJECTED_COORDINATES)
    assert (finding.features, finding.detail["count"]) == ((1, 2), 2)
    assert finding.severity is Severity.ERROR
    broken = frame.geometry.values
    broken[2] = shapely.Polygon([(np.inf, 0), (1, 1), (1, 0), (np.inf, 0)])
    assert the_only(
        find_problems(frame.set_geometry(broken)), FindingKind.PROJECTED_COORDINATES
    ).features == (1, 2, 3)


def test_codes_and_names_are_checked():
    frame = boundaries(
        *(square(100 * n, 0) for n in range(5)),
        codes=["01", "02", "02", "", "05"],
        names=["一", "二", "", "四", "缃戞牸"],
    )
    found = find_problems(frame)
    assert [(one.kind, one.features) for one in found] == [
        (FindingKind.MISSING_CODE, (4,)),
        (FindingKind.DUPLICATE_CODE, (2, 3)),
        (FindingKind.MISSING_NAME, (3,)),
        (FindingKind.SUSPICIOUS_TEXT, (5,)),
    ]
    assert found[3].detail["likely"] == "网格"
    assert [one.severity for one in found] == [Severity.ERROR] * 2 + [Severity.WARNING] * 2


@pytest.mark.parametrize("name", ["团结社区第一网格", "永宁县望远镇", "西关网格", "利民社区"])
def test_text_that_was_decoded_wrongly_is_found(name):
    assert wrongly_decoded(name) is None
    assert wrongly_decoded(name.encode("gbk").decode("latin-1")) == name
    assert wrongly_decoded(name.encode("utf-8").decode("latin-1")) == name
    assert wrongly_decoded(name.encode("utf-8").decode("gb18030", "replace")) is not None
    assert wrongly_decoded(name.encode("gbk").decode("utf-8", "replace")) is not None


@pytest.mark.parametrize(
    "name", ["Peñarol", "Łódź", "München-Süd", "Ø", "第3网格（东）", "ÅÄÖ", ""]
)
def test_other_languages_are_not_taken_for_wrong_decoding(name):
    assert wrongly_decoded(name) is None


def test_grids_in_no_community_in_two_and_partly_outside_are_told_apart():
    communities = boundaries(square(0, 0), square(100, 0), codes=["A", "B"])
    grids = boundaries(
        square(10, 10, 50, 50), square(80, 60, 50, 30), square(170, 10, 40, 20), square(500, 0)
    )
    found = [f for f in find_problems(grids, parents=communities) if "parent" in f.kind]
    assert [(f.kind, f.severity, f.features) for f in found] == [
        (FindingKind.IN_TWO_PARENTS, Severity.WARNING, (2,)),
        (FindingKind.OUTSIDE_PARENT, Severity.WARNING, (3,)),
        (FindingKind.OUTSIDE_PARENT, Severity.ERROR, (4,)),
    ]
    two, partly, outside = found
    assert (two.detail["parent"], two.detail["other"]) == ("B", "A")
    assert two.detail["share"] == pytest.approx(0.6, rel=1e-3)
    assert two.area_m2 == pytest.approx(600, rel=1e-3)
    assert partly.detail["share"] == pytest.approx(0.25, rel=1e-3)
    assert partly.area_m2 == pytest.approx(200, rel=1e-3)
    assert outside.detail["share"] == 1
    assert all(finding.describe() for finding in found)


def test_a_grid_that_names_another_community_than_it_lies_in_is_outside_its_own():
    communities = boundaries(square(0, 0), square(100, 0), codes=["A", "B"])
    grids = boundaries(square(0, 0), square(100, 0), parents=["B", "B"])
    finding = the_only(find_problems(grids, parents=communities), FindingKind.OUTSIDE_PARENT)
    assert (finding.features, finding.detail["parent"]) == ((1,), "B")
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("same_codes", [True, False])
def test_a_file_in_a_shifted_datum_is_recognized_by_what_is_known(datum, same_codes):
    known = boundaries(*(square(x, y, 400, 400) for x in (0, 400) for y in (0, 400)))
    shapes = shapely.transform(
        known.geometry.values, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], datum))
    )
    codes = list(known["code"]) if same_codes else ["x1", "x2", "x3", "x4"]
    moved = gpd.GeoDataFrame(known.assign(code=codes), geometry=shapes, crs=4326)
    finding = the_only(find_problems(moved, reference=known), FindingKind.SHIFTED_COORDINATES)
    assert finding.detail["datum"] == datum
    assert finding.detail["misfit_after_m"] < 1 < 20 < finding.detail["misfit_m"]
    assert finding.features == (1, 2, 3, 4)
    assert find_problems(known, reference=known) == []


def test_a_move_that_no_datum_explains_is_not_called_one():
    known = boundaries(square(0, 0, 400, 400), square(400, 0, 400, 400), square(800, 0, 400, 400))
    moved = known.set_geometry(known.geometry.translate(-0.004, -0.003))
    assert FindingKind.SHIFTED_COORDINATES not in kinds(find_problems(moved, reference=known))


def test_boundaries_in_another_crs_are_refused():
    with pytest.raises(GeoDataError, match="EPSG:4326") as caught:
        find_problems(boundaries(square(0, 0)).to_crs(4544))
    assert caught.value.reason is Reason.CRS_MISMATCH


def test_an_empty_table_has_no_findings():
    assert find_problems(boundaries(square(0, 0)).head(0)) == []


def test_every_kind_can_be_described():
    detail = dict.fromkeys(("x", "y", "width_m", "misfit_m", "misfit_after_m"), 0.5)
    detail |= dict.fromkeys(("share", "other_share", "count"), 0.5)
    detail |= dict.fromkeys(("text", "field", "likely", "found", "reason", "datum"), "x")
    detail |= dict.fromkeys(("part", "parent", "other", "code"), "x")
    for kind in FindingKind:
        finding = Finding(kind, Severity.ERROR, (1, 2), ("a", ""), 3.0, detail=detail)
        assert finding.describe().startswith("error: ")


polygons = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=9).map(
    lambda points: shapely.Polygon([(10 * x, 10 * y) for x, y in points])
)


@given(st.lists(polygons, min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_after_the_repairs_no_shape_is_invalid_and_overlaps_are_those_of_plain_overlay(shapes):
    frame = boundaries(*shapes)
    found = find_problems(frame)
    repaired = repair(frame, found)
    kept = repaired[repaired.is_valid & ~repaired.is_empty]
    lost = {f.features[0] for f in found if f.kind is FindingKind.INVALID_RING and not f.repair}
    lost |= {f.features[0] for f in found if f.kind is FindingKind.EMPTY_GEOMETRY}
    assert set(frame["row"]) - set(kept["row"]) == lost
    metric = kept.to_crs(4544).set_index("row").geometry
    expected = {
        (a, b)
        for a in metric.index
        for b in metric.index
        if a < b and metric[a].intersection(metric[b]).area > 1
    }
    assert {f.features for f in found if f.kind is FindingKind.OVERLAP} == expected


@pytest.mark.shared
def test_the_councils_of_los_angeles_overlap_in_192_pairs_and_have_gaps():
    councils = read_boundaries(
        shared_data("la311", "councils", "councils.shp"), code_field="nc_id", name_field="name"
    )
    found = kinds(find_problems(councils))
    assert found.count(FindingKind.OVERLAP) == 192
    assert found.count(FindingKind.GAP) > 0
    assert set(found) == {FindingKind.OVERLAP, FindingKind.GAP, FindingKind.SLIVER}
