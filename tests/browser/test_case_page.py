"""The page of a case in a real browser: two people on it, a phone on the spot, photos that stay."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from tests import scenes
from tests.factories.cases import INSIDE, picture
from tests.factories.life import Town, make_town
from webapp.cases.life.models import Participant
from webapp.cases.models import Photo
from webapp.cases.vocabulary import Action, Part, PhotoKind, State
from webapp.core.clock import now

PHOTO = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture((800, 600))}


scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session, database) -> Town:
    made = scene.on(session)
    made.now = now() - timedelta(hours=2)
    session.commit()
    return made


@pytest.fixture
def open_as(town: Town, new_page: Callable[..., Page], sign_in) -> Callable[..., Page]:
    """A page on which somebody of the town is signed in: `open_as("member", "phone")`."""

    def open_page(name: str, size: str = "desk", language: str = "en", **options: object) -> Page:
        page = new_page(size, language, **options)
        sign_in(page, town.people[name])
        return page

    return open_page


def form(page: Page, action: str):
    return page.locator(f'[data-step-form="{action}"]')


def press(page: Page, action: str) -> None:
    """Open the form of a step, from the menu where it lies there."""
    opener = page.locator(f'[data-open-step="{action}"]')
    if not opener.is_visible():
        page.locator(".step-buttons [data-bs-toggle=dropdown]").click()
    opener.click()


def test_two_people_on_one_case_lose_nothing(session, town, open_as, expected_errors):
    expected_errors.append("status of 409")
    case = town.handling()
    session.commit()
    first, second = open_as("head"), open_as("member")
    for page in (first, second):
        page.goto(f"/cases/{case.number}")
    press(second, "answer")
    form(second, "answer").locator("textarea").fill("换了灯泡，第三盏")
    form(second, "answer").locator("[data-files]").set_input_files([PHOTO])
    expect(form(second, "answer").locator(".report-shot img")).to_be_visible()

    press(first, "assign")
    member = str(town.people["member"].id)
    form(first, "assign").locator("select[name=assignee_id]").select_option(member)
    form(first, "assign").locator("[data-send]").click()
    expect(first.locator("#story li").first).to_contain_text("assigned")

    form(second, "answer").locator("[data-send]").click()
    told = form(second, "answer").locator("[data-problem]")
    expect(told).to_contain_text(town.people["head"].name)
    expect(second.locator("#story li").first).to_contain_text("assigned")
    expect(form(second, "answer").locator("textarea")).to_have_value("换了灯泡，第三盏")
    expect(form(second, "answer").locator(".report-shot img")).to_be_visible()
    form(second, "answer").locator("[data-send]").click()
    expect(second.locator("#story li").first).to_contain_text("answered")
    session.refresh(case)
    assert (case.state, case.result) == (State.ANSWERED, "换了灯泡，第三盏")
    assert session.scalar(select(Photo.kind)) is PhotoKind.AFTER


def test_what_was_typed_stays_readable_when_the_step_is_gone(
    session, town, open_as, expected_errors
):
    expected_errors.append("status of 409")
    case = town.handling()
    session.commit()
    page = open_as("member")
    page.goto(f"/cases/{case.number}")
    press(page, "answer")
    form(page, "answer").locator("textarea").fill("换了灯泡")
    town.step(case, Action.RECALL, "dispatcher", note="给别人")
    session.commit()
    form(page, "answer").locator("[data-send]").click()
    expect(form(page, "answer").locator("[data-problem]")).to_be_visible()
    expect(form(page, "answer").locator("textarea")).to_have_value("换了灯泡")
    expect(form(page, "answer").locator("[data-send]")).to_be_disabled()


def test_on_the_spot_a_phone_reports_in_with_its_position(session, town, open_as):
    case = town.handling()
    town.now = now()
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="清理占道")
    session.commit()
    here = {"longitude": INSIDE[0], "latitude": INSIDE[1] + 0.0005, "accuracy": 8}
    page = open_as("helper", "phone", geolocation=here, permissions=["geolocation"])
    page.goto(f"/cases/{case.number}")
    expect(page.locator("[data-minutes]")).to_contain_text("min left to come")
    first = page.locator(".step-first")
    expect(first).to_contain_text("Report in")
    box = first.bounding_box()
    assert box is not None
    assert box["y"] > 600  # under the thumb
    assert box["height"] >= 44
    first.click()
    expect(form(page, "report_in").locator("[data-position-words]")).to_contain_text("56 m")
    form(page, "report_in").locator("[data-send]").click()
    expect(page.locator(".presence-there")).to_contain_text("56 m from the case")
    party = session.scalar(select(Participant).where(Participant.part == Part.ASSISTING))
    assert round(party.distance_m) == 56
    press(page, "finish_task")
    form(page, "finish_task").locator("textarea").fill("清了")
    form(page, "finish_task").locator("[data-send]").click()
    expect(page.locator(".party-result")).to_contain_text("清了")


def test_an_impatient_finger_and_a_reload_do_no_harm(session, town, open_as):
    case = town.dispatched()
    session.commit()
    page = open_as("member", "phone", "zh")
    page.goto(f"/cases/{case.number}")
    page.locator(".step-first").dblclick()
    expect(page.locator("#story li").first).to_contain_text("接单")
    expect(page.locator(".toasts .notice-danger")).to_have_count(0)
    told, step = page.locator(".toasts .notice").first, page.locator(".step-first")
    below = told.bounding_box()
    assert below["y"] + below["height"] < step.bounding_box()["y"]  # the next step can be pressed
    step.click()
    form(page, "answer").locator("textarea").fill("换了灯泡")
    page.reload()
    expect(form(page, "answer").locator("textarea")).to_have_value("换了灯泡")
    form(page, "answer").locator("[data-close-step]").last.click()
    page.reload()
    expect(form(page, "answer")).to_be_hidden()
    assert session.scalar(select(func.count(Photo.id))) == 0


def test_without_a_script_a_step_is_taken_too(session, town, open_as, expected_errors):
    expected_errors.append("status of 422")
    case = town.handling()
    session.commit()
    page = open_as("member", java_script_enabled=False)
    page.goto(f"/cases/{case.number}")
    page.locator('[data-open-step="answer"]').first.click()
    form(page, "answer").locator("[data-send]").click()
    expect(form(page, "answer").locator('[data-error="note"]')).to_be_visible()
    form(page, "answer").locator("textarea").fill("换了灯泡")
    form(page, "answer").locator("[data-files]").set_input_files([PHOTO])
    form(page, "answer").locator("[data-send]").click()
    expect(page.locator(".messages .notice-success")).to_contain_text(case.number)
    expect(page.locator(".photos img")).to_be_visible()


def test_a_class_is_found_by_a_word(session, town, open_as):
    case = town.opened()
    session.commit()
    page = open_as("dispatcher")
    page.goto(f"/cases/{case.number}")
    press(page, "reclass")
    form(page, "reclass").locator("[data-narrow]").fill("litter")
    select_box = form(page, "reclass").locator("select[name=condition_code]")
    expect(select_box.locator("optgroup:not([hidden])")).to_have_count(1)
    select_box.select_option("E01-010.1")
    form(page, "reclass").locator("[data-send]").click()
    expect(page.locator("#story li").first).to_contain_text("exposed litter")


def test_work_order_and_history_are_one_page_of_paper_each(session, town, open_as):
    """Also for a case with forty events, a long description and many photos."""
    case = town.handling(draft={"description": "路灯不亮，" * 40, "address": "胜利街 12 号"})
    for n in range(30):
        to = town.people["member" if n % 2 else "head"].id
        town.step(case, Action.ASSIGN, "head", assignee_id=to,
                  note=f"第{n}次安排：先看线路，再换灯泡，注意交通")  # fmt: skip
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="维持秩序")
    session.commit()
    page = open_as("dispatcher", language="zh")
    for paper in ("order", "print"):
        page.goto(f"/cases/{case.number}/{paper}")
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1, paper
