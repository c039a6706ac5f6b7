"""The rules as a matrix, by keyboard alone: to a cell, its rule, its trial with a map, saved."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.factories.cases import CENTRE, make_case, make_ground
from tests.factories.people import make_department, make_person
from tests.factories.places import middle_of
from webapp.core.clock import now
from webapp.people.models import Role
from webapp.standards.service import office_standards

LAW = "综合执法办公室"
LAMP = "/component/K01/K01-037/"
FIRST, SECOND = "/640121/001/001/", "/640121/001/002/"
FOCUSED = "document.activeElement"


@pytest.fixture
def ground(session):
    """Three lamps of late in the first community, one in the second."""
    ground = make_ground(session)
    make_department(session, ground.office, code="D04", name=LAW)
    for at in (0, 1, 2, 7):
        lon, lat = middle_of(ground.grids[at])
        when = now() - timedelta(days=3)
        make_case(session, ground.office, now=when, draft={"lon": lon, "lat": lat})
    session.commit()
    return ground


@pytest.fixture
def matrix(session, ground, page, sign_in):
    """The matrix, as an administrator opens it."""
    person = make_person(session, ground.office, Role.ADMINISTRATOR)
    session.commit()
    sign_in(page, person)
    page.goto("/admin/routing")
    return page.locator(".matrix")


def place(page) -> tuple[str, str]:
    """The row and column of the cell that has the focus, by their headings."""
    found = page.evaluate(
        """() => {
          const cell = document.activeElement.closest("td");
          const heads = cell.closest("table").tHead.rows[0].cells;
          const of = (head) => head.textContent.trim();
          return [of(cell.parentElement.cells[0]), of(heads[cell.cellIndex])];
        }"""
    )
    return tuple(found)


def press_until(page, key: str, reached: str) -> None:
    """Press a key until a JavaScript condition holds, at most 40 times."""
    for _press in range(40):
        if page.evaluate(reached):
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} does not lead to: {reached}")


def test_a_rule_is_found_tried_on_a_map_and_saved_by_keyboard(session, ground, page, matrix):
    matrix.locator("td a[tabindex='0']").focus()
    assert matrix.locator("td a[tabindex='0']").count() == 1  # one stop of the Tab key
    page.keyboard.press("ArrowRight")
    row, community = place(page)
    assert community == ground.grids[0].community.name
    press_until(page, "ArrowDown", f"{FOCUSED}.search.endsWith('{LAMP}')")
    assert place(page) == ("路灯", community)
    assert row != "路灯"

    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/admin/routing/rule"))
    expect(page.locator("main")).to_contain_text(CENTRE)
    page.locator("[name=lead]").focus()
    press_until(page, "ArrowDown", f"{FOCUSED}.selectedOptions[0].text === '{LAW}'")
    press_until(page, "Tab", f"{FOCUSED}.matches('button.btn-primary')")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("/admin/routing/trial"))
    expect(page.locator(".trial-count strong")).to_contain_text("3")
    expect(page.locator(".ways")).to_contain_text(f"{CENTRE} → {LAW}")
    expect(page.locator(".trial-page tbody tr")).to_have_count(3)
    expect(page.locator("#trial_map path.leaflet-interactive")).to_have_count(3)
    expect(page.locator("#trial_map path:not(.leaflet-interactive)")).to_have_count(2)
    page.locator("form[action$=save] button").press("Enter")
    page.wait_for_url(re.compile("/admin/routing$"))
    expect(matrix.locator(".cell-own")).to_have_text(["公用事业", "综合执法"])
    session.rollback()
    session.refresh(ground.office)
    standards = office_standards(session, ground.office)
    leads = [standards.router.route(area, LAMP).lead for area in (FIRST, SECOND)]
    assert [standards.departments[lead] for lead in leads] == [LAW, CENTRE]


def test_folded_groups_are_passed_over_and_stay_folded_after_a_reload(page, matrix):
    fold = matrix.locator(".fold").first
    fold.press("Enter")
    assert fold.get_attribute("aria-expanded") == "false"
    rows = matrix.locator(".matrix-row:visible").count()
    page.reload()
    expect(matrix.locator(".fold").first).to_have_attribute("aria-expanded", "false")
    assert matrix.locator(".matrix-row:visible").count() == rows
    group = matrix.locator(".matrix-group").nth(1).locator("td a").first
    group.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('tr').hidden") is False
