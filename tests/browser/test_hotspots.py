"""The page of hot spots in a real browser: list and map in step, the address, keys, a phone."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select, update

from tests import scenes
from tests.factories.hotspots import HOT, PERIOD, Heat, make_heat
from tests.factories.people import make_person
from webapp.core import clock
from webapp.core.jobs import Job, JobState
from webapp.core.jobs_cli import work_one
from webapp.insight.hotspots.searching import KIND
from webapp.people.models import Role

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>${alert(3)}'\"`"
READY = "#hot-page:not([data-loading])"
PAGE = f"/insight/hotspots?{urlencode(PERIOD)}"
STYLE = """async (id) => {
  const {whenMap} = await import("/static/js/mapping/ready.js");
  const map = await whenMap("hot_map");
  let found = null;
  map.eachLayer((layer) => { if (layer.feature?.id === id) found = layer.options; });
  return found && {weight: found.weight, fill: found.fillColor};
}"""
WHERE = """async (id) => {
  const {whenMap} = await import("/static/js/mapping/ready.js");
  const map = await whenMap("hot_map");
  let place;
  map.eachLayer((layer) => {
    if (layer.feature?.id === id) place = map.latLngToContainerPoint(layer.getBounds().getCenter());
  });
  const frame = map.getContainer().getBoundingClientRect();
  return [frame.x + place.x, frame.y + place.y];
}"""

scene = scenes.by(heat=make_heat)


@pytest.fixture
def heat(scene, session) -> Heat:
    return Heat(scene.on(session), session)


@pytest.fixture
def show(page, session, heat, sign_in) -> Callable[..., None]:
    """Open the page as a leader, on any page of the browser."""

    def go(args: str = "", on=page, role=Role.LEADER) -> None:
        person = make_person(session, heat.office, role)
        session.commit()
        sign_in(on, person)
        on.goto(PAGE + args)
        on.wait_for_selector(READY)

    return go


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_and_lists_what_stands_out(new_page, show, size, language):
    page = new_page(size, language)
    show(on=page)
    said = page.locator(".hot-headline").inner_text()
    assert re.search("网格" if language == "zh" else "grids", said)
    number = int(re.search(r"有 (\d+) 个|In (\d+) of", said).group(1 if language == "zh" else 2))
    assert page.locator(".hot-row .hot-3, .hot-row .hot-2, .hot-row .hot-1").count() == number
    assert page.locator(".hot-spark").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#hot_map").is_visible()


def test_the_list_marks_the_map_and_the_map_the_list(page, show, heat):
    show()
    first = page.locator(".hot-row").first
    place = int(first.get_attribute("data-id"))
    first.hover()
    page.wait_for_function(f"async () => (await ({STYLE})({place})).weight === 3")
    other = next(heat.area(grid) for grid in HOT if heat.area(grid) != place)
    page.mouse.click(*page.evaluate(WHERE, other))
    row = page.locator(f".hot-row[data-id='{other}']")
    row.and_(page.locator(".chosen")).wait_for()
    assert f"place={other}" in page.url
    page.go_back()
    page.wait_for_function("() => !document.querySelector('.hot-row.chosen')")


def test_by_keys_alone_to_a_place_and_its_cases(page, show):
    show()
    page.locator(".hot-row .hot-pick").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    row = page.locator(".hot-row").nth(1)
    row.and_(page.locator(".chosen")).wait_for()
    link = row.locator(".hot-cases")
    number = re.search(r"\d+", link.inner_text()).group()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/insight/hotspots/cases/**")
    assert page.locator("tbody tr").count() == int(number)
    page.locator(".page-back").click()
    page.wait_for_selector(READY)
    assert page.locator(".hot-row.chosen").count() == 1


def test_filters_are_in_the_address_and_back_takes_them_back(page, new_page, show):
    show()
    rows = page.locator(".hot-row").count()
    page.click("#hot-to-filters")
    page.select_option("[name=group]", "K01")
    page.locator("#hot-empty").wait_for()
    assert "group=K01" in page.url
    page.go_back()
    page.wait_for_function(f"() => document.querySelectorAll('.hot-row').length === {rows}")
    page.click("[data-raw='1']")
    assert "raw=1" in page.url
    assert page.locator(".hot-row").count() >= rows
    page.click("[data-view=emerging]")
    page.locator("[data-view=emerging][aria-pressed=true]").wait_for()
    there = new_page()
    show(page.url.partition("?")[2].replace(urlencode(PERIOD), ""), on=there)
    there.locator("[data-view=emerging][aria-pressed=true]").wait_for()
    assert there.locator(".hot-row").count() == page.locator(".hot-row").count()


def test_another_period_opens_the_third_view(page, show):
    show("&against_since=2026-09-02&against_until=2026-10-02")
    page.click("[data-view=change]")
    assert page.locator(".hot-row .stayed").count() > 0
    assert "2026-09-02 至 2026-10-02" in page.locator("#hot-said").inner_text()


def test_layers_come_and_go(page, show):
    show()
    page.check("[data-layer=repeats]")
    page.locator(".hot-repeat").first.wait_for()
    page.locator(".hot-repeat").first.click()
    page.locator(".hot-popup a").first.wait_for()
    page.check("[data-layer=density]")
    page.locator("#hot-density").wait_for()
    assert "layers=repeats%2Cdensity" in page.url or "layers=repeats,density" in page.url
    page.uncheck("[data-layer=repeats]")
    page.wait_for_function("() => !document.querySelector('.hot-repeat')")


CLUSTERS = """async () => {
  const {whenMap} = await import("/static/js/mapping/ready.js");
  const map = await whenMap("hot_map");
  let found = 0;
  map.eachLayer((layer) => { if (layer.options.dashArray === "5 4") found += 1; });
  return found;
}"""


def test_clusters_come_once_the_worker_has_found_them(page, show, app, session):
    show()
    page.check("[data-layer=clusters]")
    waits = page.locator("#hot-search")
    waits.get_by_text("正在排队").wait_for()
    assert page.evaluate(CLUSTERS) == 0
    with app.app_context():
        assert work_one()
    page.wait_for_function(f"async () => (await ({CLUSTERS})()) === {len(HOT)}")
    waits.wait_for(state="hidden")
    page.uncheck("[data-layer=clusters]")
    page.wait_for_function(f"async () => (await ({CLUSTERS})()) === 0")
    page.check("[data-layer=clusters]")  # known by now
    page.wait_for_function(f"async () => (await ({CLUSTERS})()) === {len(HOT)}")
    assert session.scalar(select(func.count(Job.id)).where(Job.kind == KIND)) == 1


def test_a_search_that_fails_says_so_and_can_be_tried_again(page, show, app, session):
    show()
    page.check("[data-layer=clusters]")
    page.locator("#hot-search").get_by_text("正在排队").wait_for()
    broken = {"state": JobState.FAILED, "error": "no memory", "finished_at": clock.now()}
    session.execute(update(Job).where(Job.kind == KIND).values(**broken))
    session.commit()
    page.locator("#hot-error").get_by_text("no memory").wait_for()
    assert page.locator("#hot-search").is_hidden()
    page.click("#hot-error button")
    page.locator("#hot-search").get_by_text("正在排队").wait_for()
    with app.app_context():
        assert work_one()
    page.wait_for_function(f"async () => (await ({CLUSTERS})()) === {len(HOT)}")
    assert page.locator("#hot-error").is_hidden()


def test_a_net_is_drawn_and_tested(page, show):
    show("&by=square:150")
    assert page.locator(".hot-row").count() > 0
    assert "150" in page.locator(".hot-headline").inner_text()


def test_hostile_words_stay_words(page, show, heat, session):
    heat.ground.grids[0].name = HOSTILE
    case = heat.report(0)
    case.condition.case_class.name_zh = HOSTILE
    case.lead_department.name = HOSTILE
    heat.office.revision += 1
    session.commit()
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    show()
    row = page.locator(f".hot-row[data-id='{heat.area(0)}']")
    assert row.locator(".hot-name").inner_text() == HOSTILE
    row.locator(".hot-pick").click()
    page.mouse.move(*page.evaluate(WHERE, heat.area(0)))
    page.locator(".map-tip").wait_for()
    assert page.locator("img[src=x]").count() == 0


def test_what_is_refused_is_said_on_the_page(page, show, expected_errors):
    expected_errors.append("status of 400")
    show("&group=X99")
    assert page.locator("#hot-error").is_visible()
    assert "X99" in page.locator("#hot-error").inner_text()


def test_the_leaders_desk_leads_to_it(page, show):
    show()
    page.goto("/desk/leader")
    page.locator(".desk-to-hotspots").click()
    page.wait_for_url("**/insight/hotspots")
