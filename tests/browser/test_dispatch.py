"""The dispatcher's desk in a real browser: by keyboard alone, with a way back, and what is new."""

import re

import pytest
from playwright.sync_api import expect

from tests import scenes
from tests.factories.cases import INSIDE, LITTER
from tests.factories.life import Town, make_town
from webapp.cases.models import Case
from webapp.cases.vocabulary import Action, State
from webapp.core import clock

scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session) -> Town:
    """The office's own time is now: what is shown as left or late is as it will be."""
    town = scene.on(session)
    town.now = clock.now()
    session.commit()
    return town


@pytest.fixture
def desk(page, town, sign_in):
    """Open a tab of the desk, signed in as its dispatcher; the cases are put there before."""

    def open_desk(tab: str = "new", on=page):
        town.session.commit()
        if on.url == "about:blank":
            sign_in(on, town.people["dispatcher"])
        on.goto(f"/desk/dispatch?tab={tab}")
        expect(on.locator("#desk-map .leaflet-marker-pane")).to_be_attached()
        return on

    return open_desk


def rows(page):
    return page.locator(".desk-row:not(.gone)")


def state(town: Town, case: Case) -> State:
    town.session.rollback()
    town.session.expire_all()
    return town.session.get_one(Case, case.id).state


def wait_for_state(page, town: Town, case: Case, wished: State) -> None:
    for _ in range(100):
        if state(town, case) is wished:
            return
        page.wait_for_timeout(50)
    assert state(town, case) is wished


def test_cases_are_dispatched_one_after_the_other_without_the_mouse(desk, town):
    first, second, third = (town.opened() for _ in range(3))
    page = desk("dispatch")
    page.keyboard.press("j")
    expect(page.locator(".desk-link:focus")).to_contain_text(first.number)
    page.keyboard.press("Enter")
    expect(page.locator("#desk-panel")).to_contain_text(first.description)
    assert f"case={first.number}" in page.url
    page.keyboard.press("d")
    expect(page.locator("#desk-undo")).to_contain_text(town.centre.name)
    expect(page.locator(".desk-link:focus")).to_contain_text(second.number)
    expect(page.locator("#desk-panel [data-panel=number]")).to_have_text(second.number)
    expect(rows(page)).to_have_count(2)
    expect(page.locator("[data-tab=dispatch] [data-count]")).to_have_text("2")
    page.keyboard.press("d")
    expect(page.locator(".desk-link:focus")).to_contain_text(third.number)
    page.keyboard.press("Escape")
    expect(page.locator("#desk-panel")).to_be_hidden()
    expect(page.locator(".desk-link:focus")).to_contain_text(third.number)
    assert [state(town, case) for case in (first, second, third)] == [
        State.DISPATCHED,
        State.DISPATCHED,
        State.OPENED,
    ]


def test_a_dispatch_is_taken_back_by_a_key(desk, town):
    case = town.opened()
    page = desk("dispatch")
    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(rows(page)).to_have_count(0)
    page.keyboard.press("u")
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#desk-undo")).to_be_hidden()
    wait_for_state(page, town, case, State.OPENED)
    expect(page.locator("[data-tab=dispatch] [data-count]")).to_have_text("1")


def test_what_was_done_before_the_last_is_taken_back_after_it(desk, town):
    first, second = town.opened(), town.opened()
    page = desk("dispatch")
    page.keyboard.press("j")
    for case in (first, second):
        expect(page.locator(".desk-row.chosen")).to_contain_text(case.number)
        page.keyboard.press("d")
        expect(page.locator("#desk-undo")).to_contain_text(case.number)
    for left in (1, 2):
        page.keyboard.press("u")
        expect(rows(page)).to_have_count(left)
    wait_for_state(page, town, first, State.OPENED)
    wait_for_state(page, town, second, State.OPENED)


def test_many_go_where_the_preview_says_and_the_rest_stays(desk, town):
    going = [town.opened() for _ in range(2)]
    nobody = town.opened(draft={"condition_code": LITTER})
    page = desk("dispatch")
    page.keyboard.press("j")
    for _ in range(3):
        page.keyboard.press("x")
    page.keyboard.press("d")
    preview = page.locator("#desk-preview")
    expect(preview).to_contain_text(f"2 件派往{town.centre.name}")
    expect(preview).to_contain_text(nobody.number)
    page.keyboard.press("Enter")
    expect(preview).to_be_hidden()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text(nobody.number)
    assert [state(town, case) for case in going] == [State.DISPATCHED] * 2
    assert state(town, nobody) is State.OPENED


def test_new_cases_come_as_a_bar_and_nothing_jumps(desk, town):
    seen = town.report()
    page = desk("new")
    page.evaluate(  # ask at once instead of in a quarter of a minute
        "() => document.dispatchEvent(new Event('visibilitychange'))"
    )
    late = [town.report(), town.report()]
    town.session.commit()
    expect(page.locator("#desk-news")).to_be_hidden()
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#desk-news")).to_contain_text("2")
    expect(page.locator("[data-tab=new] [data-count]")).to_have_text("3")
    expect(rows(page)).to_have_count(1)
    page.click("#desk-news")
    expect(rows(page)).to_have_count(3)
    expect(page.locator("#desk-news")).to_be_hidden()
    numbers = page.locator(".desk-row").evaluate_all("all => all.map((one) => one.dataset.number)")
    assert sorted(numbers) == sorted(case.number for case in (seen, *late))


