"""The sample sub-district: real names and codes, illustrative boundaries, invented reports."""

import csv
import dataclasses
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.importing import Outcome, import_cases, read_mapping
from webapp.core.settings import ROOT
from webapp.people.models import Office, Person, Role
from webapp.people.service import add_person, create_office, find_department
from webapp.places.models import Area, AreaLevel
from webapp.places.service import ImportRequest, import_boundaries
from webapp.standards.service import import_departments, import_standards, import_tasks

DATA = ROOT / "data"
STREET = "640121001"
PATH = "/640121/001/"
PASSWORD = "wangge-demo-2021"  # noqa: S105 - printed at every start: the sample's people are nobody
ZONE = ZoneInfo("Asia/Shanghai")
VALID_FROM = date(2021, 1, 1)


@dataclasses.dataclass(frozen=True)
class Account:
    """A demo sign-in: who, as what, where."""

    username: str
    name: str
    role: Role
    area_path: str = PATH
    department: str | None = None


ACCOUNTS = (
    Account("admin", "演示管理员", Role.ADMINISTRATOR),
    Account("dispatcher", "演示派遣员", Role.DISPATCHER),
    Account("leader", "演示领导", Role.LEADER),
    Account("inspector", "演示督查员", Role.INSPECTOR),
    Account("utilities", "演示公用事业", Role.DEPARTMENT_MEMBER, department="640121001-D02"),
    Account("enforcement", "演示综合执法", Role.DEPARTMENT_MEMBER, department="640121001-D04"),
    Account("grid1", "演示网格员一", Role.GRID_MANAGER, f"{PATH}001/"),
    Account("grid2", "演示网格员二", Role.GRID_MANAGER, f"{PATH}002/"),
)


def load_office(session: Session, now: datetime) -> Office:
    """The office with its standards, places and people; the reports come after the commit."""
    office = create_office(
        session,
        code=STREET,
        name="团结西路街道",
        area_path=PATH,
        number_prefix="T",
        is_sample=True,
    )
    _load_places(session, office, now)
    tables = DATA / "standards"
    import_departments(session, office, tables / "departments.csv")
    import_tasks(session, office, tables / "tasks.csv", now)
    import_standards(session, office, tables / "standards.csv", now)
    _load_people(session, office, now)
    office.revision += 1
    return office


def _load_places(session: Session, office: Office, now: datetime) -> None:
    for layer, file in ((AreaLevel.COMMUNITY, "communities.shp"), (AreaLevel.GRID, "grids.shp")):
        request = ImportRequest(
            path=DATA / "shapefiles" / file,
            source_name=file,
            layer=layer,
            code_field="code",
            name_field="name",
            parent_field="parent" if layer is AreaLevel.GRID else None,
            street_code=STREET,
            street_name="团结西路街道",
            valid_from=VALID_FROM,
            illustrative=True,
        )
        import_boundaries(session, office, request, now, None)


def _load_people(session: Session, office: Office, now: datetime) -> None:
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
        if account.role is Role.GRID_MANAGER:
            _give_grids(session, person, account.area_path)


def _give_grids(session: Session, manager: Person, community_path: str) -> None:
    grids = select(Area).where(
        Area.level == AreaLevel.GRID, Area.path.startswith(community_path, autoescape=True)
    )
    for area in session.scalars(grids):
        area.manager_id = manager.id


def load_cases(session: Session, office: Office, now: datetime) -> Outcome:
    """The reports, by the same import as anybody's; it commits by itself."""
    mapping = read_mapping((DATA / "mappings" / "sample.toml").read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.csv"
        write_dated_cases(path, now)
        return import_cases(session, office, path, mapping)


def write_dated_cases(path: Path, now: datetime) -> None:
    """The sample's reports with moments instead of ages, so that they are never old."""
    with (DATA / "sample" / "cases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, [*rows[0], "created", "closed"], extrasaction="raise", lineterminator="\n"
        )
        writer.writeheader()
        for row in rows:
            created = now - timedelta(days=float(row["days_ago"]))
            ended = row["ended_after_hours"]
            closed = created + timedelta(hours=float(ended)) if ended else None
            closing = _written(closed) if closed and row["state"] == "closed" else ""
            writer.writerow({**row, "created": _written(created), "closed": closing})


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"
