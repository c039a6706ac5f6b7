"""The sample's people: the demo sign-ins, and those whom the office only knows by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.people.models import Crew, Department, Duty, Office, Person, Role
from webapp.people.service import add_duty, add_person, find_department
from webapp.places.models import Area, AreaLevel

PATH = "/640121/001/"
PASSWORD = "wangge-demo-2021"  # noqa: S105 - printed at every start: the sample's people are nobody
UTILITIES, ENFORCEMENT = "640121001-D02", "640121001-D04"
CREWS = {UTILITIES: ("照明维修班", "管网抢修班"), ENFORCEMENT: ("巡查一队",)}


@dataclass(frozen=True)
class Account:
    """A demo sign-in: who, as what, where."""

    username: str
    name: str
    role: Role
    area_path: str = PATH
    department: str | None = None
    is_head: bool = False


MEMBER = Role.DEPARTMENT_MEMBER
ACCOUNTS = (
    Account("admin", "演示管理员", Role.ADMINISTRATOR),
    Account("dispatcher", "演示派遣员", Role.DISPATCHER),
    Account("leader", "演示领导", Role.LEADER),
    Account("inspector", "演示督查员", Role.INSPECTOR),
    Account("utilities", "演示公用事业", MEMBER, department=UTILITIES),
    Account("utilities-head", "演示公用事业负责人", MEMBER, department=UTILITIES, is_head=True),
    Account("enforcement", "演示综合执法", MEMBER, department=ENFORCEMENT),
    Account("grid1", "演示网格员一", Role.GRID_MANAGER, f"{PATH}001/"),
    Account("grid2", "演示网格员二", Role.GRID_MANAGER, f"{PATH}005/"),
)


def load_people(session: Session, office: Office, now: datetime) -> None:
    for account in ACCOUNTS:
        department = account.department and find_department(session, office, account.department)
        person = add_person(
            session,
            office,
            now,
            username=account.username,
            name=account.name,
            role=account.role,
            area_path=account.area_path,
            department=department or None,
            password=PASSWORD,
        )
        person.duties[0].is_head = account.is_head
    _staff_departments(session, office, now)
    _staff_communities(session, office, now)
    for code, names in CREWS.items():
        department = find_department(session, office, code)
        of_department = select(Person).join(Duty).where(Duty.department_id == department.id)
        members = list(session.scalars(of_department.where(~Duty.is_head)))
        crews = [Crew(department_id=department.id, name=name, members=members) for name in names]
        session.add_all(crews)
    session.flush()


def _staff_departments(session: Session, office: Office, now: datetime) -> None:
    """Departments without a demo sign-in have somebody, too, who answered their cases."""
    staffed = {account.department for account in ACCOUNTS}
    of_office = select(Department).where(Department.office_id == office.id)
    for department in session.scalars(of_office.order_by(Department.code)):
        if department.code not in staffed:
            person = _known(office, f"{department.name}经办人", now)
            session.add(person)
            add_duty(person, MEMBER, department=department)


def _staff_communities(session: Session, office: Office, now: datetime) -> None:
    """Every community has its grid manager; two of them can sign in."""
    with_sign_in = dict(managers(session, office))
    communities = select(Area).where(
        Area.level == AreaLevel.COMMUNITY, Area.path.startswith(PATH, autoescape=True)
    )
    for area in session.scalars(communities.order_by(Area.path)):
        manager = with_sign_in.get(area.path)
        if manager is None:
            manager = _known(office, f"{area.name}网格员", now)
            session.add(manager)
            add_duty(manager, Role.GRID_MANAGER, area.path)
        session.flush()
        _give_grids(session, manager, area.path)


def managers(session: Session, office: Office) -> Iterator[tuple[str, Person]]:
    """The grid managers, each with the path of the area they look after."""
    for person in session.scalars(select(Person).where(Person.office_id == office.id)):
        for duty in person.duties:
            if duty.role is Role.GRID_MANAGER:
                yield duty.area_path, person


def _known(office: Office, name: str, now: datetime) -> Person:
    return Person(office=office, name=name, created_at=now)


def _give_grids(session: Session, manager: Person, community_path: str) -> None:
    grids = select(Area).where(
        Area.level == AreaLevel.GRID, Area.path.startswith(community_path, autoescape=True)
    )
    for area in session.scalars(grids):
        area.manager_id = manager.id
