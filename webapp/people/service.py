"""Verbs of the people's room: offices are set up, people come, change duties and leave."""

import re
import unicodedata
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.errors import BadInput, Conflict
from webapp.core.i18n import listed
from webapp.people import passwords
from webapp.people.models import CalendarKind, Department, Duty, Office, Person, Role


def only_office(session: Session, code: str | None = None) -> Office:
    """The office with that code, or the only one there is."""
    offices = session.scalars(select(Office).order_by(Office.code)).all()
    found = [office for office in offices if code in (None, office.code)]
    if len(found) == 1:
        return found[0]
    codes = listed(office.code for office in offices) or _("none")
    if code is not None:
        message = _("There is no office %(code)s. There are: %(codes)s.", code=code, codes=codes)
        raise BadInput("office_unknown", message)
    if not offices:
        raise BadInput(
            "office_none", _("There is no office yet. Make one: flask people office-add --help")
        )
    raise BadInput("office_which", _("Say which office: %(codes)s.", codes=codes))


def create_office(
    session: Session,
    *,
    code: str,
    name: str,
    area_path: str,
    number_prefix: str,
    time_zone: str = "Asia/Shanghai",
    calendar: CalendarKind = CalendarKind.CHINA,
    work_hours: list[list[str]] | None = None,
    is_sample: bool = False,
) -> Office:
    """Set up an office. Its code and the prefix of its case numbers are its own alone."""
    check_area_path(area_path)
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        message = _("Time zone %(zone)s is unknown; give one like Asia/Shanghai.", zone=time_zone)
        raise BadInput("time_zone", message) from error
    for column, value in ((Office.code, code), (Office.number_prefix, number_prefix)):
        if session.scalar(select(Office.id).where(column == value)) is not None:
            raise Conflict("office_exists", _("Another office has %(value)s.", value=value))
    office = Office(
        code=code,
        name=name,
        area_path=area_path,
        number_prefix=number_prefix,
        time_zone=time_zone,
        calendar=calendar,
        is_sample=is_sample,
    )
    if work_hours:
        office.work_hours = check_work_hours(work_hours)
    session.add(office)
    session.flush()
    return office


def check_area_path(path: str) -> str:
    if re.fullmatch(r"(/[^/\s]+)+/", path):
        return path
    raise BadInput(
        "area_path",
        _("Area path %(path)s: write the codes from the root, like /640121/001/.", path=path),
    )


