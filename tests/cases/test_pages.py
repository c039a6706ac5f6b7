"""The pages of cases: who sees what, and what comes back when something is wrong."""

import re
import uuid
from io import BytesIO

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests import scenes
from tests.factories.cases import INSIDE, LAMP_OUT, OUTSIDE, make_case, make_ground, picture
from tests.factories.people import make_office, make_person, sign_in
from webapp.cases.models import Case, CaseKey, Photo
from webapp.cases.vocabulary import Action, Source
from webapp.people.models import Role

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
JSON = {"Accept": "application/json"}


scene = scenes.by(ground=make_ground)


@pytest.fixture
def ground(scene, session, database):
    return scene.on(session)


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False  # the people's room tests it
    return app


def form(**facts: object) -> dict[str, object]:
    lon, lat = INSIDE
    typed = {
        "submission_uuid": str(uuid.uuid4()),
        "lon": lon,
        "lat": lat,
        "placed_by": "device",
        "accuracy_m": "12.5",
        "datum": "wgs84",
        "condition": LAMP_OUT,
        "description": "路灯不亮",
    }
    return {name: value for name, value in (typed | facts).items() if value is not None}


def count(session, model=Case) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model))


def test_a_resident_reports_and_follows_by_the_link_that_comes_back(client, session, ground):
    sent = client.post("/report", data=form())
    assert sent.status_code == 303
    page = client.get(sent.location)
    assert page.status_code == 200
    told = ("TJ", "公用事业服务中心", "Grid 003", "640121001001003", "路灯不亮")
    for words in told:
        assert words in page.text
    assert page.headers["Cache-Control"] == "no-store"
    case = session.scalar(select(Case))
    assert (case.source, case.accuracy_m) == (Source.PUBLIC, 12.5)


@pytest.mark.parametrize(
    ("role", "source"),
    [(Role.GRID_MANAGER, Source.GRID_MANAGER), (Role.DISPATCHER, Source.STAFF)],
)
def test_who_is_signed_in_reports_as_what_they_are(app, session, ground, role, source):
    person = make_person(session, ground.office, role=role)
    session.commit()
    client = app.test_client()
    sign_in(client, person)
    assert client.post("/report", data=form()).status_code == 303
    case = session.scalar(select(Case))
    assert (case.source, case.reporter.person_id) == (source, person.id)


def _bar(person):
    person.active = False


def _end_sessions(person):
    person.sign_in_epoch += 1


@pytest.mark.parametrize("end", [_bar, _end_sessions])
def test_whose_session_has_ended_reports_as_a_resident(app, session, ground, end):
    person = make_person(session, ground.office, role=Role.DISPATCHER)
    session.commit()
    client = app.test_client()
    sign_in(client, person)
    end(person)
    session.commit()
    assert client.post("/report", data=form()).status_code == 303
    case = session.scalar(select(Case))
    assert (case.source, case.reporter) == (Source.PUBLIC, None)


def test_who_must_set_a_password_does_so_before_reporting(app, session, ground):
    person = make_person(session, ground.office, role=Role.DISPATCHER)
    person.must_change_password = True
    session.commit()
    client = app.test_client()
    sign_in(client, person)
    assert client.post("/report", data=form()).location == "/me/password"
    assert count(session) == 0


def test_the_same_form_again_leads_to_the_same_page(client, session, ground):
    same = form()
    first, second = (client.post("/report", data=dict(same), headers=JSON) for _ in range(2))
    assert first.json == second.json
    assert count(session) == 1


