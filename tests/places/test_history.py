"""Versions follow each other; what was in force stays known, and nothing is deleted."""

from datetime import UTC, datetime

import pytest
import shapely
from sqlalchemy import select

from gis.datums import from_wgs84
from tests.factories.places import STEP, WEST, draw, make_grids, table
from tests.places.conftest import NOW, ask, day
from webapp.core.errors import BadInput
from webapp.places.locating import find_place, office_places
from webapp.places.models import AreaLevel, BoundaryVersion, Community, Grid
from webapp.places.queries import versions_of
from webapp.places.service import check_boundaries


def dates(session, table_):
    """First and last day of all rows, each pair once."""
    rows = session.execute(select(table_.valid_from, table_.valid_to).distinct()).all()
    return sorted((str(start), str(end)) for start, end in rows)


def test_a_new_version_ends_the_former_one_on_its_first_day(session, bring):
    communities, grids = draw()
    for first in ("2026-01-01", "2026-02-01"):
        bring(communities, "communities", valid_from=day(first))
        bring(grids, "grids", valid_from=day(first))
    expected = [("2026-01-01", "2026-02-01"), ("2026-02-01", "None")]
    assert dates(session, Community) == expected
    # on 1 February the grids were first carried over, then replaced on the same day
    assert dates(session, Grid) == [expected[0], ("2026-02-01", "2026-02-01"), expected[1]]
    assert dates(session, BoundaryVersion) == dates(session, Grid)


def test_cases_keep_the_very_grid_they_were_in(session, office, bring):
    communities, grids = draw()
    bring(communities, "communities", valid_from=day("2026-01-01"))
    bring(grids, "grids", valid_from=day("2026-01-01"))
    before = find_place(session, office, WEST + STEP / 2, 38.2805).grid
    bring(grids, "grids", valid_from=day("2026-02-01"))
    after = find_place(session, office, WEST + STEP / 2, 38.2805).grid
    assert before.grid_id != after.grid_id
    assert before.area_id == after.area_id
    assert session.get(Grid, before.grid_id).valid_to == day("2026-02-01")


def test_a_version_may_not_begin_before_the_one_it_follows(session, office, bring, write):
    communities, _ = draw()
    bring(communities, "communities", valid_from=day("2026-02-01"))
    request = ask(write(communities, "c.gpkg"), "communities", valid_from=day("2026-01-31"))
    with pytest.raises(BadInput, match="valid from 2026-02-01: the new one cannot begin earlier"):
        check_boundaries(session, office, request, NOW)


def test_boundaries_of_a_later_day_take_over_on_that_day(session, office, bring, monkeypatch):
    communities, grids = draw(communities=1, columns=2, rows=1)
    bring(communities, "communities", valid_from=day("2026-03-01"))
    bring(grids, "grids", valid_from=day("2026-03-01"))
    joined = grids.dissolve().assign(code="640121001001009", name="9", parent_code="640121001001")
    bring(joined[list(grids.columns)], "grids", valid_from=day("2026-03-05"))
    session.commit()

    def codes_at(moment):
        monkeypatch.setattr("webapp.core.clock.now", lambda: moment)
        return list(office_places(session, office).codes)

    # the office's midnight is 16:00 UTC of the day before
    assert len(codes_at(datetime(2026, 3, 4, 15, 59, tzinfo=UTC))) == 2
    assert codes_at(datetime(2026, 3, 4, 16, 0, tzinfo=UTC)) == ["640121001001009"]


def test_what_changes_is_told_by_code(bring):
    communities, _ = draw(communities=3)
    bring(communities.iloc[:2], "communities")
    communities.loc[1, "name"] = "renamed"
    [changes] = bring(communities.iloc[1:], "communities").changes
    assert (changes.new, changes.renamed, changes.gone, changes.total) == (
        ("640121001003",), ("640121001002",), ("640121001001",), 2,
    )  # fmt: skip


def test_new_communities_take_the_grids_in_force_over(session, office, bring):
    """Each grid goes to the community that shares most with it."""
    communities, grids = draw(communities=2, columns=2, rows=1)
    bring(communities, "communities", valid_from=day("2026-01-01"))
    bring(grids, "grids", valid_from=day("2026-01-01"))
    edge = WEST + STEP  # the border moves one grid to the west
    moved = table(
        [
            ("640121001001", "west", "", shapely.box(WEST, 38.28, edge, 38.281)),
            ("640121001002", "east", "", shapely.box(edge, 38.28, WEST + 4 * STEP, 38.281)),
        ]
    )
    outcome = bring(moved, "communities", valid_from=day("2026-02-01"))
    assert [version.layer for version in outcome.versions] == [AreaLevel.COMMUNITY, AreaLevel.GRID]
    assert outcome.versions[1].source_name == "grids.geojson"
    homes = session.execute(
        select(Grid.code, Community.name)
        .join(Grid.community)
        .where(Grid.version_id == outcome.versions[1].id)
    ).all()
    assert dict(homes) == {
        "640121001001001": "west", "640121001001002": "east",
        "640121001002001": "east", "640121001002002": "east",
    }  # fmt: skip
    paths = list(office_places(session, office).paths)
    assert "/640121/001/002/640121001001002/" in paths


def test_grids_in_none_of_the_new_communities_end_with_the_old(session, office, bring, write):
    communities, grids = draw(communities=2, columns=1, rows=1)
    bring(communities, "communities", valid_from=day("2026-01-01"))
    bring(grids, "grids", valid_from=day("2026-01-01"))
    request = ask(write(communities.iloc[:1], "c.gpkg"), "communities")
    check = check_boundaries(session, office, request, NOW)
    assert [f.codes for f in check.carried_findings] == [("640121001002001",)]
    assert check.unmendable == []
    bring(communities.iloc[:1], "communities", accept_findings=True)
    assert list(office_places(session, office).codes) == ["640121001001001"]
    assert len(session.scalars(select(Grid)).all()) == 3


def test_a_file_that_lies_shifted_against_the_former_version_is_found(
    session, office, bring, write
):
    communities, _ = draw(communities=4)
    bring(communities, "communities")

    def shift(lonlat):
        lon, lat = from_wgs84(lonlat[:, 0], lonlat[:, 1], "gcj02")
        return shapely.get_coordinates(shapely.points(lon, lat))

    shifted = communities.set_geometry(shapely.transform(communities.geometry.values, shift))
    path = write(shifted.set_crs(4326, allow_override=True), "c.gpkg")
    check = check_boundaries(session, office, ask(path, "communities"), NOW)
    [finding] = [f for f in check.findings if f.kind == "shifted_coordinates"]
    assert finding.detail["datum"] == "gcj02"
    told = check_boundaries(session, office, ask(path, "communities", datum="gcj02"), NOW)
    assert told.findings == []


def test_the_list_of_versions_has_the_newest_first_with_its_count(session, office):
    make_grids(session, office, communities=2, columns=2, rows=2, valid_from=day("2026-01-01"))
    make_grids(session, office, communities=1, columns=3, rows=1, valid_from=day("2026-02-01"))
    listed = [(row.version.layer.value, row.count) for row in versions_of(session, office)]
    assert listed == [("grid", 3), ("community", 1), ("grid", 8), ("community", 2)]
