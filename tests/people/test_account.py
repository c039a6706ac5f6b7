"""One's own account: password, language, leaving everywhere."""

import pytest

from tests.factories.people import PASSWORD, make_person, sign_in, sign_in_by_page, token
from webapp.people import passwords
from webapp.people.models import Person

NEW = "a heron by the canal"


@pytest.fixture
def person(session):
    person = make_person(session, username="ma", name="Ma Jianguo")
    session.commit()
    return person


@pytest.fixture
def signed_in(client, person):
    sign_in(client, person)
    return client


def change(client, old=PASSWORD, new=NEW, again=None):
    facts = {"old": old, "new": new, "again": new if again is None else again}
    return client.post("/me/password", data=facts | {"csrf_token": token(client, "/me/password")})


def test_my_page_shows_who_i_am(signed_in, person):
    text = signed_in.get("/me").text
    assert "Ma Jianguo" in text
    assert person.office.name in text


def test_a_new_password_works_and_the_old_one_no_longer(signed_in, app, person):
    assert change(signed_in).location == "/me"
    assert signed_in.get("/me").status_code == 200
    sign_in_by_page(app.test_client(), person, NEW)
    with pytest.raises(AssertionError):
        sign_in_by_page(app.test_client(), person)


def test_changing_the_password_signs_out_the_other_devices(signed_in, app, person):
    other = app.test_client()
    sign_in(other, person)
    change(signed_in)
    assert other.get("/me").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("not my password", NEW, NEW),
        (PASSWORD, NEW, "something else"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "password1234", "password1234"),
        (PASSWORD, "Ma Jianguo 1", "Ma Jianguo 1"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "x" * 201, "x" * 201),
    ],
    ids=["wrong old", "typed differently", "short", "common", "own name", "the same", "endless"],
)
def test_a_bad_change_is_refused_beside_its_field(signed_in, session, person, old, new, again):
    answer = change(signed_in, old, new, again)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    session.expire_all()
    assert passwords.is_right(session.get(Person, person.id).password_hash, PASSWORD)


def test_a_handed_over_password_must_be_changed_before_anything_else(client, session):
    person = make_person(session, must_change_password=True)
    session.commit()
    sign_in(client, person)
    for path in ("/", "/me", "/admin/people"):
        assert client.get(path).location == "/me/password"
    assert client.get("/me/password").status_code == 200
    change(client)
    assert client.get("/me").status_code == 200


def test_signing_out_everywhere_ends_every_session(signed_in, app, person):
    other = app.test_client()
    sign_in(other, person)
    answer = signed_in.post("/me/sign-out-everywhere", data={"csrf_token": token(other, "/me")})
    assert answer.status_code == 400  # the token of another session is none
    mine = {"csrf_token": token(signed_in, "/me")}
    assert signed_in.post("/me/sign-out-everywhere", data=mine).location == "/sign-in"
    assert signed_in.get("/me").status_code == 302
    assert other.get("/me").status_code == 302


def test_my_language_is_kept_and_used_at_the_next_sign_in(signed_in, app, person):
    facts = {"language": "en", "csrf_token": token(signed_in, "/me")}
    assert signed_in.post("/me/language", data=facts).location == "/me"
    other = app.test_client()
    sign_in_by_page(other, person)
    assert '<html lang="en">' in other.get("/me", headers={"Accept-Language": "zh"}).text


def test_an_unknown_language_is_refused(signed_in):
    facts = {"language": "xx", "csrf_token": token(signed_in, "/me")}
    assert signed_in.post("/me/language", data=facts).status_code == 400


def test_a_weak_hash_is_renewed_at_sign_in(client, session):
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    person = make_person(session, password_hash=weak)
    session.commit()
    sign_in_by_page(client, person)
    session.expire_all()
    renewed = session.get(Person, person.id).password_hash
    assert renewed != weak
    assert not passwords.is_outdated(renewed)


def test_made_passwords_are_strong_and_never_the_same():
    made = {passwords.make_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        passwords.check_strength(password)
