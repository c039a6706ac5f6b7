"""The ledger in a browser: narrowed, sorted, taken away, brought back, on a desk and a phone."""

import re

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests import scenes
from tests.factories.ledger import Ledger, look_again, make_ledger
from tests.factories.people import make_person
from webapp.cases.ledger.columns import COLUMNS
from webapp.people.models import Role

scene = scenes.by(ledger=make_ledger)


@pytest.fixture
def ledger(scene, session) -> Ledger:
    return scene.on(session)


@pytest.fixture
def enter(session, ledger, new_page, sign_in):
    """The ledger as a dispatcher opens it."""
    person = make_person(session, ledger.town.ground.office, Role.DISPATCHER)
    session.commit()

    def open_ledger(size: str, language: str = "zh") -> Page:
        page = new_page(size, language)
        sign_in(page, person)
        page.goto("/ledger")
        return page

    return open_ledger


def test_from_the_page_to_excel_and_back(enter, ledger, session, tmp_path):
    page = enter("desk")
    rows = page.locator(".ledger-table tbody tr")
    expect(rows).to_have_count(len(ledger.cases))
    page.get_by_label("状态", exact=True).select_option("closed")
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="结案时间").click()
    page.wait_for_url(re.compile("sort=closed"))
    assert "state=closed" in page.url, "the filter stays"

    page.get_by_text("导出", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="保存", exact=True).first.click()
    assert download.value.suggested_filename.startswith("台账-")
    path = tmp_path / "台账.xlsx"
    download.value.save_as(path)

    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[4]]
    sheet.cell(5, heads.index("位置") + 1).value = "利民街 5 号门前"
    book.save(path)
    page.get_by_role("link", name="台账回传").click()
    page.set_input_files("#file", path)
    page.get_by_role("button", name="查看差异").click()
    expect(page.locator("ins")).to_have_text("利民街 5 号门前")
    page.get_by_role("button", name="更正 1 个案件").click()
    expect(page.get_by_text("已更正 1 个案件。")).to_be_visible()
    look_again(session)
    assert ledger.cases["closed"].address == "利民街 5 号门前"


def test_the_head_and_the_number_stand_still(enter, ledger):
    page = enter("desk")
    page.locator("summary").filter(has_text="列").first.click()
    page.get_by_role("link", name="全部列").click()
    wrap = page.locator(".ledger-wrap")
    expect(wrap.locator("th")).to_have_count(len(COLUMNS))  # the page with all of them is there
    head, number = wrap.locator("th.ledger-at-number"), wrap.locator("td.ledger-at-number").first
    wrap.evaluate("box => box.scrollTo(600, 0)")
    frame = wrap.bounding_box()
    for part in (head, number):
        assert abs(part.bounding_box()["x"] - frame["x"]) < 3
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_each_case_is_a_card(enter, ledger):
    page = enter("phone")
    card = page.locator(".ledger-table tbody tr").first
    expect(card).to_be_visible()
    expect(page.locator(".ledger-table thead")).to_be_hidden()
    assert card.bounding_box()["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("排序").select_option("due")
    page.wait_for_url(re.compile("sort=due"))
    page.locator("summary").filter(has_text="列").first.click()
    page.get_by_label("备注").check()
    page.get_by_role("button", name="显示所选列").click()
    expect(page.get_by_text("@all")).to_be_visible()


def test_days_are_written_in_the_page_s_language_in_whichever_browser(enter):
    page = enter("desk", "en")
    page.get_by_role("button", name="中文").click()
    page.wait_for_load_state()
    since, until = page.locator("[name=since]"), page.locator("[name=until]")
    expect(until).to_have_attribute("data-shown", "年-月-日")
    with page.expect_navigation():
        since.fill("2026-03-05")
    expect(page).to_have_url(re.compile("since=2026-03-05"))
    expect(since).to_have_attribute("data-shown", "2026年3月5日")
    over = "e => getComputedStyle(e, '::before').content"
    assert since.evaluate(over) == '"2026年3月5日"'
    since.focus()
    assert since.evaluate(over) == "none", "who is in the field sees what they type"
    page.get_by_role("button", name="English").click()
    expect(since).to_have_attribute("data-shown", "5 Mar 2026")
