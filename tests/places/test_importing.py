"""A file of boundaries goes in as a whole, or not at all."""

import pytest
import shapely
from sqlalchemy import func, select

from gis.errors import GeoDataError
from tests.factories.people import make_office
from tests.factories.places import STEP, WEST, draw, table
from tests.places.conftest import FIELDS, NOW, ask, day
from webapp.core.errors import BadInput, Conflict
from webapp.places.models import Area, AreaLevel, BoundaryVersion, Community, Grid
from webapp.places.service import FindingsStop, ImportRequest, check_boundaries, import_boundaries
from webapp.places.service import importing as importing_verbs


def counts(session):
    return [
        session.scalar(select(func.count()).select_from(table_))
        for table_ in (Area, BoundaryVersion, Community, Grid)
    ]


def paths(session, level):
    return session.scalars(select(Area.path).where(Area.level == level).order_by(Area.path)).all()


def test_communities_and_grids_become_a_tree(session, bring):
    communities, grids = draw(communities=2, columns=2, rows=1)
    bring(communities, "communities")
    bring(grids, "grids")
    assert paths(session, AreaLevel.STREET) == ["/640121/001/"]
    assert paths(session, AreaLevel.COMMUNITY) == ["/640121/001/001/", "/640121/001/002/"]
    assert paths(session, AreaLevel.GRID) == [
        "/640121/001/001/001/",
        "/640121/001/001/002/",
        "/640121/001/002/001/",
        "/640121/001/002/002/",
    ]
    grid = session.scalar(select(Grid).order_by(Grid.code).limit(1))
    assert grid.community.code == "640121001001"
    assert grid.area_m2 == pytest.approx(9_720, rel=0.01)


def test_a_version_says_where_it_comes_from(session, office, bring):
    outcome = bring(draw()[0], "communities", valid_from=day("2026-02-01"))
    version = outcome.versions[0]
    assert (version.source_name, version.valid_from, version.valid_to) == (
        "communities.geojson",
        day("2026-02-01"),
        None,
    )
    assert len(version.source_sha256) == 64
    assert version.made_at == NOW
    assert office.revision == 1


def test_without_a_date_boundaries_are_valid_from_the_offices_today(bring):
    assert bring(draw()[0], "communities").versions[0].valid_from == day("2026-03-02")


def test_findings_stop_an_import_until_they_are_accepted(session, office, write):
    communities, _ = draw()
    wide = shapely.box(WEST, 38.28, WEST + 2.2 * STEP, 38.282)
    communities.loc[0, "geometry"] = wide
    request = ask(write(communities, "c.gpkg"), "communities")
    with pytest.raises(FindingsStop, match="There are 1 findings") as stop:
        import_boundaries(session, office, request, NOW, None)
    assert stop.value.check.counts == {"overlap": 1}
    assert counts(session) == [0, 0, 0, 0]
    accepted = ask(request.path, "communities", accept_findings=True)
    outcome = import_boundaries(session, office, accepted, NOW, None)
    [kept] = outcome.versions[0].findings
    assert (kept["kind"], kept["codes"]) == ("overlap", ["640121001001", "640121001002"])


def test_all_findings_are_told_at_once(session, office, write):
    bowtie = shapely.Polygon(
        [(106.25, 38.28), (106.252, 38.282), (106.252, 38.28), (106.25, 38.282)]
    )
    areas = table(
        [
            ("640121001001", "甲", "", bowtie),
            ("640121001001", "乙", "", shapely.box(106.252, 38.28, 106.254, 38.282)),
            ("", "丙", "", shapely.box(106.254, 38.28, 106.256, 38.282)),
            ("a/b", "", "", shapely.box(106.256, 38.28, 106.258, 38.282)),
        ]
    )
    request = ask(write(areas, "c.gpkg"), "communities", street_code="640121001")
    check = check_boundaries(session, office, request, NOW)
    assert set(check.counts) >= {
        "duplicate_code", "missing_code", "bad_code", "missing_name", "invalid_ring",
    }  # fmt: skip
    assert check.layers == ()


def test_errors_without_a_repair_stop_whatever_is_accepted(session, office, write):
    communities, _ = draw()
    communities.loc[1, "code"] = communities.loc[0, "code"]
    request = ask(write(communities, "c.gpkg"), "communities", accept_findings=True)
    with pytest.raises(FindingsStop, match="1 error must be mended"):
        import_boundaries(session, office, request, NOW, None)