def check_work_hours(spans: list[list[str]]) -> list[list[str]]:
    """Spans as ["08:00", "12:00"], in order, none touching the next."""
    moments = [moment for span in spans for moment in span]
    written = all(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", moment) for moment in moments)
    if written and all(len(span) == 2 for span in spans) and moments == sorted(set(moments)):
        return spans
    raise BadInput(
        "work_hours", _("Work hours %(hours)s: write them like 08:00-12:00, in order.", hours=spans)
    )


def find_department(session: Session, office: Office, code: str) -> Department:
    of_office = select(Department).where(Department.office_id == office.id)
    found = session.scalar(of_office.where(Department.code == code))
    if found is None:
        codes = session.scalars(of_office.order_by(Department.code)).all()
        raise BadInput(
            "department_unknown",
            _(
                "There is no department %(code)s. There are: %(codes)s.",
                code=code,
                codes=listed(d.code for d in codes) or _("none"),
            ),
        )
    return found


def plain_username(username: str) -> str:
    """The one way in which a user name is written: what is typed in capitals is the same."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def check_username(session: Session, username: str) -> str:
    """The user name as it will be kept, if it is well made and free."""
    username = plain_username(username)
    if not re.fullmatch(r"[\w.@-]{2,64}", username):
        raise BadInput(
            "username",
            _(
                "User name %(name)s: 2 to 64 letters, digits or . _ - @ are allowed.",
                name=username,
            ),
        )
    if session.scalar(select(Person.id).where(Person.username == username)) is not None:
        raise Conflict("username_taken", _("The user name %(name)s is taken.", name=username))
    return username


def add_person(
    session: Session,
    office: Office,
    now: datetime,
    *,
    username: str,
    name: str,
    role: Role,
    area_path: str | None = None,
    department: Department | None = None,
    password: str | None = None,
    must_change_password: bool = False,
    phone: str | None = None,
) -> Person:
    """Somebody new with their first duty; `area_path` is the office's own unless given.

    Without a password they are known to the office and cannot sign in.
    """
    person = Person(
        office=office,
        username=check_username(session, username),
        name=name.strip(),
        phone=phone or None,
        password_hash=passwords.hashed(password) if password else None,
        must_change_password=must_change_password,
        created_at=now,
    )
    add_duty(person, role, area_path, department)
    session.add(person)
    session.flush()
    return person


def add_duty(
    person: Person,
    role: Role,
    area_path: str | None = None,
    department: Department | None = None,
) -> Duty:
    """Give a person a role in an area of their office, and to department members a department."""
    office = person.office
    path = check_area_path(area_path or office.area_path)
    if not path.startswith(office.area_path):
        raise BadInput(
            "area_outside",
            _(
                "%(path)s lies outside the area of %(office)s, %(area)s.",
                path=path,
                office=office.name,
                area=office.area_path,
            ),
        )
    if (role is Role.DEPARTMENT_MEMBER) != (department is not None):
        raise BadInput(
            "department", _("A department member needs a department; other roles have none.")
        )
    duty = Duty(role=role, area_path=path, department=department)
    if any(same_duty(duty, other) for other in person.duties):
        raise Conflict("duty_exists", _("%(name)s has this duty already.", name=person.name))
    person.duties.append(duty)
    return duty


def same_duty(one: Duty, other: Duty) -> bool:
    return (one.role, one.area_path, one.department) == (
        other.role,
        other.area_path,
        other.department,
    )


def find_by_sign_in(session: Session, username: str, password: str) -> Person | None:
    """The active person with that name and password. It takes as long when there is none."""
    known = select(Person).where(Person.username == plain_username(username))
    person = session.scalar(known.where(Person.active))
    right = passwords.is_right(person.password_hash if person else None, password)
    return person if right else None


def note_sign_in(person: Person, password: str, now: datetime) -> None:
    """Remember when, and renew a hash that was made with weaker parameters."""
    person.last_sign_in_at = now
    if person.password_hash and passwords.is_outdated(person.password_hash):
        person.password_hash = passwords.hashed(password)


def check_own_password(person: Person, password: str) -> None:
    if not passwords.is_right(person.password_hash, password):
        raise BadInput("password_wrong", _("This is not your present password."))


def check_new_password(person: Person, password: str) -> None:
    if passwords.is_right(person.password_hash, password):
        raise BadInput("password_same", _("The new password is the old one."))
    passwords.check_strength(password, person.username or "", person.name)


def set_password(person: Person, password: str) -> None:
    """One's own new password, checked before; all other sessions of this person end."""
    person.password_hash = passwords.hashed(password)
    person.must_change_password = False
    sign_out_everywhere(person)


def reset_password(person: Person) -> str:
    """A password to hand over; it must be changed at the next sign-in."""
    password = passwords.make_password()
    person.password_hash = passwords.hashed(password)
    person.must_change_password = True
    sign_out_everywhere(person)
    return password


def sign_out_everywhere(person: Person) -> None:
    person.sign_in_epoch += 1


def set_active(person: Person, active: bool, by: Person) -> None:
    """Close or open an account; its sessions end, what the person did stays."""
    if person is by and not active:
        raise Conflict("own_account", _("You cannot close your own account."))
    person.active = active
    sign_out_everywhere(person)


def remove_duty(person: Person, duty: Duty, by: Person) -> None:
    if person is by and duty.role is Role.ADMINISTRATOR:
        raise Conflict("own_duty", _("You cannot take the administrator's duty from yourself."))
    if len(person.duties) == 1:
        raise Conflict("last_duty", _("A person needs at least one duty; close the account."))
    person.duties.remove(duty)


def duty_facts(duty: Duty) -> dict[str, Any]:
    """A duty as the log of changes keeps it."""
    department = duty.department.code if duty.department else None
    return {"role": duty.role.value, "area": duty.area_path, "department": department}
