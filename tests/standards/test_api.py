"""`/api/route`: who would answer here, why, and by when."""

from datetime import datetime

import pytest

from tests.factories.people import make_office, make_person
from tests.factories.places import make_grids, middle_of
from tests.factories.standards import make_standards
from webapp.core.clock import now
from webapp.standards.models import RoutingDecision
from webapp.standards.service import Parties, put_rule


@pytest.fixture
def grids(session):
    office = make_office(session, code="640121001", area_path="/640121/001/")
    grids = make_grids(session, office)
    make_standards(session, office)
    session.commit()
    return grids


@pytest.fixture
def ask(client, grids):
    """Ask about the middle of the third grid, unless told otherwise."""
    lon, lat = middle_of(grids[2])

    def get(**given: object):
        query = {"lat": lat, "lon": lon, "class": "K01-037", "condition": "4"} | given
        query = {name: value for name, value in query.items() if value is not None}
        return client.get("/api/route", query_string=query, headers={"Accept-Language": "en"})

    return get


def test_it_says_grid_department_leader_limit_deadline_and_why(ask, grids):
    answer = ask().json
    assert answer["place"]["grid"]["code"] == grids[2].code
    assert answer["condition"]["limit"] == {"amount": 2, "unit": "work_day", "words": "2 work days"}
    decision = answer["decision"]
    assert (decision["desk"], decision["lead"]) == (False, "公用事业服务中心")
    assert decision["informed"] == ["民生服务中心", "建设社区"]
    assert decision["leader"] == "金涛"
    assert [match["lost_by"] for match in decision["reason"]["matches"]] == [None]
    due = datetime.fromisoformat(answer["deadline"]["due_at"])
    assert due.utcoffset().total_seconds() == 8 * 3600
    assert answer["deadline"]["warn_at"] < answer["deadline"]["due_at"]


def test_nothing_is_stored(ask, session):
    ask()
    assert session.query(RoutingDecision).count() == 0


def test_outside_all_grids_the_community_drops_out_and_it_says_so(ask):
    answer = ask(lat=38.5, lon=106.5).json
    assert answer["place"]["grid"] is None
    assert answer["place"]["nearest"]["code"].startswith("640121001")
    assert answer["decision"]["informed"] == ["民生服务中心"]
    assert answer["decision"]["reason"]["notes"] == [
        {"code": "no_community", "words": "The place lies in no community, so none is informed."}
    ]


def test_what_no_rule_covers_goes_to_the_desk(ask):
    decision = ask(**{"class": "other", "condition": None}).json["decision"]
    assert (decision["desk"], decision["lead"]) == (True, None)
    assert decision["reason"]["notes"][0]["code"] == "no_rule"


def test_who_of_the_staff_made_a_rule_is_not_told(ask, session, grids):
    office = grids[0].version.office_id
    person = make_person(session, session.get(type(make_office(session)), office), name="Secret Wu")
    scope = ("/640121/001/", "/component/K01/K01-037/")
    put_rule(session, person.office, *scope, Parties(), made_by=person, now=now())
    session.commit()
    answer = ask()
    assert answer.json["decision"]["reason"]["matches"][0]["source"] == "by hand"
    assert "Secret Wu" not in answer.text


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"class": "K01-037", "condition": "K01-037.2"}, "K01-037.2"),
        ({"class": None, "condition": "K01-037.2"}, "K01-037.2"),
        ({"class": "Street Light", "condition": "单盏不亮"}, "K01-037.4"),
        ({"class": "路灯", "condition": "5"}, "K01-037.5"),
        ({"class": "exposed litter", "condition": None}, "E01-010.1"),
    ],
)
def test_classes_and_conditions_go_by_code_or_name(ask, given, code):
    assert ask(**given).json["condition"]["code"] == code


def test_the_datum_is_heeded(ask, grids):
    assert ask(datum="gcj02").json["place"]["grid"] != ask().json["place"]["grid"]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"class": "strete light"}, "unknown_class", "Near it: K01-037 street light"),
        ({"class": "路登"}, "unknown_class", "K01-037 street light"),
        ({"class": "垃圾"}, "unknown_class", "E01-010 exposed litter"),
        ({"class": None, "condition": None}, "unknown_class", "no class “”"),
        (
            {"condition": None},
            "unknown_condition",
            "Say which condition of street light: K01",
        ),
        ({"condition": "99"}, "unknown_condition", "street light has no condition “99”"),
        ({"class": "<script>alert(1)</script>"}, "unknown_class", "no class “<script>"),
        ({"lat": None}, "bad_coordinates", ""),
        ({"lat": "x"}, "bad_coordinates", ""),
        ({"lat": "nan"}, "bad_coordinates", ""),
        ({"lat": "inf"}, "bad_coordinates", ""),
        ({"lat": 4238000.0, "lon": 36000000.0}, "bad_coordinates", ""),
        ({"datum": "mars"}, "unknown_datum", "mars"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(ask, given, error, words):
    answer = ask(**given)
    assert answer.status_code == 400
    assert answer.mimetype == "application/json"
    assert answer.json["error"] == error
    assert words in answer.json["message"]


def test_before_there_is_an_office_or_a_boundary_it_says_so(client, session):
    query = {"lat": 38.28, "lon": 106.25, "class": "K01-037"}
    assert client.get("/api/route", query_string=query).json["error"] == "no_office"
    make_office(session)
    session.commit()
    assert client.get("/api/route", query_string=query).json["error"] == "no_boundaries"
