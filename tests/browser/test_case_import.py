"""An import of cases at the page: what is wrong is said there, and what was chosen stays."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories.case_files import HEADER, MAPPING, row
from tests.factories.cases import make_ground
from tests.factories.people import PASSWORD, make_person
from webapp.core.jobs_cli import work_one
from webapp.people.models import Role


@pytest.fixture
def administrator(session, page):
    person = make_person(session, make_ground(session).office, Role.ADMINISTRATOR)
    session.commit()
    page.goto("/sign-in")
    page.fill("[name=username]", person.username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile("/admin/places"))
    return person


def file(name: str, text: str) -> dict[str, object]:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def chosen(page, selector: str) -> list[str]:
    return page.eval_on_selector(selector, "(field) => [...field.files].map((file) => file.name)")


def test_a_refused_file_is_told_beside_its_field_and_the_choices_stay(
    app, page, administrator, expected_errors
):
    expected_errors.append("status of 422")
    page.goto("/admin/cases/import")
    page.set_input_files("[name=file]", [file("案件.csv", "other,columns\n1,2\n")])
    page.set_input_files("[name=mapping_file]", [file("m.toml", MAPPING)])
    page.press("[data-send]", "Enter")
    expect(page.locator("#file-error")).to_contain_text("案件.csv")
    expect(page.locator("#file")).to_be_focused()
    assert page.get_attribute("#file", "aria-invalid") == "true"
    assert chosen(page, "[name=file]") == ["案件.csv"]
    assert chosen(page, "[name=mapping_file]") == ["m.toml"]
    page.set_input_files("[name=file]", [file("案件.csv", HEADER + row("A1"))])
    page.press("[data-send]", "Enter")
    page.wait_for_url(re.compile(r"/admin/cases/import/\d+$"))
    with app.app_context():
        assert work_one()
    expect(page.locator("dd").first).to_have_text("1")


def test_without_script_the_form_comes_back_as_a_page(
    new_page, administrator, page, expected_errors
):
    expected_errors.append("status of 422")
    state = page.context.storage_state()
    plain = new_page(java_script_enabled=False, storage_state=state)
    plain.goto("/admin/cases/import")
    plain.set_input_files("[name=file]", [file("cases.exe", "MZ")])
    plain.select_option("[name=mapping]", "la311")
    plain.press("[data-send]", "Enter")
    expect(plain.locator("#file-error")).to_contain_text("cases.exe")
    expect(plain.locator("[name=mapping]")).to_have_value("la311")