def test_without_script_typed_coordinates_are_enough(client, session, ground):
    typed = form(lat="", lon="", position="38.2805 N, 106.2505 E", placed_by="typed")
    assert client.post("/report", data=typed).status_code == 303
    assert session.scalar(select(Case)).grid.code == "640121001001003"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"condition": ""}, "condition"),
        ({"condition": "E77-777.7"}, "condition"),
        ({"lat": "", "lon": ""}, "position"),
        ({"lat": "", "lon": "", "position": "near the gate"}, "position"),
        ({"lat": 106.25, "lon": 38.28}, "position"),
        ({"lat": "inf"}, "position"),
        ({"lat": "nan"}, "position"),
        ({"lat": 39.9, "lon": 116.4}, "place"),
        ({"description": "x" * 2001}, "description"),
        ({"submission_uuid": "mine"}, "submission_uuid"),
        ({"datum": "flat"}, "datum"),
        ({"accuracy_m": "-5"}, "accuracy_m"),
        ({"accuracy_m": "inf"}, "accuracy_m"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field_and_all_that_was_typed_is_kept(
    client, session, ground, facts, field
):
    typed = form(address="胜利街 12 号", **facts)
    answer = client.post("/report", data=dict(typed), headers=JSON)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    page = client.post("/report", data=dict(typed))
    assert page.status_code == 422
    assert "胜利街 12 号" in page.text
    assert typed["submission_uuid"] in page.text
    assert count(session) == 0


def test_photos_come_in_and_only_those_who_may_see_the_case_see_them(client, session, ground, app):
    files = [(BytesIO(picture()), "a.jpg"), (BytesIO(picture(kind="PNG", colour="blue")), "b.png")]
    sent = client.post("/report", data=form(photos=files))
    link = sent.location.partition("?")[0]
    ids = session.scalars(select(Photo.id).order_by(Photo.id)).all()
    assert len(ids) == 2
    for address in (f"{link}/photos/{ids[0]}", f"{link}/photos/{ids[0]}/small"):
        with client.get(address) as photo:
            assert (photo.status_code, photo.mimetype) == (200, "image/jpeg")
            assert photo.headers["X-Content-Type-Options"] == "nosniff"
            assert "private" in photo.headers["Cache-Control"]
    assert client.get(f"/r/{'0' * 40}/photos/{ids[0]}").status_code == 404
    assert client.get(f"/photos/{ids[0]}").status_code == 302  # to the sign-in
    stranger = make_person(session, make_office(session), Role.ADMINISTRATOR)
    own = make_person(session, ground.office, Role.DISPATCHER)
    session.commit()
    for person, status in ((stranger, 404), (own, 200)):
        browser = app.test_client()
        sign_in(browser, person)
        with browser.get(f"/photos/{ids[0]}") as photo:
            assert photo.status_code == status


@pytest.mark.parametrize(
    "content", [b"just text", picture() + b"\0" * (50 * 1024 * 1024)], ids=["text", "50 MB"]
)
def test_a_file_that_is_no_usable_photo_is_refused_and_nothing_is_kept(
    client, session, ground, app, content
):
    boundary, body = encode_multipart(form(photos=FileStorage(BytesIO(content), "a.jpg")))
    kind = f"multipart/form-data; boundary={boundary}"
    answer = client.post("/report", data=body, content_type=kind, headers=JSON)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["photos"])
    assert count(session) == 0
    assert not list(app.config["WANGGE"].photo_dir.rglob("*.jpg"))


def test_script_in_every_text_field_is_text_on_every_page(client, session, ground, app):
    sent = client.post(
        "/report", data=form(description=EVIL, address=EVIL, name=EVIL[:60], contact=EVIL)
    )
    person = make_person(session, ground.office, Role.ADMINISTRATOR)
    session.commit()
    staff = app.test_client()
    sign_in(staff, person)
    number = session.scalar(select(Case.number))
    pages = [client.get(sent.location), *map(staff.get, ("/cases", f"/cases/{number}"))]
    for page in pages:
        assert page.status_code == 200
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>alert(1)" not in page.text
        assert "<img src=x" not in page.text


def test_a_wrong_link_says_so(client, ground):
    assert client.get("/r/nothing").status_code == 404


@pytest.mark.parametrize("address", ["/cases", "/cases/TJ1", "/unplaced", "/admin/cases/import"])
def test_without_an_account_these_pages_ask_to_sign_in(client, ground, address):
    answer = client.get(address)
    assert answer.status_code == 302
    assert "/sign-in" in answer.location


def test_a_case_is_seen_in_its_area_and_by_its_department_alone(session, ground, app):
    case = make_case(session, ground.office)
    office, lead = ground.office, case.lead_department
    first, second = "/640121/001/001/", "/640121/001/002/"
    people = {
        make_person(session, office, Role.GRID_MANAGER, area_path=first): 200,
        make_person(session, office, Role.GRID_MANAGER, area_path=second): 404,
        make_person(
            session, office, Role.DEPARTMENT_MEMBER, area_path=second, department=lead
        ): 200,
        make_person(session, make_office(session), Role.ADMINISTRATOR): 404,
    }
    session.commit()
    for person, status in people.items():
        browser = app.test_client()
        sign_in(browser, person)
        assert browser.get(f"/cases/{case.number}").status_code == status, person.duties[0].role
        assert (case.number in browser.get("/cases").text) == (status == 200)


@pytest.fixture
def staff(session, ground, app):
    person = make_person(session, ground.office, Role.ADMINISTRATOR)
    session.commit()
    browser = app.test_client()
    sign_in(browser, person)
    return browser


