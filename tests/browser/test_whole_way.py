"""The main job from end to end on the sample: a resident reports, a dispatcher finds the case."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests import databases
from tests.factories.cases import picture
from webapp.core.clock import now
from webapp.places.models import Area, Grid
from webapp.sample.lives import load_cases
from webapp.sample.people import PASSWORD
from webapp.sample.service import load_office

WORDS = "路灯不亮，从第三盏起"
CENTRE = "公用事业"


@pytest.fixture(scope="module")
def database(database_kind: str) -> Iterator[Engine]:
    """The sample sub-district with its 300 cases."""
    with databases.fresh(database_kind) as engine:
        with Session(engine, expire_on_commit=False) as session:
            office = load_office(session, now())
            session.commit()
            load_cases(session, office, now())
            session.commit()
        yield engine


@pytest.fixture
def standing(session: Session) -> tuple[Grid, dict[str, float]]:
    """A grid of the sample and a point well inside of it, where the resident stands."""
    grid = session.scalars(select(Grid).join(Grid.area).order_by(Area.code)).first()
    point = func.ST_PointOnSurface(Grid.boundary)
    lon, lat = session.execute(
        select(func.ST_X(point), func.ST_Y(point)).where(Grid.id == grid.id)
    ).one()
    return grid, {"longitude": lon, "latitude": lat, "accuracy": 6}


def test_from_a_dark_lamp_to_the_case_on_the_dispatchers_desk(
    new_page: Callable[..., Page], session: Session, standing: tuple[Grid, dict[str, float]]
) -> None:
    grid, here = standing
    number, link = report_the_lamp(
        new_page("phone", geolocation=here, permissions=["geolocation"]), grid
    )
    follow_from_elsewhere(new_page("phone"), link, number)
    find_on_the_desk(new_page("desk"), number, grid)


def report_the_lamp(phone: Page, grid: Grid) -> tuple[str, str]:
    """Send a report with a photo from where one stands; its number and the link to follow it."""
    phone.goto("/report")
    expect(phone.locator("[data-place]")).to_contain_text(grid.name)
    phone.locator("[data-next]").click()
    phone.locator("[data-search]").fill("路灯")
    lamps = phone.locator(".report-classes [data-condition]:visible").first
    expect(lamps).to_have_attribute("data-class", "路灯")  # what is called so, before its kin
    lamps.click()
    phone.locator("textarea").fill(WORDS)
    photo = {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": picture((800, 600))}
    phone.locator("[data-files]").set_input_files([photo])
    expect(phone.locator(".report-shot img")).to_be_visible()
    phone.locator("[data-send]").click()
    phone.wait_for_url(re.compile("/r/"))
    answer = phone.locator("main")
    for said in (grid.name, CENTRE, WORDS, "路灯"):
        expect(answer).to_contain_text(said)
    expect(answer.locator("time").first).to_have_attribute("datetime", re.compile("^2"))
    expect(answer.locator(".reasons")).not_to_be_empty()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return phone.locator(".answer-number").inner_text().strip(), phone.url.partition("?")[0]


def follow_from_elsewhere(phone: Page, link: str, number: str) -> None:
    """Whoever has the link sees the report, on a device that has never been here."""
    phone.goto(link)
    expect(phone.locator("main")).to_contain_text(number)
    expect(phone.locator("main")).to_contain_text(CENTRE)
    assert phone.locator(".photos img").first.evaluate(
        "photo => photo.decode().then(() => photo.naturalWidth)"
    )


def find_on_the_desk(desk: Page, number: str, grid: Grid) -> None:
    desk.goto("/sign-in?next=/map")
    desk.fill("[name=username]", "dispatcher")
    desk.fill("[name=password]", PASSWORD)
    desk.press("[name=password]", "Enter")
    desk.wait_for_selector("#map-page:not([data-loading])")
    desk.fill("#map-search", number)
    desk.locator("#map-find-0").click()
    card = desk.locator("#map-card")
    expect(card).to_contain_text(number)
    card.locator("a.btn").click()
    desk.wait_for_url(f"**/cases/{number}")
    for said in (WORDS, grid.name, CENTRE):
        expect(desk.locator("main")).to_contain_text(said)
    assert desk.locator(".photos img").first.evaluate(
        "photo => photo.decode().then(() => photo.naturalWidth)"
    )
    expect(desk.locator(".reasons")).not_to_be_empty()
    expect(desk.locator(".timeline li")).not_to_have_count(0)
    expect(desk.locator("#case_map .case-pin")).to_be_visible()
