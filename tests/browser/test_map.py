"""The map in a real browser: what it asks for, what a click opens, what the address keeps."""

import re
from collections.abc import Callable
from functools import partial

import pytest

from tests import scenes
from tests.factories.cases import Ground, make_ground
from tests.factories.people import make_person
from tests.factories.town import put_case
from webapp.cases.models import Case

WHERE = """async () => {
  const map = await (await import("/static/js/mapping/ready.js")).whenMap("office_map");
  return [map.getCenter().lat, map.getCenter().lng, map.getZoom()];
}"""
READY = "#map-page:not([data-loading])"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>${alert(3)}'\"`"


scene = scenes.by(town=make_ground)


@pytest.fixture
def town(scene, session) -> Ground:
    return scene.on(session)


@pytest.fixture
def put(session, town) -> Callable[..., Case]:
    return partial(put_case, session, town)


@pytest.fixture
def show(page) -> Callable[..., None]:
    def open_map(args: str = "", on=page) -> None:
        on.goto(f"/map{args}")
        on.wait_for_selector(READY)

    return open_map


@pytest.fixture
def sign_in_on(session, town, sign_in) -> Callable[..., None]:
    """Sign in somebody of the office on a page; `facts` say who."""

    def enter(page, **facts) -> None:
        person = make_person(session, town.office, **facts)
        session.commit()
        sign_in(page, person)

    return enter


def click_grid(page, grid) -> None:
    """Click on the north-west part of a grid, where no sign of a case is."""
    at = page.evaluate(
        """async (id) => {
          const {whenMap} = await import("/static/js/mapping/ready.js");
          const map = await whenMap("office_map");
          let place;
          map.eachLayer((layer) => {
            if (layer.feature?.id !== id || layer.options.pane !== "grids") return;
            const box = layer.getBounds();
            const corner = map.latLngToContainerPoint(box.getNorthWest());
            const middle = map.latLngToContainerPoint(box.getCenter());
            place = corner.add(middle.subtract(corner).multiplyBy(0.3));
          });
          const frame = map.getContainer().getBoundingClientRect();
          return [frame.x + place.x, frame.y + place.y];
        }""",
        grid.area_id,
    )
    page.mouse.click(*at)


def open_panel(page) -> None:
    if page.locator("#map-drawer-toggle").is_visible():
        page.click("#map-drawer-toggle")


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_public_sees_areas_and_cases(new_page, town, put, size, language, show):
    put(0, due_in=-1)
    put(5)
    page = new_page(size, language)
    show(on=page)
    assert page.locator(".map-outline").count() == 2
    assert page.locator(".map-case").count() == 2
    assert page.locator("[data-lamp=red] [data-count]").inner_text() == "1"
    assert page.locator(".map-name-community").count() == 2
    assert page.locator(".map-mark").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_buttons_of_a_chinese_map_have_chinese_titles(page, town, show):
    show()
    titles = page.evaluate(
        """() => [...document.querySelectorAll(".leaflet-control-container *")]
          .flatMap((one) => [one.title, one.getAttribute("aria-label")])
          .filter((words) => typeof words === "string" && words)"""
    )
    assert {"放大", "缩小", "全屏"} <= set(titles)
    assert [words for words in titles if re.search("[A-Za-z]{2}", words)] == []


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_from_a_grid_to_its_card_and_from_a_case_to_its_page(
    new_page,
    town,
    put,
    session,
    size,
    show,
    sign_in_on,
):
    town.grids[2].area.manager = make_person(session, town.office, name=HOSTILE, phone="139 1234")
    town.grids[2].name = HOSTILE
    case = put(2, address=HOSTILE, description=HOSTILE)
    case.condition.case_class.name_zh = HOSTILE
    case.lead_department.name = HOSTILE
    town.office.revision += 1
    page = new_page(size)
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    sign_in_on(page)
    show(on=page)
    click_grid(page, town.grids[2])
    card = page.locator("#map-card")
    card.locator("dl").wait_for()
    assert card.locator("h2").inner_text() == HOSTILE
    assert HOSTILE in card.locator("dl").inner_text()
    assert card.locator("[href^='tel:']").get_attribute("href") == "tel:1391234"
    page.keyboard.press("Escape")
    assert card.is_hidden()
    page.locator(".map-case").click()
    card.get_by_text(case.number).wait_for()
    assert card.locator("h2").inner_text() == HOSTILE
    assert page.locator("img[src=x]").count() == 0
    card.locator("a.btn").click()
    page.wait_for_url(f"**/cases/{case.number}")


def test_a_case_tells_the_public_class_and_state_alone(page, town, put, show):
    case = put(0, description="a secret")
    show()
    page.locator(".map-case").click()
    card = page.locator("#map-card")
    card.locator("dl").wait_for()
    assert "路灯" in card.inner_text()
    assert case.number not in page.content()
    assert card.locator("a").count() == 0