def test_the_map_and_the_list_follow_each_other(desk, town):
    town.report()
    other = town.report(draft={"lon": INSIDE[0] + 0.003, "lat": INSIDE[1]})
    page = desk("new")
    page.locator(f".leaflet-marker-icon[title$='{other.number}']").click()
    expect(page.locator(".desk-row.chosen")).to_contain_text(other.number)
    expect(page.locator("#desk-panel")).to_be_visible()
    expect(page.locator(".map-sign.chosen")).to_have_count(1)
    page.keyboard.press("k")
    expect(page.locator(".desk-row.chosen")).not_to_contain_text(other.number)


def test_a_duplicate_is_merged_by_two_keys(desk, town):
    first, double = town.report(), town.report()
    page = desk("new")
    page.keyboard.press("j")
    page.keyboard.press("j")
    chosen = page.locator(".desk-row.chosen")
    expect(chosen).to_contain_text(double.number)
    page.keyboard.press("m")
    expect(page.locator("form[data-merge] button:focus")).to_be_visible()
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    wait_for_state(page, town, double, State.MERGED)
    assert town.session.get_one(Case, double.id).merged_into_id == first.id


def test_what_a_key_cannot_do_is_said_and_nothing_happens(desk, town):
    case = town.report()  # by a resident: it is verified first
    page = desk("new")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator(".toasts .notice-danger")).to_contain_text(case.number)
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("v")
    expect(rows(page)).to_have_count(0)
    wait_for_state(page, town, case, State.VERIFYING)


def test_the_keys_are_listed_and_rest_while_somebody_types(desk, town):
    town.opened()
    page = desk("dispatch")
    page.keyboard.press("?")
    expect(page.locator("#desk-keys")).to_contain_text("派遣到建议的部门")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("/")
    page.keyboard.type("dd")
    expect(rows(page)).to_have_count(1)
    expect(page.locator(".top-search input")).to_have_value("dd")


def test_the_address_brings_back_tab_filters_and_case(desk, town):
    case = town.opened()
    page = desk("dispatch")
    page.goto(f"/desk/dispatch?tab=dispatch&group=K01&case={case.number}")
    expect(page.locator(".desk-row.chosen")).to_contain_text(case.number)
    expect(page.locator("#desk-panel")).to_contain_text(case.number)
    expect(page.locator("[name=group]")).to_have_value("K01")
    page.goto("/desk/dispatch?tab=dispatch&group=E01")
    expect(rows(page)).to_have_count(0)


def test_on_a_phone_the_list_is_cards_and_a_case_fills_the_screen(desk, town, phone):
    case = town.opened()
    page = desk("dispatch", on=phone)
    page.locator(".desk-link").click()
    panel = page.locator("#desk-panel")
    expect(panel).to_contain_text(case.number)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("[data-panel=close]").click()
    expect(panel).to_be_hidden()
    page.locator("#desk-to-map").click()
    expect(page.locator(".leaflet-marker-icon")).to_be_visible()


def test_on_a_phone_each_button_of_the_map_s_strip_can_be_pressed(desk, town, phone):
    town.opened()
    page = desk("dispatch", on=phone)
    rows(page).locator(".desk-link").tap()
    expect(page.locator("#desk-panel .case-panel")).to_be_visible()
    buttons = page.locator("#desk-map .leaflet-control-container .leaflet-bar a:visible")
    assert buttons.count() == 4  # nearer, farther, where am I, full screen
    on_top = """a => {
      const { left, top, width, height } = a.getBoundingClientRect();
      return a.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    }"""
    assert [buttons.nth(n).evaluate(on_top) for n in range(4)] == [True] * 4


def test_a_case_returned_meanwhile_by_a_colleague_is_told_in_words(desk, town):
    case = town.opened()
    page = desk("dispatch")
    page.keyboard.press("j")
    expect(page.locator(".desk-row.chosen")).to_contain_text(case.number)
    town.step(case, Action.DISPATCH, "dispatcher", department_id=town.helpers.id)
    town.session.commit()
    page.keyboard.press("d")
    told = page.locator(".toasts .notice-danger")
    expect(told).to_contain_text(re.compile(case.number))
    expect(told).to_contain_text(town.people["dispatcher"].name)


def test_what_a_colleague_did_is_in_the_panel_s_story_and_what_was_typed_stays(
    desk, town, expected_errors
):
    expected_errors.append("status of 409")
    case = town.opened()
    page = desk("dispatch")
    rows(page).locator(".desk-link").click()
    panel = page.locator("#desk-panel")
    panel.locator('[data-open-step="dispatch"]').click()
    form = panel.locator('[data-step-form="dispatch"]')
    form.locator("[name=department_id]").select_option(str(town.helpers.id))
    form.locator("[name=note]").fill("请先看照片")
    town.step(case, Action.RECLASS, "dispatcher", condition_code=LITTER)
    town.session.commit()
    form.locator("[data-send]").click()
    expect(form.locator("[data-problem]")).to_be_visible()
    expect(panel.locator('.timeline [data-event="reclass"]')).to_be_visible()
    expect(panel.locator(".case-panel-title")).to_contain_text("暴露生活垃圾")
    expect(form.locator("[name=note]")).to_have_value("请先看照片")
    expect(form.locator("[name=department_id]")).to_have_value(str(town.helpers.id))
    form.locator("[data-send]").click()
    wait_for_state(page, town, case, State.DISPATCHED)
    assert town.session.get_one(Case, case.id).lead_department_id == town.helpers.id
