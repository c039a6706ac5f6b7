"""Offices, departments and people, valid by default; `facts` win."""

from functools import cache
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.core.clock import now
from webapp.people import passwords
from webapp.people.access import signed_in
from webapp.people.models import Department, DepartmentKind, Duty, Office, Person, Role

PASSWORD = "seven lamps on a wall"
_numbers = count(1)


@cache
def password_hash() -> str:
    """Hashing is slow on purpose; once is enough for all people made here."""
    return passwords.hashed(PASSWORD)


def make_office(session: Session, **facts: Any) -> Office:
    number = next(_numbers)
    defaults = {
        "code": f"office-{number}",
        "name": f"团结西路街道 {number}",
        "area_path": "/640121/001/",
        "number_prefix": f"T{number}",
    }
    office = Office(**defaults | facts)
    session.add(office)
    session.flush()
    return office


def make_department(session: Session, office: Office | None = None, **facts: Any) -> Department:
    number = next(_numbers)
    defaults = {
        "office": office or make_office(session),
        "code": f"D{number:02}",
        "name": f"公用事业服务中心 {number}",
        "kind": DepartmentKind.CENTRE,
    }
    department = Department(**defaults | facts)
    session.add(department)
    session.flush()
    return department


def make_person(
    session: Session,
    office: Office | None = None,
    role: Role = Role.DISPATCHER,
    *,
    area_path: str | None = None,
    department: Department | None = None,
    **facts: Any,
) -> Person:
    """Somebody with one duty, who signs in with PASSWORD."""
    number = next(_numbers)
    if role is Role.DEPARTMENT_MEMBER and department is None:
        department = make_department(session, office)
    office = office or (department.office if department else make_office(session))
    defaults = {
        "office": office,
        "username": f"person{number}",
        "name": f"马建国 {number}",
        "password_hash": password_hash(),
        "created_at": now(),
    }
    person = Person(**defaults | facts)
    path = area_path or office.area_path
    person.duties.append(Duty(role=role, area_path=path, department=department))
    session.add(person)
    session.flush()
    return person


def sign_in(client: FlaskClient, person: Person) -> None:
    """Give a client the session of a person (committed before), without the slow password."""
    with client.session_transaction() as session:
        session["_user_id"] = signed_in(person).get_id()


def sign_in_by_page(client: FlaskClient, person: Person, password: str = PASSWORD) -> None:
    """Sign a person in as they do it themselves."""
    facts = {"username": person.username, "password": password, "csrf_token": token(client)}
    answer = client.post("/sign-in", data=facts)
    assert answer.status_code == 302, answer.text


def token(client: FlaskClient, page: str = "/sign-in") -> str:
    """The CSRF token that the forms of a page carry."""
    text = client.get(page, follow_redirects=True).text
    start = text.index('name="csrf_token"')
    return text[start:].split('value="')[1].split('"')[0]
