"""`flask people`: offices and accounts from the command line."""

import pytest
from sqlalchemy import select

from tests.factories.people import (
    PASSWORD,
    make_department,
    make_office,
    make_person,
    sign_in_by_page,
)
from webapp.people import service
from webapp.people.models import CalendarKind, Office, Person, Role

OFFICE = [
    "office-add", "--code", "LA", "--name", "City of LA", "--area-path", "/LA/", "--prefix", "LA",
    "--time-zone", "America/Los_Angeles", "--calendar", "weekdays", "--hours", "09:00-17:00",
]  # fmt: skip
ADD = ["add", "--username", "Wang", "--name", "王秀兰", "--role", "grid_manager"]


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()
    return lambda *words, **given: runner.invoke(args=["people", *words], **given)


def test_an_office_is_added_with_its_own_clock(run, session):
    assert run(*OFFICE).exit_code == 0
    office = session.scalars(select(Office)).one()
    assert (office.time_zone, office.calendar) == ("America/Los_Angeles", CalendarKind.WEEKDAYS)
    assert office.work_hours == [["09:00", "17:00"]]


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--area-path", "640121", "write the codes from the root"),
        ("--time-zone", "Moon/Sea", "Moon/Sea"),
        ("--hours", "17:00-09:00", "08:00-12:00"),
        ("--hours", "all day", "08:00-12:00"),
    ],
)
def test_an_office_that_cannot_be_is_refused_in_a_sentence(run, session, option, value, says):
    words = list(OFFICE)
    words[words.index(option) + 1] = value
    result = run(*words)
    assert result.exit_code == 1
    assert says in result.stderr
    assert session.scalars(select(Office)).all() == []


def test_an_office_code_is_given_once(run):
    run(*OFFICE)
    result = run(*OFFICE)
    assert result.exit_code == 1
    assert "Another office has LA" in result.stderr


def test_a_person_is_added_with_the_password_typed_twice(run, app, session):
    make_office(session)
    session.commit()
    result = run(*ADD, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    person = session.scalars(select(Person)).one()
    assert (person.username, person.must_change_password) == ("wang", False)
    sign_in_by_page(app.test_client(), person)


def test_a_made_password_is_printed_once_and_must_be_changed(run, app, session):
    make_office(session)
    session.commit()
    result = run(*ADD, "--make-password")
    person = session.scalars(select(Person)).one()
    assert person.must_change_password
    sign_in_by_page(app.test_client(), person, result.stdout.strip().rpartition(" ")[2])


def test_a_common_password_is_refused(run, session):
    make_office(session)
    session.commit()
    result = run(*ADD, input="password1234\npassword1234\n")
    assert result.exit_code == 1
    assert "too easy to guess" in result.stderr
    assert session.scalars(select(Person)).all() == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--department", "D-9"], "There is no department D-9"),
        (["--area", "/110000/"], "lies outside the area"),
        (["--role", "department_member"], "needs a department"),
        (["--office", "nowhere"], "There is no office nowhere"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_there_is(run, session, words, says):
    make_department(session, code="D-1")
    session.commit()
    result = run(*ADD, *words, "--make-password")
    assert result.exit_code == 1
    assert says in result.stderr


def test_with_several_offices_one_must_be_named(run, session):
    offices = [make_office(session), make_office(session)]
    session.commit()
    result = run(*ADD, "--make-password")
    assert result.exit_code == 1
    assert all(office.code in result.stderr for office in offices)
    assert run(*ADD, "--make-password", "--office", offices[1].code).exit_code == 0


def test_without_an_office_it_says_how_to_make_one(run):
    result = run(*ADD, "--make-password")
    assert "flask people office-add" in result.stderr


def test_the_list_names_people_with_their_duties(run, session):
    office = make_office(session)
    member = make_person(session, office, Role.DEPARTMENT_MEMBER)
    make_person(session, office, name="Gone", active=False)
    session.commit()
    out = run("list").stdout
    code = member.duties[0].department.code
    assert f"department_member {office.area_path} {code}" in out
    assert "Gone (closed)" in out


def test_the_only_office_is_found_without_its_code(session):
    office = make_office(session)
    assert service.only_office(session) is office
    assert service.only_office(session, office.code) is office
