"""The door of the house: residents find the way to report, everybody else their own desk."""

import pytest

from tests.factories.cases import CENTRE
from tests.factories.people import make_department, make_person, sign_in
from webapp.people.models import Duty, Role

ENGLISH = {"Accept-Language": "en"}
DESKS = {
    Role.GRID_MANAGER: "/desk/grid",
    Role.DISPATCHER: "/desk/dispatch",
    Role.DEPARTMENT_MEMBER: "/desk/department",
    Role.INSPECTOR: "/desk/grid",
    Role.LEADER: "/desk/leader",
    Role.ADMINISTRATOR: "/admin/places",
}


@pytest.fixture
def member(session, town):
    """Make somebody of the office with a role; department members are of the department D07."""

    def make(role: Role):
        department = None
        if role is Role.DEPARTMENT_MEMBER:
            department = make_department(session, town.office, code="D07")
        person = make_person(session, town.office, role, department=department)
        session.commit()
        return person

    return make


def test_every_role_has_its_desk():
    assert set(DESKS) == set(Role)


@pytest.mark.parametrize("role", Role)
def test_each_role_lands_on_its_page_and_may_open_it(client, member, role):
    sign_in(client, member(role))
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, DESKS[role])
    assert client.get(answer.location).status_code == 200


def test_who_has_several_roles_lands_on_the_desk_of_the_first(client, session, town, member):
    person = member(Role.DISPATCHER)
    person.duties.append(Duty(role=Role.LEADER, area_path=town.office.area_path))
    session.commit()
    sign_in(client, person)
    assert client.get("/").location == "/desk/dispatch"


def test_a_resident_is_shown_the_way_to_report_and_to_the_map(client, town):
    page = client.get("/", headers=ENGLISH)
    assert page.status_code == 200
    for way in ('href="/report"', 'href="/map"', 'href="/sign-in"'):
        assert way in page.text
    assert "/admin/" not in page.text


def test_a_closed_map_is_not_offered_to_residents(app, client, town):
    object.__setattr__(app.config["WANGGE"], "public_map", False)
    page = client.get("/").text
    assert 'href="/map"' not in page
    assert 'href="/report"' in page


def test_a_report_is_followed_by_its_link_or_its_token(client):
    token = "0123456789abcdef" * 2 + "01234567"
    for kept in (token, f"https://grid.example/r/{token}", f"/r/{token}?new=1"):
        answer = client.get("/follow", query_string={"link": kept})
        assert (answer.status_code, answer.location) == (302, f"/r/{token}")


def test_a_case_number_leads_to_its_place_on_the_map(client, put):
    case = put(0)
    answer = client.get("/follow", query_string={"link": case.number.lower()})
    assert answer.status_code == 302
    assert answer.location.startswith("/map?state=all&at=38.28")


def test_a_case_number_leads_nowhere_while_the_map_is_closed(app, client, put):
    object.__setattr__(app.config["WANGGE"], "public_map", False)
    assert client.get("/follow", query_string={"link": put(0).number}).status_code == 422


def test_words_that_nothing_is_known_by_come_back_with_what_to_give(client, town):
    answer = client.get("/follow", query_string={"link": f"{CENTRE} 7"}, headers=ENGLISH)
    assert answer.status_code == 422
    assert f'value="{CENTRE} 7"' in answer.text
    assert "Give the case number" in answer.text
