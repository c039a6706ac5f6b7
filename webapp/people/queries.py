"""What the pages of this room read."""

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.core.errors import NotFound
from webapp.people.models import Department, Office, Person


def people_of(session: Session, office: Office, search: str = "") -> list[Person]:
    """Everybody of an office by name, those with closed accounts last."""
    statement = select(Person).where(Person.office_id == office.id)
    if search:
        names = (Person.name, Person.username, Person.phone)
        statement = statement.where(or_(*(n.icontains(search, autoescape=True) for n in names)))
    ordered = statement.order_by(Person.active.desc(), func.lower(Person.name), Person.id)
    return list(session.scalars(ordered))


def person_of(session: Session, office: Office, person_id: int) -> Person:
    """A person of this office; of another one nobody may know."""
    person = session.get(Person, person_id)
    if person is None or person.office_id != office.id:
        raise NotFound("person", _("There is nobody here with that number."))
    return person


def departments_of(session: Session, office: Office) -> list[Department]:
    active = select(Department).where(Department.office_id == office.id, Department.active)
    return list(session.scalars(active.order_by(Department.code)))


def demo_people(session: Session) -> list[Person]:
    """The people of the sample, who exist for trying only."""
    of_sample = select(Person).join(Person.office).where(Office.is_sample, Person.active)
    signing_in = of_sample.where(Person.password_hash.is_not(None))
    return list(session.scalars(signing_in.order_by(Person.id)))