def test_filters_are_in_the_address_and_back_takes_them_back(page, town, put, show):
    put(0, due_in=-1)
    put(5)
    show()
    red = page.locator("[data-lamp=red]")
    red.click()
    page.wait_for_function("() => document.querySelectorAll('.map-case').length === 1")
    assert "lamp=red" in page.url
    page.select_option("[name=community]", "640121001002")
    page.locator("#map-say").wait_for()
    assert "community=640121001002" in page.url
    sent = page.url
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('.map-case').length === 1")
    assert page.locator("[name=community]").input_value() == ""
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('.map-case').length === 2")
    assert red.get_attribute("aria-pressed") == "false"
    page.goto(sent)
    page.wait_for_selector(READY)
    assert red.get_attribute("aria-pressed") == "true"
    assert page.locator("[name=community]").input_value() == "640121001002"
    page.locator(".map-reset").click()
    page.wait_for_function("() => document.querySelectorAll('.map-case').length === 2")
    assert "lamp" not in page.url


def test_a_colleague_opens_the_same_view(page, new_page, town, put, show):
    put(0)
    show()
    page.locator(".leaflet-control-zoom-in").click()
    page.wait_for_function("() => location.search.includes('at=')")
    page.wait_for_selector(READY)
    there = new_page()
    there.goto(page.url)
    there.wait_for_selector(READY)
    assert there.evaluate(WHERE) == pytest.approx(page.evaluate(WHERE), abs=1e-4)


def test_the_open_card_is_in_the_address_and_back_closes_it(page, new_page, town, show, sign_in_on):
    sign_in_on(page)
    show()
    card, grid = page.locator("#map-card"), town.grids[2]
    click_grid(page, grid)
    card.get_by_text(grid.code).wait_for()
    sent = page.url
    assert f"grid={grid.area_id}" in sent
    page.go_back()
    card.wait_for(state="hidden")
    assert "grid=" not in page.url
    page.go_forward()
    card.get_by_text(grid.code).wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("() => !location.search.includes('grid=')")
    there = new_page()
    there.goto(sent)
    there.locator("#map-card").get_by_text(grid.code).wait_for()
    assert there.evaluate(WHERE) == pytest.approx(page.evaluate(WHERE), abs=1e-4)


def test_a_case_in_the_address_opens_for_staff_and_is_not_told_to_others(
    page, new_page, put, show, sign_in_on, expected_errors
):
    expected_errors.append("status of 404")
    case = put(2)
    sign_in_on(page)
    show()
    page.locator(".map-case").click()
    page.wait_for_function(f"() => location.search.includes('case={case.number}')")
    page.reload()
    page.locator("#map-card").get_by_text(case.number).wait_for()
    stranger = new_page()
    stranger.goto(page.url)
    stranger.locator("#map-card p").wait_for()
    assert case.number not in stranger.locator("#map-card").inner_text()


def test_the_phone_has_its_filters_in_a_drawer(phone, town, put, show):
    put(0)
    show(on=phone)
    filters = phone.locator("#map-filters")
    assert filters.is_hidden()
    phone.click("#map-drawer-toggle")
    assert filters.is_visible()
    phone.locator(".map-case").click(force=True, position={"x": 15, "y": 25})
    phone.keyboard.press("Escape")
    assert filters.is_hidden()


def test_search_leads_to_a_grid_by_keys_alone(page, town, show):
    show()
    page.focus("#map-search")
    page.keyboard.type("640121001002003")
    page.locator("#map-find-0").wait_for()
    page.keyboard.press("Enter")
    page.locator("#map-card dl").wait_for()
    assert "640121001002003" in page.locator("#map-card").inner_text()


def test_the_map_has_one_search_which_leads_on_to_the_list_of_cases(page, show, sign_in_on):
    sign_in_on(page)
    show()
    assert page.locator("input[type=search]").count() == 1
    page.keyboard.press("/")
    page.keyboard.type("胜利街 12 号")
    page.locator("#map-find-0").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases?q=*")
    assert page.locator("input[type=search]").count() == 1
    assert page.locator(".case-search").input_value() == "胜利街 12 号"


def test_many_cases_are_one_sign_and_a_click_comes_closer(phone, town, put, show):
    for at in range(8):
        for _n in range(4):
            put(at, due_in=-1 if at == 3 else 48)
    show("?at=38.281,106.252,13", on=phone)
    sign = phone.locator(".map-cluster")
    assert sign.count() == 1
    assert sign.get_attribute("title").startswith("32 ")
    assert sign.locator(".map-cluster-overdue").text_content() == "4"
    sign.click()
    phone.wait_for_function("() => /at=[^&]*,15$/.test(location.search)")


def test_cases_at_one_spot_open_as_a_list(page, town, put, show):
    for _n in range(3):
        put(2)
    show("?at=38.2805,106.2505,20")
    page.locator(".map-cluster").click()
    page.locator(".map-card-list").wait_for()
    assert page.locator(".map-card-list li").count() == 3


def test_no_cases_is_said_and_an_error_can_be_retried(page, town, show, expected_errors):
    expected_errors.append("Failed to load resource")
    page.route("**/map/cases.json*", lambda route: route.abort())
    page.goto("/map")
    page.locator("#map-error").wait_for()
    page.unroute("**/map/cases.json*")
    page.click("#map-error button")
    page.locator("#map-say").wait_for()
    assert page.locator("#map-error").is_hidden()


def test_what_the_server_refuses_is_said_in_its_words(page, town, expected_errors):
    expected_errors.append("status of 400")
    page.goto("/map?group=nothing")
    page.locator("#map-error").wait_for()
    assert "nothing" in page.locator("#map-error").inner_text()
