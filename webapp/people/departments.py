"""Verbs on departments and their crews. Closing one down belongs to the cases' room, which knows
what lies on its desk."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.errors import BadInput, Conflict, NotFound
from webapp.people.areas import path_of
from webapp.people.models import Crew, Department, DepartmentKind, Duty, Office, Person, Role

LONGEST = 64


def all_departments(session: Session, office: Office) -> list[Department]:
    """The office's departments by code, those that are closed down last."""
    of_office = select(Department).where(Department.office_id == office.id)
    return list(session.scalars(of_office.order_by(Department.active.desc(), Department.code)))


def department_of(session: Session, office: Office, department_id: int) -> Department:
    """A department of this office; of another one nobody may know."""
    department = session.get(Department, department_id)
    if department is None or department.office_id != office.id:
        raise NotFound("department", _("There is no such department here."))
    return department


def add_department(
    session: Session, office: Office, code: str, name: str, kind: DepartmentKind
) -> Department:
    """A new one. A community's committee has the code of its community's area."""
    code = free_code(session, office, code)
    area_path = path_of(session, office, code) if kind is DepartmentKind.COMMUNITY else None
    department = Department(
        office_id=office.id,
        code=code,
        name=free_name(session, office, name),
        kind=kind,
        area_path=area_path,
        active=True,
    )
    session.add(department)
    office.revision += 1
    session.flush()
    return department


def rename_department(session: Session, department: Department, name: str) -> None:
    department.name = free_name(session, department.office, name, department)
    department.office.revision += 1


def reopen_department(department: Department) -> None:
    """It can be sent cases again; what went back to the dispatcher stays there."""
    department.active = True
    department.office.revision += 1


def members_of(session: Session, department: Department) -> list[Person]:
    """Who works there, heads first."""
    duties = (
        select(Duty)
        .join(Duty.person)
        .where(
            Duty.department_id == department.id,
            Duty.role == Role.DEPARTMENT_MEMBER,
            Person.active,
        )
        .order_by(Duty.is_head.desc(), Person.name, Person.id)
    )
    return list(dict.fromkeys(duty.person for duty in session.scalars(duties)))


def set_head(duty: Duty, is_head: bool) -> None:
    """Whether this member heads the department: endorses extensions, keeps its crews."""
    if duty.role is not Role.DEPARTMENT_MEMBER:
        raise BadInput("not_a_member", _("Only a department's member can head it."))
    duty.is_head = is_head


def crews_of(session: Session, department: Department) -> list[Crew]:
    of_department = select(Crew).where(Crew.department_id == department.id)
    return list(session.scalars(of_department.order_by(Crew.active.desc(), Crew.name)))


def crew_of(session: Session, department: Department, crew_id: int) -> Crew:
    crew = session.get(Crew, crew_id)
    if crew is None or crew.department_id != department.id:
        raise NotFound("crew", _("There is no such crew in this department."))
    return crew


def add_crew(
    session: Session, department: Department, name: str, member_ids: Iterable[int]
) -> Crew:
    crew = Crew(department_id=department.id, name="", active=True)
    change_crew(session, department, crew, name, member_ids)
    session.add(crew)
    session.flush()
    return crew


def change_crew(
    session: Session, department: Department, crew: Crew, name: str, member_ids: Iterable[int]
) -> None:
    """Another name, or other people of the department."""
    name = _written(name, "name")
    named = select(Crew.id).where(
        Crew.department_id == department.id, Crew.name == name, Crew.id != crew.id
    )
    with session.no_autoflush:
        if session.scalar(named) is not None:
            message = _("This department has a crew %(name)s already.", name=name)
            raise Conflict("crew_exists", message, field="name")
        there = {person.id: person for person in members_of(session, department)}
    if unknown := set(member_ids) - there.keys():
        raise BadInput(
            "member",
            _("Choose people of this department; %(count)s are not.", count=len(unknown)),
            field="members",
        )
    crew.name = name
    crew.members = [there[person_id] for person_id in dict.fromkeys(member_ids)]


def free_code(session: Session, office: Office, code: str) -> str:
    """The code as it will be kept, if it is well made and free."""
    code = _written(code, "code")
    taken = select(Department.id).where(Department.office_id == office.id, Department.code == code)
    if session.scalar(taken) is not None:
        raise Conflict("code_taken", _("The code %(code)s is taken.", code=code), field="code")
    return code


def free_name(session: Session, office: Office, name: str, own: Department | None = None) -> str:
    """The name as it will be kept, if no other department that works has it."""
    name = _written(name, "name")
    named = select(Department.id).where(
        Department.office_id == office.id, Department.name == name, Department.active
    )
    if own is not None:
        named = named.where(Department.id != own.id)
    if session.scalar(named) is not None:
        message = _("Another department is called %(name)s.", name=name)
        raise Conflict("name_taken", message, field="name")
    return name


def _written(words: str, field: str) -> str:
    """Typed words without space around them, which are there and not too long."""
    words = " ".join(words.replace("\x00", "").split())
    if not 0 < len(words) <= LONGEST:
        raise BadInput(field, _("Write 1 to %(most)d characters.", most=LONGEST), field=field)
    return words
