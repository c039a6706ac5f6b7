"""What is typed into a form of the desks survives a reload and a refusal, until it is accepted."""

import time

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests.factories.cases import make_ground
from tests.factories.people import make_person
from webapp.people.models import Person, Role

ADD = "/admin/people/add"


@pytest.fixture
def desk(session, page, sign_in):
    person = make_person(session, make_ground(session).office, Role.ADMINISTRATOR)
    session.commit()
    sign_in(page, person)
    page.goto(ADD)
    return page


def drafts(page) -> list[str]:
    return page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:'))")


def until_no_draft(page) -> None:
    """The page is seen before its script has run."""
    deadline = time.monotonic() + 15
    while drafts(page) and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert drafts(page) == []


def test_what_was_typed_is_back_after_a_reload_and_it_is_said(desk):
    desk.fill("[name=name]", "李静")
    desk.select_option("[name=role]", "leader")
    token = desk.locator("[name=csrf_token]").first.input_value()
    desk.reload()
    expect(desk.locator("[name=name]")).to_have_value("李静")
    expect(desk.locator("[name=role]")).to_have_value("leader")
    expect(desk.locator(".toasts")).to_contain_text("已恢复")
    assert token not in desk.evaluate("JSON.stringify(sessionStorage)")


def test_a_refused_form_keeps_its_draft_and_an_accepted_one_drops_it(
    session, desk, expected_errors
):
    expected_errors.append("status of 422")
    desk.fill("[name=name]", "李静")
    desk.press("[name=name]", "Enter")  # without a user name
    expect(desk.locator("[aria-invalid=true]").first).to_be_focused()
    desk.goto("/cases")
    desk.goto(ADD)
    expect(desk.locator("[name=name]")).to_have_value("李静")
    desk.fill("[name=username]", "lijing")
    desk.press("[name=username]", "Enter")
    expect(desk.locator("#new-password")).to_be_visible()
    assert session.scalar(select(Person.name).where(Person.username == "lijing")) == "李静"
    until_no_draft(desk)
    desk.goto(ADD)
    expect(desk.locator("[name=name]")).to_have_value("")


def test_a_draft_is_seen_in_its_own_tab_alone(desk):
    desk.fill("[name=name]", "李静")
    other = desk.context.new_page()
    other.goto(ADD)
    expect(other.locator("[name=name]")).to_have_value("")
