"""`/api/locate`, open to all."""

import pytest

from gis.datums import from_wgs84
from tests.factories.people import make_office
from tests.factories.places import SOUTH, STEP, WEST, make_grids
from webapp import create_app


@pytest.fixture
def place(session, client):
    """The office's grids, committed."""
    office = make_office(session, code="640121001", name="<b>街道</b>")
    make_grids(session, office)
    session.commit()
    return f"lat={SOUTH + STEP / 2}&lon={WEST + STEP / 2}"


def test_a_point_is_told_its_grid(client, place):
    answer = client.get(f"/api/locate?{place}")
    assert answer.status_code == 200
    assert answer.json["grid"] == {
        "code": "640121001001003",
        "name": "Grid 003",
        "path": "/640121/001/001/003/",
        "community": "Community 1",
    }
    assert answer.json["office"] == {"code": "640121001", "name": "<b>街道</b>"}
    assert answer.json["edge_distance_m"] == pytest.approx(43.8, abs=0.2)
    assert answer.json["near_edge"] is False


def test_a_point_outside_is_told_the_nearest(client, place):
    answer = client.get(f"/api/locate?lat={SOUTH}&lon={WEST - 0.001}").json
    assert answer["grid"] is None
    assert answer["nearest"]["code"] == "640121001001003"


def test_a_point_near_an_edge_is_told_who_nearly_won(client, place):
    answer = client.get(f"/api/locate?lat={SOUTH + STEP / 2}&lon={WEST + STEP + 0.00005}").json
    assert answer["near_edge"] is True
    [other] = answer["candidates"]
    assert (other["code"], other["distance_m"]) == ("640121001001003", pytest.approx(4.4, abs=0.1))


def test_datums_are_converted(client, place):
    lon, lat = from_wgs84(WEST + STEP / 2, SOUTH + STEP / 2, "bd09")
    answer = client.get(f"/api/locate?lat={lat}&lon={lon}&datum=bd09").json
    assert answer["grid"]["code"] == "640121001001003"
    assert answer["margin_m"] == 25.0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("lat=106.25&lon=38.28", "look swapped"),
        ("lon=106.25", "latitude is missing"),
        ("", "longitude is missing"),
        ("lat=nan&lon=106.25", "finite"),
        ("lat=inf&lon=106.25", "finite"),
        ("lat=4238000&lon=609000", "projected"),
        ("lat=38,28&lon=106.25", '"38,28" is not a number'),
        ("lat=%3Cscript%3E&lon=1", "is not a number"),
        ("lat=38.28&lon=106.25&datum=mars", "wgs84, gcj02, bd09, cgcs2000"),
        ("lat=38.28&lon=106.25&accuracy=-1", "accuracy must be"),
        ("lat=38.28&lon=106.25&accuracy=inf", "accuracy must be"),
    ],
)
def test_garbage_is_refused_in_a_sentence(client, place, query, words):
    answer = client.get(f"/api/locate?{query}", headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert words in answer.json["message"]


def test_the_rate_is_limited(database, session):
    make_grids(session, make_office(session))
    session.commit()
    client = create_app(engine=database, testing=True, secret_key="only for tests").test_client()
    query = f"/api/locate?lat={SOUTH}&lon={WEST}"
    statuses = {client.get(query).status_code for _ in range(125)}
    assert statuses == {200, 429}
