"""The report form as a resident meets it: three steps with one thumb, and nothing typed is lost."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from tests import scenes
from tests.factories.cases import INSIDE, LAMP_OUT, make_ground, picture
from tests.factories.people import make_person
from webapp.cases.models import Case, Photo
from webapp.cases.vocabulary import PlacedBy
from webapp.people.models import Role

HERE = {"longitude": INSIDE[0], "latitude": INSIDE[1], "accuracy": 8}
DEVICE = {"geolocation": HERE, "permissions": ["geolocation"]}
EVIL = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>${1}"


scene = scenes.by(ground=make_ground)


@pytest.fixture
def ground(scene, session, database):
    return scene.on(session)


def place_line(page: Page):
    return page.locator("[data-place]")


def choose_lamp(page: Page) -> None:
    page.locator("[data-next]").click()
    page.locator("[data-search]").fill("路灯")
    page.locator(f'.report-classes [data-condition="{LAMP_OUT}"]').click()


def test_a_report_with_a_photo_from_where_one_stands(session, ground, new_page, expected_errors):
    # Chromium's own page for a bare photo seeks an icon and would like styles of its own.
    expected_errors += ["status of 404", "inline style"]
    page = new_page("phone", **DEVICE)
    page.goto("/report")
    expect(place_line(page)).to_contain_text("Grid 003")
    choose_lamp(page)
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture((800, 600))}
    page.locator("[data-files]").set_input_files([photo])
    expect(page.locator(".report-shot img")).to_be_visible()
    page.locator("[data-send]").click()
    page.wait_for_url(re.compile("/r/"))
    expect(page.locator(".answer-number")).to_contain_text("TJ")
    expect(page.locator(".photos img")).to_be_visible()
    case = session.scalar(select(Case))
    assert (case.placed_by, case.accuracy_m) == (PlacedBy.DEVICE, 8.0)
    assert session.scalar(select(func.count(Photo.id))) == 1
    page.locator(".photo").press("Enter")  # by keyboard to the whole of it
    page.wait_for_url(re.compile(r"/photos/\d+$"))


def test_a_draft_survives_a_reload_and_keeps_its_uuid(session, ground, new_page):
    page = new_page("phone", **DEVICE)
    page.goto("/report")
    expect(place_line(page)).to_contain_text("Grid 003")
    choose_lamp(page)
    page.locator("textarea").fill("第三盏")
    uuid = page.locator("[name=submission_uuid]").input_value()
    page.reload()
    expect(page.locator("textarea")).to_have_value("第三盏")
    expect(page.locator("[data-chosen]")).to_contain_text("路灯")
    assert page.locator("[name=submission_uuid]").input_value() == uuid


def test_what_is_wrong_is_said_in_place_and_everything_stays(
    session, ground, new_page, expected_errors
):
    expected_errors.append("status of 422")
    page = new_page("phone", **DEVICE)
    page.goto("/report")
    expect(place_line(page)).to_contain_text("Grid 003")
    choose_lamp(page)
    page.locator("textarea").fill("第三盏")
    fake = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"only text"}
    page.locator("[data-files]").set_input_files([fake])
    page.locator("[data-send]").click()
    expect(page.locator('[data-error="photos"]')).to_contain_text("a.jpg")
    expect(page.locator("textarea")).to_have_value("第三盏")
    page.locator(".report-shot button").click()
    page.locator("[data-send]").click()
    page.wait_for_url(re.compile("/r/"))
    assert session.scalar(select(func.count(Case.id))) == 1


def test_without_script_the_form_still_takes_a_report(session, ground, new_page):
    page = new_page("phone", "en", java_script_enabled=False)
    page.goto("/report")
    page.locator("#position").fill("38.2805 N, 106.2505 E")
    page.locator("select[name=condition]").select_option(LAMP_OUT)
    page.locator("[data-send]").click()
    page.wait_for_url(re.compile("/r/"))
    assert session.scalar(select(Case)).grid.code == "640121001001003"


def test_script_in_every_field_stays_text_in_a_real_browser(session, ground, new_page, sign_in):
    person = make_person(session, ground.office, Role.DISPATCHER)
    session.commit()
    page = new_page("phone", **DEVICE)
    page.goto("/report")
    expect(place_line(page)).to_contain_text("Grid 003")
    choose_lamp(page)
    page.locator("textarea").fill(EVIL)
    page.locator("#address").fill(EVIL)
    page.locator("[data-contact] summary").click()
    page.locator("#name").fill(EVIL[:60])
    page.locator("#contact").fill(EVIL)
    page.locator("[data-send]").click()
    page.wait_for_url(re.compile("/r/"))
    expect(page.locator(".typed").first).to_contain_text("<script>")
    number = session.scalar(select(Case.number))
    desk = new_page("desk")
    sign_in(desk, person)
    for address in ("/cases", f"/cases/{number}"):
        desk.goto(address)
        expect(desk.locator("main")).to_contain_text("<script>")
        assert "owned" not in desk.title()
    expect(desk.locator("#case_map .case-pin")).to_be_visible()
