"""Taking in the office's departments."""

from collections import Counter
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.i18n import listed
from webapp.people.models import Department, DepartmentKind, Office
from webapp.places.models import Area
from webapp.standards.tables import Problem, Row, read_table, refuse_problems

HEADINGS = {
    "code": ("代码", "部门代码"),
    "name": ("名称", "部门名称"),
    "kind": ("类型",),
}


def import_departments(
    session: Session, office: Office, path: Path, *, encoding: str | None = None
) -> Counter[str]:
    """Add departments or correct their names, by code; none is removed. All or nothing.

    The code of a community's department is its area's code: so 各社区 finds it. Counts new,
    changed, same.
    """
    rows = read_table(path, HEADINGS, encoding=encoding)
    known = {
        department.code: department
        for department in session.scalars(
            select(Department).where(Department.office_id == office.id)
        )
    }
    refuse_problems(_problems(rows), path.name)
    counts: Counter[str] = Counter()
    for row in rows:
        code, kind = row.cells["code"], DepartmentKind(row.cells["kind"])
        area_path = _area_path(session, office, code) if kind is DepartmentKind.COMMUNITY else None
        facts = {"name": row.cells["name"], "kind": kind, "area_path": area_path}
        department = known.get(code)
        if department is None:
            session.add(Department(office_id=office.id, code=code, **facts))
            counts["new"] += 1
            continue
        changed = {name: v for name, v in facts.items() if getattr(department, name) != v}
        counts["changed" if changed else "same"] += 1
        for name, value in changed.items():
            setattr(department, name, value)
    session.flush()
    if counts.keys() - {"same"}:
        office.revision += 1
    return counts


def _problems(rows: list[Row]) -> list[Problem]:
    problems, seen = [], set()
    for row in rows:
        code, name, kind = (row.cells[column] for column in HEADINGS)
        if not code or not name:
            problems.append(Problem(row.number, _("code or name is empty")))
        if kind not in set(DepartmentKind):
            words = _(
                "kind is “%(kind)s”; allowed are %(allowed)s",
                kind=kind,
                allowed=listed(DepartmentKind),
            )
            problems.append(Problem(row.number, words))
        if code in seen:
            problems.append(Problem(row.number, _("the code %(code)s is there twice", code=code)))
        seen.add(code)
    return problems


def _area_path(session: Session, office: Office, code: str) -> str | None:
    """The community's area in the office's tree, or where it will be once boundaries come."""
    in_office = Area.path.startswith(office.area_path, autoescape=True)
    path = session.scalar(select(Area.path).where(Area.code == code, in_office))
    root = office.area_path.replace("/", "")
    if path is None and code.startswith(root) and code != root:
        return f"{office.area_path}{code.removeprefix(root)}/"
    return path
