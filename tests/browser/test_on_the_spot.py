"""Who walks the grids, on a phone: mended on the spot in one go, and the nearest task first."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests import scenes
from tests.factories.cases import LITTER, picture
from tests.factories.life import Town, make_town
from tests.factories.places import middle_of
from webapp.cases.models import Case
from webapp.cases.vocabulary import Action, PhotoKind, PlacedBy, Source, State

PHOTO = {"mimeType": "image/jpeg", "buffer": picture((800, 600))}


scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session: Session, database: Engine) -> Town:
    return scene.on(session)


@pytest.fixture
def phone(new_page: Callable[..., Page], town: Town, sign_in) -> Page:
    """The grid manager's phone, in the middle of the first grid."""
    lon, lat = middle_of(town.ground.grids[0])
    here = {"longitude": lon, "latitude": lat, "accuracy": 5}
    page = new_page("phone", geolocation=here, permissions=["geolocation"])
    sign_in(page, town.people["manager"])
    page.goto("/")
    page.wait_for_url("**/desk/grid*")
    return page


def shoot(page: Page, part: str) -> None:
    box = page.locator(f'[data-photos="{part}"]')
    box.locator("[data-camera]").set_input_files([{"name": f"{part}.jpg", **PHOTO}])
    expect(box.locator(".report-shot img")).to_have_count(1)


def test_what_is_mended_on_the_spot_is_recorded_in_one_go(
    phone: Page, town: Town, session: Session, expected_errors: list[str]
) -> None:
    expected_errors += ["status of 422"]  # the form comes back once
    phone.locator('a[href="/desk/grid/mended"]').click()
    expect(phone.locator("[data-place]")).to_contain_text(town.ground.grids[0].name)
    shoot(phone, "photos")
    phone.select_option("#condition", LITTER)
    phone.locator("#done").fill("垃圾已装袋清走")
    phone.locator("[data-send]").click()
    missing = phone.locator('[data-error="after"]')
    expect(missing).to_be_visible()  # and nothing that was given is lost
    expect(phone.locator("#done")).to_have_value("垃圾已装袋清走")
    shoot(phone, "after")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.locator("[data-send]").click()
    phone.wait_for_url(re.compile(r"/cases/TJ"))
    expect(phone.locator("main")).to_contain_text("垃圾已装袋清走")
    case = session.scalars(select(Case)).one()
    assert (case.state, case.source, case.placed_by, case.self_handled) == (
        State.REPORTED, Source.GRID_MANAGER, PlacedBy.DEVICE, True,
    )  # fmt: skip
    assert case.grid_id == town.ground.grids[0].id
    assert {photo.kind for photo in case.photos} == {PhotoKind.BEFORE, PhotoKind.AFTER}
    phone.goto("/desk/grid/week")
    expect(phone.locator(".week-table")).to_contain_text("1")


def test_what_was_typed_survives_a_reload(phone: Page) -> None:
    phone.goto("/desk/grid/mended")
    phone.locator("#done").fill("井盖已盖好")
    phone.reload()
    expect(phone.locator("#done")).to_have_value("井盖已盖好")


def test_the_nearest_task_comes_first_and_the_next_due_where_that_is_wished(
    phone: Page, town: Town, session: Session
) -> None:
    for grid in (7, 0, 4):
        lon, lat = middle_of(town.ground.grids[grid])
        case = town.report(draft={"lon": lon, "lat": lat})
        town.step(case, Action.ASK_VERIFICATION, "dispatcher")
    session.commit()
    far, near, between = (case.number for case in town.cases)
    phone.goto("/desk/grid")
    rows = phone.locator(".desk-row")
    nearest = phone.locator("#desk-nearest")
    expect(nearest).to_have_attribute("aria-pressed", "true")

    def order() -> list[str]:
        return [row.get_attribute("data-number") or "" for row in rows.all()]

    expect(rows.first).to_have_attribute("data-number", near)
    assert order() == [near, between, far]
    nearest.click()
    expect(nearest).to_have_attribute("aria-pressed", "false")
    expect(rows.first).to_have_attribute("data-number", far)
    assert order() == [far, near, between]
