"""A point finds its grid, how near the edge it is, and who nearly won."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.datums import from_wgs84
from gis.errors import GeoDataError
from tests.factories.people import make_office
from tests.factories.places import SOUTH, STEP, WEST, make_area, make_grids
from webapp.core.errors import BadInput, NotFound
from webapp.people.models import Office
from webapp.places.locating import find_place, margin_m, office_at, office_places

INSIDE = (WEST + STEP / 2, SOUTH + STEP / 2)


@pytest.fixture
def grids(session, office):
    return make_grids(session, office, communities=2, columns=2, rows=2)


def test_a_point_knows_its_grid_community_street_and_version(session, office, grids):
    place = find_place(session, office, *INSIDE)
    south_west = grids[2]
    assert place.grid.grid_id == south_west.id
    assert place.grid.code == "640121001001003"
    assert place.grid.community_name == "Community 1"
    assert place.grid.version_id == south_west.version_id
    assert (place.area_id, place.area_path) == (south_west.area_id, "/640121/001/001/003/")
    assert (place.near_edge, place.overlapping, place.candidates) == (False, False, ())
    assert place.edge_distance_m == pytest.approx(43.8, abs=0.2)


def test_a_point_on_an_edge_has_one_grid_and_the_other_as_candidate(session, office, grids):
    place = find_place(session, office, WEST + STEP, SOUTH + STEP / 2)
    assert place.grid.code == "640121001001003"
    assert place.near_edge
    assert [(c.grid.code, c.distance_m) for c in place.candidates] == [("640121001001004", 0.0)]


def test_a_point_outside_has_the_nearest_grid_and_the_streets_area(session, office, grids):
    place = find_place(session, office, WEST - 0.001, SOUTH + STEP / 2)
    street = make_area(session, office)
    assert place.grid is None
    assert place.nearest.code == "640121001001003"
    assert (place.area_id, place.area_path) == (street.id, "/640121/001/")
    assert place.edge_distance_m == pytest.approx(87.5, abs=0.5)


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000"])
def test_a_point_in_another_datum_is_converted_and_its_margin_widened(
    session, office, grids, datum
):
    place = find_place(session, office, *from_wgs84(*INSIDE, datum), datum)
    assert (place.lon, place.lat) == pytest.approx(INSIDE, abs=1e-7)
    assert place.grid.code == "640121001001003"
    assert place.margin_m == {"gcj02": 20.0, "bd09": 25.0, "cgcs2000": 10.0}[datum]


@pytest.mark.parametrize(
    ("accuracy", "margin"), [(None, 10.0), (5.0, 10.0), (30.0, 30.0), (2000.0, 100.0)]
)
def test_an_inaccurate_fix_widens_the_margin_up_to_a_limit(office, accuracy, margin):
    assert margin_m(office, "wgs84", accuracy) == margin


def test_margins_of_many_are_an_array(office):
    given = np.array([np.nan, 30.0, 5.0])
    assert margin_m(office, "gcj02", given).tolist() == [20.0, 40.0, 20.0]


def test_the_offices_setting_decides_what_is_near(session, office, grids):
    office.settings = {"near_edge_m": 50}
    assert find_place(session, office, *INSIDE).near_edge


@pytest.mark.parametrize(
    ("lon", "lat", "words"),
    [
        (38.28, 106.25, "look swapped"),
        (None, 38.28, "longitude is missing"),
        (float("inf"), 38.28, "finite"),
        (609_000.0, 4_238_000.0, "projected"),
    ],
)
def test_what_is_no_place_is_refused_in_a_sentence(session, office, grids, lon, lat, words):
    with pytest.raises(GeoDataError, match=words):
        find_place(session, office, lon, lat)


def test_an_office_without_boundaries_says_so(session, office):
    with pytest.raises(BadInput, match="import those first"):
        find_place(session, office, *INSIDE)


def test_the_grids_are_read_once_until_the_office_is_revised(session, office, grids):
    session.commit()
    first = office_places(session, office)
    assert office_places(session, office) is first
    make_grids(session, office, communities=1, columns=1, rows=1)
    assert len(office_places(session, office).codes) == 1


def test_other_sessions_share_what_was_read_and_never_see_what_is_undone(
    app, database, session, office, grids
):
    session.commit()
    bound = app.extensions["database"]
    with bound.session() as reading:
        shared = office_places(reading, reading.get_one(type(office), office.id))
    with bound.session() as changing:
        there = changing.get_one(type(office), office.id)
        make_grids(changing, there, communities=1, columns=1, rows=1)
        assert len(office_places(changing, there).codes) == 1
        changing.rollback()
    with bound.session() as reading:
        again = office_places(reading, reading.get_one(type(office), office.id))
    assert again is shared
    assert len(again.codes) == 8


def test_with_one_office_every_point_is_its_own(session, office):
    assert office_at(session, 0.0, 0.0) is office


def test_of_several_offices_the_one_whose_grids_hold_the_point_answers(session, office, grids):
    east = make_office(session, area_path="/640121/002/")
    make_grids(session, east, street="640121002", west=WEST + 0.1)
    assert office_at(session, *INSIDE) is office
    assert office_at(session, WEST + 0.1 + STEP / 2, SOUTH + STEP / 2) is east


def test_between_offices_the_nearest_answers(session, office, grids):
    east = make_office(session, area_path="/640121/002/")
    make_grids(session, east, street="640121002", west=WEST + 0.1)
    make_office(session, area_path="/640121/003/")  # has no boundaries yet
    assert office_at(session, WEST - 0.01, SOUTH) is office
    assert office_at(session, WEST + 0.09, SOUTH) is east


def test_without_offices_there_is_none_to_answer(session):
    with pytest.raises(NotFound, match="no office yet"):
        office_at(session, *INSIDE)


def test_of_several_offices_without_boundaries_none_is_guessed(session, office):
    make_office(session)
    with pytest.raises(BadInput, match="No office has grids"):
        office_at(session, *INSIDE)


def test_an_office_of_several_streets_finds_points_in_all_of_them(session):
    county = make_office(session, area_path="/640121/")
    make_grids(session, county, street="640121001")
    make_grids(session, county, street="640121002", west=WEST + 0.1)
    places = office_places(session, county)
    assert len(places.codes) == 16
    assert places.street_path == "/640121/"
    assert len(set(places.street_area_ids)) == 2
    found = find_place(session, county, WEST + 0.1 + STEP / 2, SOUTH + STEP / 2)
    assert found.area_path == "/640121/002/001/003/"


def test_outlines_are_read_only_when_a_point_is_looked_for(database, session, office, statements):
    make_grids(session, office)
    session.commit()
    with Session(database) as reader:
        own = reader.scalars(select(Office)).one()
        statements.clear()
        places = office_places(reader, own)
        assert len(places.codes) == 8
        assert not any("boundary)" in one for one in statements)
        found = [find_place(reader, own, *INSIDE).grid.code for _ in range(3)]
        assert found == ["640121001001003"] * 3
        assert sum("boundary)" in one for one in statements) == 1


def test_several_that_look_for_the_first_point_at_once_share_one_locator(
    database, session, office, statements
):
    make_grids(session, office)
    session.commit()
    with Session(database) as reader:
        places = office_places(reader, reader.scalars(select(Office)).one())
    statements.clear()
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: places.locator, range(4)))
    assert len(found) == 1
    assert sum("boundary)" in one for one in statements) == 1
