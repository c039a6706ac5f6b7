"""The map in a real browser: what it asks for, what a click opens, what the address keeps."""

import re
from collections.abc import Callable
from functools import partial
from typing import ClassVar

import numpy as np
import pytest
from flask import Flask, Response, render_template_string

from gis.coordinates import Datum, from_wgs84, to_wgs84
from tests.factories.cases import Ground, make_ground
from tests.factories.people import PASSWORD, make_person
from tests.factories.town import put_case
from webapp import create_app
from webapp.cases.models import Case
from webapp.mapping.page import build_map

WHERE = """async () => {
  const map = await (await import("/static/js/mapping/ready.js")).whenMap("office_map");
  return [map.getCenter().lat, map.getCenter().lng, map.getZoom()];
}"""
READY = "#map-page:not([data-loading])"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>${alert(3)}'\"`"


@pytest.fixture
def town(session) -> Ground:
    ground = make_ground(session)
    session.commit()
    return ground


@pytest.fixture
def put(session, town) -> Callable[..., Case]:
    return partial(put_case, session, town)


@pytest.fixture
def show(page) -> Callable[..., None]:
    def open_map(args: str = "", on=page) -> None:
        on.goto(f"/map{args}")
        on.wait_for_selector(READY)

    return open_map


def sign_in_on(page, session, town, **facts) -> None:
    person = make_person(session, town.office, **facts)
    session.commit()
    page.goto("/sign-in")
    page.fill("[name=username]", person.username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


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
):
    town.grids[2].area.manager = make_person(session, town.office, name=HOSTILE, phone="139 1234")
    town.grids[2].name = HOSTILE
    case = put(2, address=HOSTILE, description=HOSTILE)
    case.condition.case_class.name_zh = HOSTILE
    case.lead_department.name = HOSTILE
    town.office.revision += 1
    page = new_page(size)
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    sign_in_on(page, session, town)
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


def test_the_open_card_is_in_the_address_and_back_closes_it(page, new_page, session, town, show):
    sign_in_on(page, session, town)
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
    page, new_page, session, town, put, show, expected_errors
):
    expected_errors.append("status of 404")
    case = put(2)
    sign_in_on(page, session, town)
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


def test_the_map_has_one_search_which_leads_on_to_the_list_of_cases(page, session, town, show):
    sign_in_on(page, session, town)
    show()
    assert page.locator("input[type=search]").count() == 1
    page.keyboard.press("/")
    page.keyboard.type("胜利街 12 号")
    page.locator("#map-find-0").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases?q=*")
    assert page.locator(".top-search input").input_value() == "胜利街 12 号"


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


@pytest.mark.parametrize("datum", list(Datum))
def test_coordinates_in_the_browser_are_those_of_the_program(page, town, datum):
    page.goto("/map")
    page.wait_for_selector(READY)
    rng = np.random.default_rng(3)
    lon = np.append(rng.uniform(60, 145, 200), [106.25, 72.004, 137.8347, 100])
    lat = np.append(rng.uniform(-10, 60, 200), [38.28, 30, 30, 55.8271])
    there, back = page.evaluate(
        """async ([lon, lat, datum]) => {
          const {fromWgs84, toWgs84} = await import("/static/js/mapping/datums.js");
          return [fromWgs84, toWgs84].map((turn) => lon.map((x, i) => turn(x, lat[i], datum)));
        }""",
        [lon.tolist(), lat.tolist(), datum.value],
    )
    for ours, theirs in ((from_wgs84, there), (to_wgs84, back)):
        expected = np.column_stack(ours(lon, lat, datum))
        np.testing.assert_allclose(np.array(theirs), expected, rtol=0, atol=1e-9)


def test_coordinates_follow_the_pointer_in_the_chosen_datum(page, town, show):
    show()
    page.select_option(".map-coordinates-datum", "gcj02")
    page.mouse.move(800, 400)
    shown = page.locator(".map-coordinates-text")
    lat, lon = (float(part) for part in shown.inner_text().split(","))
    page.select_option(".map-coordinates-datum", "wgs84")
    wgs_lat, wgs_lon = (float(part) for part in shown.inner_text().split(","))
    assert (lon, lat) == pytest.approx(from_wgs84(wgs_lon, wgs_lat, "gcj02"), abs=2e-5)
    page.reload()
    assert page.locator(".map-coordinates-datum").input_value() == "wgs84"


class TestBaseMap:
    """Tiles of a shifted datum lie under the features to which they belong."""

    # in pixels, for tiles beyond the screen's edge too
    OFF_BY: ClassVar = {"wgs84": 1, "gcj02": 5, "bd09": 20}

    @pytest.fixture(params=["wgs84", "gcj02", "bd09"])
    def app(self, database, request) -> Flask:
        app = create_app(
            engine=database,
            testing=True,
            secret_key="only for tests",
            tile_url="/tile/{z}/{x}/{y}.svg",
            tile_attribution="tiles of this test",
            tile_datum=request.param,
        )
        picture = "<svg xmlns='http://www.w3.org/2000/svg' width='256' height='256'/>"
        app.add_url_rule(
            "/tile/<int:z>/<int:x>/<int:y>.svg",
            "tile",
            lambda z, x, y: Response(picture, mimetype="image/svg+xml"),
        )
        app.add_url_rule("/place", "place", self.place)
        return app

    def place(self) -> str:
        fragments = build_map("place", center=(38.28, 106.25), zoom=15)
        return render_template_string(
            "<!doctype html><title>map</title><link rel='icon' href='data:,'>"
            "<style nonce='{{ csp_nonce() }}'>html, body { height: 100%; margin: 0 }</style>"
            "{% from 'mapping/map.html' import map_view %}{{ map_view(fragments) }}",
            fragments=fragments,
        )

    @pytest.mark.parametrize("moves", [[], [(700, 300)], [(700, 300), (-900, 200), (0, -800)]])
    def test_a_tile_lies_where_its_place_is(self, page, app, moves):
        page.goto("/place")
        page.wait_for_selector(".map-base img.leaflet-tile-loaded")
        for move in moves:
            page.evaluate(
                """async (by) => (await (await import("/static/js/mapping/ready.js"))
                  .whenMap("place")).panBy(by, {animate: false})""",
                move,
            )
        page.wait_for_timeout(300)
        tile_datum = app.config["WANGGE"].tile_datum
        tiles = page.evaluate(
            """async () => {
              return [...document.querySelectorAll("img.leaflet-tile")].map((img) => {
                const {x, y} = img.getBoundingClientRect();
                return [img.src, x, y];
              });
            }"""
        )
        assert len(tiles) >= 12
        for source, left, top in tiles:
            z, x, y = (int(n) for n in re.search(r"/(\d+)/(\d+)/(\d+)\.svg", source).groups())
            lon = x / 2**z * 360 - 180
            lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y / 2**z))))
            lon, lat = to_wgs84(lon, float(lat), tile_datum)
            seen = page.evaluate(
                """async ([lon, lat]) => {
                  const map = await (await import("/static/js/mapping/ready.js")).whenMap("place");
                  const {x, y} = map.latLngToContainerPoint([lat, lon]);
                  return [x, y];
                }""",
                [lon, lat],
            )
            assert (left, top) == pytest.approx(seen, abs=self.OFF_BY[tile_datum])