def test_an_accepted_repair_is_what_goes_in(session, office, write):
    communities, _ = draw(communities=1)
    west, south, east, north = communities.total_bounds
    crossed = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    communities.loc[0, "geometry"] = crossed
    request = ask(write(communities, "c.gpkg"), "communities", accept_findings=True)
    outcome = import_boundaries(session, office, request, NOW, None)
    [kept] = [f for f in outcome.versions[0].findings if f["kind"] == "invalid_ring"]
    assert kept["repaired"]
    shape = shapely.from_wkb(session.scalar(select(func.ST_AsBinary(Community.boundary))))
    assert shape.is_valid
    assert shape.area == pytest.approx((east - west) * (north - south) / 2)


def test_a_grid_goes_to_the_community_it_names_then_to_that_of_its_code_then_by_place(
    session, bring
):
    communities, grids = draw(communities=2, columns=3, rows=1)
    bring(communities, "communities")
    grids["code"] = ["x1", "640121001001002", "x3", "y1", "640121001002002", "y3"]
    grids["parent_code"] = ["640121001001", "", "", "640121001002", "", ""]
    bring(grids, "grids")
    homes = dict(session.execute(select(Grid.code, Community.code).join(Grid.community)).all())
    assert homes == {
        "x1": "640121001001", "640121001001002": "640121001001", "x3": "640121001001",
        "y1": "640121001002", "640121001002002": "640121001002", "y3": "640121001002",
    }  # fmt: skip


def test_a_grid_that_names_an_unknown_community_is_an_error(session, office, bring, write):
    communities, grids = draw()
    bring(communities, "communities")
    grids.loc[0, "parent_code"] = "640121001099"
    check = check_boundaries(session, office, ask(write(grids, "g.gpkg"), "grids"), NOW)
    [finding] = check.unmendable
    assert finding.describe().endswith('names a parent that is not there: "640121001099"')


def test_grids_in_no_community_or_in_two_are_found(session, office, bring, write):
    communities, _ = draw(communities=2, columns=2, rows=1)
    bring(communities, "communities")
    far = shapely.box(106.4, 38.4, 106.401, 38.401)
    middle = WEST + 2 * STEP
    across = shapely.box(middle - STEP / 2, 38.28, middle + STEP / 2, 38.281)
    areas = table([("a", "a", "", far), ("b", "b", "", across)])
    request = ask(write(areas, "g.gpkg"), "grids", street_code="640121001")
    counted = check_boundaries(session, office, request, NOW).counts
    assert (counted["outside_parent"], counted["in_two_parents"]) == (1, 1)


def test_grids_without_communities_are_refused_with_the_way_out(session, office, write):
    request = ask(write(draw()[1], "g.gpkg"), "grids")
    with pytest.raises(BadInput, match="--make-communities"):
        import_boundaries(session, office, request, NOW, None)


def test_of_grids_alone_each_becomes_a_community_with_one_grid(session, bring):
    _, grids = draw(communities=1, columns=3, rows=1)
    grids["code"] = ["1", "10", "19"]
    bring(grids, "grids", parent_field=None, make_communities=True, street_code="640121001")
    assert paths(session, AreaLevel.GRID) == [
        "/640121/001/1/1/",
        "/640121/001/10/10/",
        "/640121/001/19/19/",
    ]


def test_council_1_does_not_match_councils_10_to_19(session, bring):
    _, grids = draw(communities=1, columns=5, rows=4)
    grids["code"] = [str(number) for number in range(1, 21)]
    bring(grids, "grids", parent_field=None, make_communities=True, street_code="640121001")
    found = session.scalars(
        select(Area.code).where(Area.path.startswith("/640121/001/1/"), Area.level == "grid")
    ).all()
    assert found == ["1"]


def test_of_grids_with_a_parents_field_communities_are_joined(session, bring):
    communities, grids = draw(communities=2, columns=2, rows=2)
    bring(grids, "grids", make_communities=True)
    rows = session.execute(select(Community.code, func.ST_AsBinary(Community.boundary))).all()
    shapes = {code: shapely.from_wkb(bytes(wkb)) for code, wkb in rows}
    assert sorted(shapes) == ["640121001001", "640121001002"]
    assert shapes["640121001001"].equals(communities.geometry[0])
    assert session.scalar(select(func.count()).select_from(Grid)) == 8


