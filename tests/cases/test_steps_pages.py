"""Steps as people press them: the page's forms, what comes back, who is let near."""

import re
from datetime import timedelta

import pytest

from tests.factories.life import make_town
from tests.factories.people import sign_in
from webapp.cases.vocabulary import State
from webapp.core.clock import now

JSON = {"Accept": "application/json"}


@pytest.fixture
def town(session, database):
    made = make_town(session)
    made.now = now() - timedelta(hours=2)
    session.commit()
    return made


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False  # the people's room tests it
    return app


@pytest.fixture
def browse(app, town):
    """A browser in which one of the town's people is signed in: `browse("member")`."""

    def open_as(name):
        client = app.test_client()
        sign_in(client, town.people[name])
        return client

    return open_as


@pytest.fixture
def case_at(session, town):
    """A case that has come to a state: `case_at("handling")`."""

    def make(stage):
        case = getattr(town, stage)()
        session.commit()
        return case

    return make


def path(case, action):
    return f"/cases/{case.number}/steps/{action}"


def fresh(session, case):
    session.rollback()
    session.refresh(case)
    return case


def form_on(page, action):
    """What a browser would send from that form of the page: its hidden fields."""
    body = page.split(f'data-step-form="{action}"', 1)[1].split("</form>", 1)[0]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body)
    return {name: value for name, value in hidden if name in ("version", "form")}


def test_the_way_of_a_case_by_the_forms_of_its_page(session, town, browse, case_at):
    case = case_at("report")
    way = [
        ("dispatcher", "ask_verification", {}),
        ("manager", "verify", {"found": "yes", "note": "看到了"}),
        ("dispatcher", "open", {}),
        ("dispatcher", "dispatch", {"department_id": str(town.centre.id)}),
        ("member", "take", {}),
        ("member", "answer", {"note": "换了灯泡"}),
        ("dispatcher", "ask_check", {}),
        ("manager", "pass_check", {"note": "亮了"}),
    ]
    for name, action, typed in way:
        client = browse(name)
        page = client.get(f"/cases/{case.number}")
        sent = client.post(path(case, action), data=form_on(page.text, action) | typed)
        assert (sent.status_code, sent.location) == (303, f"/cases/{case.number}"), action
    assert fresh(session, case).state is State.CLOSED
    assert case.result == "换了灯泡"
