"""The administrator's pages: people come, get duties, a password, and leave."""

import re

import pytest
from sqlalchemy import select

from tests.factories.people import (
    make_department,
    make_office,
    make_person,
    sign_in,
    sign_in_by_page,
    token,
)
from webapp.people.models import Person, Role


@pytest.fixture
def office(session):
    return make_office(session)


@pytest.fixture
def administrator(session, office):
    return make_person(session, office, Role.ADMINISTRATOR, name="Admin")


@pytest.fixture
def worker(session, office):
    return make_person(session, office, Role.LEADER, name="Li Wei", phone="13895000000")


@pytest.fixture
def desk(client, session, administrator, worker):
    session.commit()
    sign_in(client, administrator)
    return client


def send(client, path, **facts):
    return client.post(path, data=facts | {"csrf_token": token(client, "/admin/people/add")})


def read(session, person):
    session.rollback()  # ends what this session has read, so that it sees what was committed
    session.expire_all()
    return session.get(Person, person.id)


def newcomer(**facts):
    return {
        "name": "Wang Xiulan", "username": "wang", "role": "grid_manager", "area": "",
        "department": "", "phone": "",
    } | facts  # fmt: skip


def test_the_list_shows_everybody_of_the_office_and_of_no_other(desk, session):
    make_person(session, make_office(session), name="Somebody Else")
    session.commit()
    text = desk.get("/admin/people").text
    assert "Li Wei" in text
    assert "Somebody Else" not in text


@pytest.mark.parametrize("words", ["li w", "1389500", "LI"])
def test_the_list_is_searched_by_name_user_name_and_phone(desk, words):
    text = desk.get("/admin/people", query_string={"q": words}).text
    assert "Li Wei" in text


@pytest.mark.parametrize("words", ["nobody", "%", "_"])
def test_a_search_without_result_says_so(desk, words):
    text = desk.get("/admin/people", query_string={"q": words}).text
    assert "Li Wei" not in text
    assert "empty-state" in text


def test_a_new_person_signs_in_with_the_password_shown_once(desk, app, session):
    answer = send(desk, "/admin/people/add", **newcomer())
    assert answer.headers["Cache-Control"] == "no-store"
    password = re.search(r'id="new-password">([^<]+)<', answer.text)[1]
    person = session.scalars(select(Person).where(Person.username == "wang")).one()
    client = app.test_client()
    sign_in_by_page(client, person, password)
    assert client.get("/me").location == "/me/password"


@pytest.mark.parametrize(
    "facts",
    [
        {"name": ""},
        {"username": "a b"},
        {"username": "x" * 65},
        {"role": "emperor"},
        {"area": "no such area"},
        {"role": "department_member"},
        {"department": "D-1"},
    ],
    ids=["name", "spaces", "long", "role", "area", "no department", "department"],
)
def test_a_bad_entry_comes_back_with_all_that_was_typed(desk, session, office, facts):
    make_department(session, office, code="D-1")
    session.commit()
    answer = send(desk, "/admin/people/add", **newcomer(phone="0951-1", **facts))
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert 'value="0951-1"' in answer.text
    assert session.scalar(select(Person.id).where(Person.username == "wang")) is None


def test_a_user_name_is_given_once(desk, worker):
    answer = send(desk, "/admin/people/add", **newcomer(username=worker.username.upper()))
    assert answer.status_code == 422


def test_a_department_member_gets_their_department(desk, session, office):
    department = make_department(session, office, code="D-1")
    session.commit()
    send(desk, "/admin/people/add", **newcomer(role="department_member", department="D-1"))
    person = session.scalars(select(Person).where(Person.username == "wang")).one()
    assert [(d.role, d.department_id) for d in person.duties] == [
        (Role.DEPARTMENT_MEMBER, department.id)
    ]


def test_a_grid_manager_is_given_a_community_by_its_name_or_code(desk, session, office):
    from tests.factories.places import make_grids

    grid = make_grids(session, office)[0]
    community, path = grid.community, grid.community.area.path
    session.commit()
    for words, username in ((community.name, "by-name"), (community.code, "by-code")):
        send(desk, "/admin/people/add", **newcomer(username=username, area=words))
        person = session.scalars(select(Person).where(Person.username == username)).one()
        assert [duty.area_path for duty in person.duties] == [path]
        session.rollback()


def test_an_administrator_of_a_community_gives_no_duty_outside_it(client, session, office):
    from tests.factories.places import make_grids

    grids = make_grids(session, office)
    own, other = grids[0].community, grids[-1].community
    person = make_person(session, office, Role.ADMINISTRATOR, area_path=own.area.path)
    session.commit()
    sign_in(client, person)
    outside = [{"area": other.code}, {"area": ""}]
    for facts in outside:
        assert send(client, "/admin/people/add", **newcomer(**facts)).status_code == 422
    assert send(client, "/admin/people/add", **newcomer(area=own.code)).status_code == 200


def test_duties_are_given_and_taken_away_but_never_the_last(desk, session, worker):
    path = f"/admin/people/{worker.id}/duties"
    send(desk, path, role="inspector", area="", department="")
    duties = read(session, worker).duties
    assert [duty.role for duty in duties] == [Role.LEADER, Role.INSPECTOR]
    assert send(desk, path, role="inspector", area="", department="").status_code == 409
    first, last = duties
    assert send(desk, f"{path}/{first.id}/remove").status_code == 302
    assert send(desk, f"{path}/{last.id}/remove").status_code == 409
    assert [duty.role for duty in read(session, worker).duties] == [Role.INSPECTOR]


def test_details_are_changed(desk, session, worker):
    send(desk, f"/admin/people/{worker.id}/details", name=" Li Weiguo ", phone="")
    person = read(session, worker)
    assert (person.name, person.phone) == ("Li Weiguo", None)
    assert send(desk, f"/admin/people/{worker.id}/details", name="").status_code == 422


def test_a_reset_password_ends_sessions_and_must_be_changed(desk, app, worker):
    theirs = app.test_client()
    sign_in(theirs, worker)
    answer = send(desk, f"/admin/people/{worker.id}/password")
    password = re.search(r'id="new-password">([^<]+)<', answer.text)[1]
    assert theirs.get("/me").status_code == 302
    sign_in_by_page(theirs, worker, password)
    assert theirs.get("/me").location == "/me/password"


def test_a_closed_account_can_be_opened_again(desk, app, worker):
    theirs = app.test_client()
    sign_in(theirs, worker)
    send(desk, f"/admin/people/{worker.id}/close")
    assert theirs.get("/me").status_code == 302
    send(desk, f"/admin/people/{worker.id}/open")
    assert theirs.get("/me").status_code == 302  # the old session stays ended
    sign_in_by_page(theirs, worker)


def test_administrators_cannot_lock_themselves_out(desk, session, administrator):
    path = f"/admin/people/{administrator.id}"
    assert send(desk, f"{path}/close").status_code == 409
    send(desk, f"{path}/duties", role="leader", area="", department="")
    duty = read(session, administrator).duties[0]
    assert send(desk, f"{path}/duties/{duty.id}/remove").status_code == 409
    assert read(session, administrator).active


@pytest.mark.parametrize("verb", ["", "/details", "/duties", "/password", "/close", "/open"])
def test_a_person_of_another_office_is_not_there(desk, session, verb):
    stranger = make_person(session, make_office(session))
    session.commit()
    path = f"/admin/people/{stranger.id}{verb}"
    answer = send(desk, path) if verb else desk.get(path)
    assert answer.status_code == 404
