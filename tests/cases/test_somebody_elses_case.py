"""Somebody else's case number: by every role and every path nothing is told and nothing changed."""

from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from tests import scenes
from tests.factories.cases import make_ground, picture
from tests.factories.life import make_town
from tests.factories.people import make_department, make_person, sign_in, token
from tests.factories.places import middle_of
from webapp.cases.access import may_see_case, visible_to
from webapp.cases.models import Case, CaseEvent
from webapp.cases.photos import read_photo, store_photo
from webapp.cases.vocabulary import Action
from webapp.core import clock
from webapp.people.models import Role

SECRET = "三单元门口的路灯"
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session):
    town = scene.on(session)
    town.now = clock.now()
    return town


@pytest.fixture
def case(app, town):
    """A case in the first community that the centre has in hand."""
    lon, lat = middle_of(town.ground.grids[0])
    with app.app_context():
        photo = read_photo("a.jpg", BytesIO(picture()), ZoneInfo("Asia/Shanghai"))
    store_photo(app.config["WANGGE"].photo_dir, photo)
    draft = {"lon": lon, "lat": lat, "description": SECRET, "address": SECRET, "photos": (photo,)}
    case = town.handling(draft=draft)
    town.session.commit()
    return case


@pytest.fixture
def strangers(session, town, case):
    """Each role in another community and department, and each in another office."""
    elsewhere = town.ground.grids[-1].area.parent.path
    assert not case.area.path.startswith(elsewhere)
    other = make_ground(session, code="640121002", area_path="/640121/002/", number_prefix="QQ")
    people = {}
    for role in Role:
        member = role is Role.DEPARTMENT_MEMBER
        near = make_department(session, town.ground.office) if member else None
        far = make_department(session, other.office) if member else None
        facts = {"area_path": elsewhere, "department": near}
        people[role, "elsewhere"] = make_person(session, town.ground.office, role, **facts)
        people[role, "other office"] = make_person(session, other.office, role, department=far)
    session.commit()
    return people


def addresses(app, case):
    """Every address that names a case or a photo of one, with every way to ask."""
    known = {"number": case.number, "photo_id": case.photos[0].id, "action": "recall"}
    known["size"] = "small"
    adapter = app.url_map.bind("")
    return [
        (method, adapter.build(rule.endpoint, {n: known[n] for n in rule.arguments}, method))
        for rule in app.url_map.iter_rules()
        if {"number", "photo_id"} & rule.arguments and "token" not in rule.arguments
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def test_nothing_is_told_and_nothing_changed(app, session, town, case, strangers):
    events = session.scalar(select(func.count(CaseEvent.id)))
    told = {}
    for (role, where), person in strangers.items():
        client = app.test_client()
        sign_in(client, person)
        csrf = token(client, "/me")
        for method, path in addresses(app, case):
            data = {"csrf_token": csrf, "note": "不该", "grid": "1"} if method in CHANGING else None
            answer = client.open(path, method=method, data=data)
            silent = answer.status_code in (403, 404) or (answer.status_code, answer.data) == (
                204,
                b"",
            )
            if not silent or SECRET in answer.text:
                told[f"{role} {where}: {method} {path}"] = answer.status_code
    assert told == {}
    session.expire_all()
    assert session.scalar(select(func.count(CaseEvent.id))) == events


def test_their_own_people_are_let_in_by_the_same_paths(app, session, town, case):
    """Else the test above would prove nothing."""
    opened = set()
    for person in town.people.values():
        client = app.test_client()
        sign_in(client, person)
        for method, path in addresses(app, case):
            if method == "GET":
                with client.get(path) as answer:  # a file is closed with its answer
                    opened |= {path} if answer.status_code == 200 else set()
    rest = {path for method, path in addresses(app, case) if method == "GET"} - opened
    assert {path.split("/")[1] for path in rest} <= {"desk"}  # rows of desks where it is not


def test_without_an_account_one_is_asked_to_sign_in_or_told_no_words(app, case):
    client = app.test_client()
    for method, path in addresses(app, case):
        data = {"csrf_token": token(client)} if method in CHANGING else None
        answer = client.open(path, method=method, data=data)
        assert answer.status_code in (302, 401, 403, 404), (method, path)
        assert SECRET not in answer.text


def test_a_called_department_sees_the_case_until_it_is_called_off(session, town, case):
    elsewhere = town.ground.grids[-1].area.parent.path
    person = make_person(session, town.ground.office, Role.DEPARTMENT_MEMBER,
                         area_path=elsewhere, department=town.helpers)  # fmt: skip

    def sees() -> bool:
        listed = session.scalar(select(Case.id).where(Case.id == case.id, visible_to(person)))
        assert may_see_case(person, case) is (listed is not None)
        return listed is not None

    assert not sees()
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="拆除")
    assert sees()
    town.step(case, Action.REPORT_IN, "helper")
    town.step(case, Action.FINISH_TASK, "helper", note="已拆")
    assert sees()
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="再拆")
    town.step(case, Action.CALL_OFF, "dispatcher", department_id=town.helpers.id, note="不用了")
    assert sees()  # what it did stays its own


def test_a_department_that_was_called_off_at_once_sees_it_no_more(session, town, case):
    town.people["helper"].duties[0].area_path = town.ground.grids[-1].area.parent.path
    session.flush()
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="拆除")
    assert may_see_case(town.people["helper"], case)
    town.step(case, Action.CALL_OFF, "dispatcher", department_id=town.helpers.id, note="不用了")
    assert not may_see_case(town.people["helper"], case)
