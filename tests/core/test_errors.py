"""Refusals: one table from error to answer, in the reader's language, with nothing left begun."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm.exc import StaleDataError

from gis.errors import GeoDataError, Reason
from tests.factories.cases import make_ground
from tests.factories.people import make_office, make_person, sign_in, token
from webapp.core.database import begin_write, current_session
from webapp.core.geowords import _SENTENCES
from webapp.people.models import Office, Role


@pytest.fixture
def app(own_app: Flask) -> Flask:
    return own_app


def begin_and_fail(error: Exception):
    def view() -> str:
        session = current_session()
        begin_write(session)
        session.add(Office(code="half", name="half", area_path="/h/", number_prefix="H"))
        session.flush()
        raise error

    return view


def test_a_stale_change_is_refused_in_a_sentence_and_leaves_nothing(
    app: Flask, client: FlaskClient, session
) -> None:
    app.add_url_rule("/stale", view_func=begin_and_fail(StaleDataError("x")))
    person = make_person(session, make_office(session), role=Role.DISPATCHER)
    session.commit()
    sign_in(client, person)
    answer = client.get("/stale", headers={"Accept-Language": "en"})
    assert answer.status_code == 409
    assert "Somebody else changed this" in answer.text
    assert person.name in answer.text  # the frame of the page could still read
    assert session.scalar(select(Office).where(Office.code == "half")) is None


def test_a_broken_statement_does_not_break_the_page_that_says_so(
    app: Flask, client: FlaskClient
) -> None:
    def view() -> str:
        current_session().execute(text("SELECT 1"))
        raise GeoDataError(Reason.EMPTY_FILE, "The file x.shp is empty.")

    app.add_url_rule("/geo", view_func=view)
    assert "The file x.shp is empty." in client.get("/geo", headers={"Accept-Language": "en"}).text
    chinese = client.get("/geo", headers={"Accept-Language": "zh-CN"})
    assert chinese.status_code == 400
    assert "（The file x.shp is empty.）" in chinese.text


def test_every_reason_of_the_geography_has_its_sentence() -> None:
    assert set(_SENTENCES) == set(Reason)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/cases?q=a%00", 400),
        ("/cases/%00", 400),
        ("/r/%00", 400),
        ("/cases?since=0001-01-01&until=9999-12-31", 200),
        ("/map/cases.json?zoom=15&bbox=106,38,107,39&since=0001-01-01&until=9999-12-31", 200),
        (f"/photos/{2**63 - 1}", 404),
        (f"/photos/{2**63}", 404),
        (f"/admin/people/{'9' * 5000}", 404),
        (f"/admin/calendar?year={'9' * 5000}", 400),
    ],
)
def test_what_no_column_can_hold_is_refused_on_every_database(
    client: FlaskClient, session, address: str, status: int
) -> None:
    person = make_person(session, make_ground(session).office, role=Role.ADMINISTRATOR)
    session.commit()
    sign_in(client, person)
    assert client.get(address).status_code == status


def test_an_id_beyond_a_columns_reach_names_nobody(client: FlaskClient, session) -> None:
    person = make_person(session, make_office(session), role=Role.ADMINISTRATOR)
    session.commit()
    sign_in(client, person)
    assert client.get(f"/admin/people/{2**63 - 1}").status_code in (400, 404)


def test_nul_in_a_form_is_refused(client: FlaskClient, session) -> None:
    facts = {"username": "a\0b", "password": "x", "csrf_token": token(client)}
    assert client.post("/sign-in", data=facts).status_code == 400
