"""Signing in and out: who gets in, for how long, and what a stranger can learn."""

import time

import pytest

from tests.factories.people import (
    PASSWORD,
    make_office,
    make_person,
    sign_in,
    sign_in_by_page,
    token,
)
from webapp import create_app
from webapp.people.models import Person, Role


@pytest.fixture
def person(session):
    person = make_person(session, username="ma")
    session.commit()
    return person


def try_sign_in(client, username="ma", password=PASSWORD, where="/sign-in"):
    facts = {"username": username, "password": password, "csrf_token": token(client)}
    return client.post(where, data=facts)


def test_the_right_password_opens_the_door_and_is_remembered_by_time(client, session, person):
    answer = try_sign_in(client)
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/me").status_code == 200
    session.expire_all()
    assert session.get(Person, person.id).last_sign_in_at is not None


def test_a_user_name_may_be_typed_in_capitals_and_with_spaces(client, person):
    assert try_sign_in(client, username="  MA ").status_code == 302


@pytest.mark.parametrize(
    ("username", "password"), [("ma", "not it at all"), ("nobody", PASSWORD), ("", "")]
)
def test_anything_else_is_refused_and_the_name_stays_typed(client, person, username, password):
    answer = try_sign_in(client, username, password)
    assert answer.status_code == 422
    assert f'value="{username}"' in answer.text
    assert client.get("/me").status_code == 302


def test_a_refusal_does_not_say_which_of_the_two_was_wrong(client, person):
    wrong, unknown = try_sign_in(client, "ma", "not it"), try_sign_in(client, "nobody", "not it")
    words = [answer.text.split('role="alert"')[1].split("</div>")[0] for answer in (wrong, unknown)]
    assert words[0] == words[1]


def test_an_unknown_name_takes_as_long_as_a_wrong_password(client, person):
    def seconds(username):
        facts = {"username": username, "password": "not it", "csrf_token": token(client)}
        begun = time.process_time()
        client.post("/sign-in", data=facts)
        return time.process_time() - begun

    seconds("nobody")  # the first refusal also makes the hash that stands for nobody
    known, unknown = (min(seconds(name) for _ in range(3)) for name in ("ma", "nobody"))
    assert 0.5 < unknown / known < 2


def test_who_has_no_password_or_a_closed_account_stays_out(client, session):
    office = make_office(session)
    make_person(session, office, username="helper", password_hash=None)
    make_person(session, office, username="gone", active=False)
    session.commit()
    assert try_sign_in(client, "helper", "").status_code == 422
    assert try_sign_in(client, "gone").status_code == 422


@pytest.mark.parametrize(
    ("target", "arrives"),
    [
        ("/me?a=1", "/me?a=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_sign_in_one_comes_back_only_to_pages_of_ours(client, person, target, arrives):
    client.get("/sign-in", query_string={"next": target})
    facts = {"username": "ma", "password": PASSWORD, "csrf_token": token(client)}
    answer = client.post("/sign-in", query_string={"next": target}, data=facts)
    assert answer.location == arrives


def test_a_page_asked_for_without_signing_in_is_reached_after_it(client, person):
    answer = client.get("/me")
    assert answer.location == "/sign-in?next=/me"
    assert try_sign_in(client, where=answer.location).location == "/me"


def test_a_script_is_told_in_json(client):
    answer = client.get("/me", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["error"]) == (401, "sign_in")


def test_signing_out_ends_it(client, person):
    sign_in(client, person)
    client.post("/sign-out", data={"csrf_token": token(client, "/me")})
    assert client.get("/me").status_code == 302


def test_a_session_begins_anew_at_sign_in(client, person):
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        session["language"] = "en"
    sign_in_by_page(client, person)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["language"] == "en"


def test_the_cookie_lives_as_long_as_the_browser_unless_asked_to_stay(client, person):
    short = try_sign_in(client).headers["Set-Cookie"]
    client.post("/sign-out", data={"csrf_token": token(client, "/me")})
    facts = {"username": "ma", "password": PASSWORD, "csrf_token": token(client)}
    lasting = client.post("/sign-in", data=facts | {"remember": "y"}).headers["Set-Cookie"]
    assert "Expires" not in short
    assert "Expires" in lasting
    assert "HttpOnly" in lasting
    assert "SameSite=Lax" in lasting


def test_behind_https_the_cookie_is_sent_by_https_alone(database, session, person):
    app = create_app(engine=database, testing=True, secret_key="x", secure_cookies=True)
    client = app.test_client()
    answer = client.get("/sign-in", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_closing_an_account_ends_its_sessions(client, session, person):
    sign_in(client, person)
    person.active = False
    session.commit()
    assert client.get("/me").status_code == 302


def test_many_wrong_passwords_close_the_name_for_a_while(database, session):
    make_person(session, username="ma")
    make_person(session, username="li", role=Role.LEADER)
    session.commit()
    client = create_app(engine=database, testing=True, secret_key="x").test_client()
    codes = [try_sign_in(client, "ma", "guess").status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
    assert try_sign_in(client, "ma").status_code == 429
    assert try_sign_in(client, "li").status_code == 302


def test_right_passwords_do_not_count_towards_the_limit(database, session):
    make_person(session, username="ma")
    session.commit()
    app = create_app(engine=database, testing=True, secret_key="x")
    for _ in range(12):
        assert try_sign_in(app.test_client(), "ma").status_code == 302


def test_without_the_forms_token_nothing_is_accepted(client, person):
    answer = client.post("/sign-in", data={"username": "ma", "password": PASSWORD})
    assert answer.status_code == 400