def numbers(page) -> list[str]:
    return re.findall(r'href="/cases/(TJ[\d-]+)"', page.text)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", ["TJ261124-0002", "TJ261124-0001"]),
        ("?group=K01", ["TJ261124-0002", "TJ261124-0001"]),
        ("?group=E99", []),
        ("?community=640121001001", ["TJ261124-0001"]),
        ("?department=D02", ["TJ261124-0002", "TJ261124-0001"]),
        ("?q=TJ261124-0001", ["TJ261124-0001"]),
        ("?q=胜利街", ["TJ261124-0002"]),
        ("?q=100%25", []),
        ("?since=2026-11-24&until=2026-11-24", ["TJ261124-0002", "TJ261124-0001"]),
        ("?since=2026-11-25", []),
        ("?state=closed", []),
        ("?page=999999999999", ["TJ261124-0002", "TJ261124-0001"]),
    ],
)
def test_the_list_shows_what_its_address_asks_for(session, ground, staff, query, wanted):
    make_case(session, ground.office)
    outside = {"lon": OUTSIDE[0], "lat": OUTSIDE[1], "address": "胜利街 12 号"}
    make_case(session, ground.office, draft=outside)
    session.commit()
    page = staff.get(f"/cases{query}")
    assert page.status_code == 200
    assert numbers(page) == wanted


def test_the_list_has_one_search_the_other_pages_that_of_the_top_bar(staff):
    for page in ("/cases", "/cases?q=路灯", "/inbox"):
        text = staff.get(page).text
        assert text.count('name="q"') == text.count('data-shortcut="/"') == 1


@pytest.mark.parametrize("query", ["?state=lost", "?lamp=blue", "?since=yesterday"])
def test_a_filter_that_cannot_be_is_refused_in_words(staff, query):
    assert staff.get(f"/cases{query}").status_code == 400


def test_an_unplaced_case_is_given_its_grid_once(session, ground, staff):
    case = make_case(session, ground.office, draft={"lon": OUTSIDE[0], "lat": OUTSIDE[1]})
    session.commit()
    waiting = "/desk/dispatch?tab=unplaced"
    assert case.number in staff.get(waiting).text
    address = f"/cases/{case.number}/place"
    assert staff.post(address, data={"grid": "nowhere"}).status_code == 400
    assert staff.post(address, data={"grid": ground.grids[0].code}).status_code == 302
    assert staff.post(address, data={"grid": ground.grids[1].code}).status_code == 409
    session.expire_all()
    assert case.grid_id == ground.grids[0].id
    assert (case.area_id, case.nearest_grid_id) == (ground.grids[0].area_id, None)
    assert case.events[-1].action is Action.PLACED
    assert case.number not in staff.get(waiting).text


def test_an_unplaced_case_is_moved_to_a_point_inside(session, ground, staff):
    case = make_case(session, ground.office, draft={"lon": OUTSIDE[0], "lat": OUTSIDE[1]})
    session.commit()
    address = f"/cases/{case.number}/place"
    far = {"lon": OUTSIDE[0], "lat": OUTSIDE[1]}
    assert staff.post(address, data=far).status_code == 400
    assert staff.post(address, data={"lon": INSIDE[0], "lat": INSIDE[1]}).status_code == 302
    session.expire_all()
    assert case.grid.code == "640121001001003"
    assert case.raw_x == OUTSIDE[0]  # what the reporter gave stays


def test_a_grid_manager_may_not_place_cases(session, ground, app):
    case = make_case(session, ground.office, draft={"lon": OUTSIDE[0], "lat": OUTSIDE[1]})
    person = make_person(session, ground.office, Role.GRID_MANAGER)
    session.commit()
    browser = app.test_client()
    sign_in(browser, person)
    answer = browser.post(f"/cases/{case.number}/place", data={"grid": ground.grids[0].code})
    assert answer.status_code == 403


def test_the_resident_s_link_is_kept_as_a_hash_alone(client, session, ground):
    token = client.post("/report", data=form()).location.split("/")[-1].partition("?")[0]
    key = session.scalar(select(CaseKey))
    assert token not in {key.follow_token_sha256, key.submission_uuid}


def test_reports_without_an_account_are_limited(database, session, ground, tmp_path):
    from webapp import create_app

    limited = create_app(
        engine=database, testing=True, secret_key="x", photo_dir=tmp_path, upload_dir=tmp_path
    )
    limited.config["WTF_CSRF_ENABLED"] = False
    browser = limited.test_client()
    answers = [browser.post("/report", data=form(condition="")).status_code for _ in range(31)]
    assert answers == [422] * 30 + [429]