def test_communities_cannot_be_made_of_communities(session, office, write):
    request = ask(write(draw()[0], "c.gpkg"), "communities", make_communities=True)
    with pytest.raises(BadInput, match="choose the layer grids"):
        import_boundaries(session, office, request, NOW, None)


def test_a_street_elsewhere_is_refused(session, office, write):
    request = ask(write(draw(street="640121002")[0], "c.gpkg"), "communities")
    with pytest.raises(BadInput, match="not in the area of"):
        import_boundaries(session, office, request, NOW, None)


def test_codes_that_name_no_street_ask_for_one(session, write):
    county = make_office(session, area_path="/640121/")
    communities, _ = draw()
    communities["code"] = ["a", "b"]
    request = ask(write(communities, "c.gpkg"), "communities")
    with pytest.raises(BadInput, match="--street"):
        import_boundaries(session, county, request, NOW, None)


def test_other_codes_are_accepted_under_the_offices_street(session, bring):
    communities, _ = draw()
    communities["code"] = ["甲", "64012100109"]
    bring(communities, "communities")
    assert paths(session, AreaLevel.COMMUNITY) == ["/640121/001/09/", "/640121/001/甲/"]


def test_two_areas_of_one_path_are_refused(session, bring):
    communities, _ = draw()
    communities["code"] = ["001", "640121001001"]
    with pytest.raises(BadInput, match="the same place in the tree"):
        bring(communities, "communities", street_code="640121001")


def test_a_failure_in_the_middle_leaves_nothing(session, office, write, monkeypatch):
    """The grids fail after their communities are written: neither stays."""
    _, grids = draw()
    before = counts(session)
    request = ask(write(grids, "g.gpkg"), "grids", make_communities=True)
    real, calls = importing_verbs.put_in_force, []

    def fail_the_second_time(*args):
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("the lights went out")
        return real(*args)

    monkeypatch.setattr(importing_verbs, "put_in_force", fail_the_second_time)
    session.commit()
    with pytest.raises(RuntimeError):
        import_boundaries(session, office, request, NOW, None)
    session.rollback()
    assert counts(session) == before
    assert session.get_one(type(office), office.id).revision == 0


def test_what_was_checked_is_looked_at_again_after_another_change(session, office, bring, write):
    communities, _ = draw()
    request = ask(write(communities, "c.gpkg"), "communities", valid_from=day("2026-03-01"))
    checked = check_boundaries(session, office, request, NOW)
    bring(communities, "communities", valid_from=day("2026-04-01"))
    with pytest.raises(BadInput, match="cannot begin earlier"):
        import_boundaries(session, office, request, NOW, None, checked)


def test_a_level_keeps_its_place_in_the_tree(session, office, bring):
    """A street cannot be taken for a community of the office above it."""
    bring(draw()[0], "communities")
    office.area_path = "/640121/"
    communities, _ = draw()
    communities["code"] = ["640121001", "b"]
    with pytest.raises(Conflict, match="is already a street"):
        bring(communities, "communities", street_code="640121")


def test_a_gbk_shapefile_without_cpg_and_prj_goes_in_when_both_are_said(session, office, write):
    communities, _ = draw()
    communities["name"] = ["团结社区", "建设社区"]
    communities.columns = ["code", "name", "parent_code", "geometry"]
    path = write(communities.to_crs(4544)[["code", "name", "geometry"]], "c.shp", encoding="GBK")
    for suffix in (".cpg", ".prj"):
        path.with_suffix(suffix).unlink()
    table_ = bytearray(path.with_suffix(".dbf").read_bytes())
    table_[29] = 0  # the language byte says nothing either
    path.with_suffix(".dbf").write_bytes(table_)
    request = ImportRequest(path, "c.shp", AreaLevel.COMMUNITY, **FIELDS)
    with pytest.raises(GeoDataError) as unsaid:
        check_boundaries(session, office, request, NOW)
    assert unsaid.value.reason == "encoding_missing"
    request = ImportRequest(path, "c.shp", AreaLevel.COMMUNITY, **FIELDS, encoding="GBK")
    with pytest.raises(GeoDataError) as unsaid:
        check_boundaries(session, office, request, NOW)
    assert unsaid.value.reason == "crs_missing"
    request = ImportRequest(
        path, "c.shp", AreaLevel.COMMUNITY, **FIELDS, encoding="GBK", crs="EPSG:4544"
    )
    import_boundaries(session, office, request, NOW, None)
    assert session.scalars(select(Community.name).order_by(Community.code)).all() == [
        "团结社区",
        "建设社区",
    ]
